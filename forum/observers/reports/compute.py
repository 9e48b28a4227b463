"""What a report's pages need of plain text: numerals of either kind. Plain Python."""

import re

_THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
_PIECES = re.compile(r"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>|&#?\w+;|[!-%'-;=?-~]+", re.A)
_LATIN = re.compile("[A-Za-z]")


def thai_numerals(html: str) -> str:
    """HTML with Thai numerals in what is read; tags, entities and what has Latin letters in it stay as they were.

    An address, "PM2.5" or "A4" in Thai numerals could be neither typed nor found. The HTML must be whole: no tag
    may be cut in two.
    """
    return _PIECES.sub(_turned, html)


def _turned(piece: re.Match[str]) -> str:
    said = piece[0]
    return said if said[0] in "<&" or _LATIN.search(said) else said.translate(_THAI)
