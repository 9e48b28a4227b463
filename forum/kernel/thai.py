"""The one door to pythainlp, and what needs no dictionary: word borders, order, digits and spelling of Thai.

pythainlp is imported by the first call of `words`, which takes about a second and 60 MB: call it in a worker.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

LONGEST_PIECE = 1000
_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_PIECES = re.compile(rf"\s+|[^\s]{{1,{LONGEST_PIECE}}}")
_LEAD_AND_CONSONANT = re.compile("([เ-ไ])([ก-ฮ])")
_TONES = re.compile("[็-์]")
_THAI_RUN = re.compile("[ก-ฺเ-๎]+")
_OTHERS = re.compile("[^a-z0-9]+")


def fold_digits(text: str) -> str:
    """Thai digits as 0-9, everything else as it was."""
    return text.translate(_DIGITS)


def words(text: str, *, spaces: bool = False) -> list[str]:
    """The words of a text by dictionary (newmm), without white space unless `spaces` asks for it.

    With `spaces` the words joined are the text again. The text is cut at white space and, where none comes,
    after 1,000 characters, so that time grows with the length and not faster.
    """
    cut = _segmenter()
    found: list[str] = []
    for piece in _PIECES.findall(text):
        if not piece.isspace():
            found.extend(cut(piece))
        elif spaces:
            found.append(piece)
    return found


def sort_key(text: str) -> str:
    """A key that puts Thai in dictionary order under plain comparison (in SQL: `COLLATE "C"` or `BINARY`).

    Leading vowels count after their consonant, tone marks and ์ ็ only between words otherwise equal, and case
    only where nothing else differs.
    """
    folded = unicodedata.normalize("NFC", fold_digits(text)).casefold()
    letters = _LEAD_AND_CONSONANT.sub(r"\2\1", _TONES.sub("", folded))
    return "\x01".join((letters, _tones(folded), text))


def _tones(text: str) -> str:
    """Where the tone marks stand and which they are, so that the earliest difference decides."""
    return re.sub("[^็-์]", " ", text).rstrip()


@cache
def _segmenter() -> Callable[[str], list[str]]:
    from pythainlp.tokenize import word_tokenize

    return lambda text: word_tokenize(text, engine="newmm-safe", keep_whitespace=True, join_broken_num=False)


def ascii_name(text: str) -> str:
    """A text in a-z, 0-9 and spaces: Thai as it sounds by the Royal Institute's rules, Latin letters kept.

    For addresses, not for reading aloud: without the dictionary, which this never loads, a vowel that is not
    written is sometimes lost. What no rule spells is left out.
    """
    spelt = _THAI_RUN.sub(lambda run: _speller()(run[0]), fold_digits(unicodedata.normalize("NFC", text)))
    plain = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode().lower()
    return " ".join(_OTHERS.sub(" ", plain).split())


@cache
def _speller() -> Callable[[str], str]:
    # The public `romanize` first cuts its text into words, and for that loads the dictionary: 0.4 s and 75 MB.
    from pythainlp.transliterate.royin import _romanize

    return lambda run: str(_romanize(run))
