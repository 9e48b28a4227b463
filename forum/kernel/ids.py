"""Opaque identifiers for URLs and JSON, and the codes that people write down: receipts, and those that open once."""

import re
import secrets
from collections.abc import Callable

# No 0/o, 1/i/l and no u: read aloud or copied by hand they stay themselves.
_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 10
_SHORT = 5

# Crockford's base 32: 8 symbols are 40 bits; I, L and O are read back as 1, 1 and 0.
_RECEIPT_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RECEIPT_PREFIX = "สล"
_READ_AS = str.maketrans("ILO๐๑๒๓๔๕๖๗๘๙", "1100123456789")


def public_id(choose: Callable[[str], str] = secrets.choice) -> str:
    """A fresh id for URLs: 10 symbols of 30, about 49 bits; never reused, says nothing of order.

    `choose` picks a symbol; demo data brings its own, so that its links stay the same.
    """
    return "".join(choose(_ALPHABET) for _ in range(_LENGTH))


def is_public_id(text: str) -> bool:
    """Whether the text has the shape of a public id, asked before the database is."""
    return len(text) == _LENGTH and all(c in _ALPHABET for c in text)


def short_code(choose: Callable[[str], str] = secrets.choice) -> str:
    """A fresh code for an address that is printed and typed by hand: 5 symbols of 30, 24 million of them.

    Whoever keeps it asks first whether it is taken.
    """
    return "".join(choose(_ALPHABET) for _ in range(_SHORT))


def token() -> str:
    """A secret for sessions, API tokens and one-time keys: 256 bits, URL-safe."""
    return secrets.token_urlsafe(32)


def receipt_symbols() -> str:
    """The 8 symbols of a new receipt code, without prefix and dashes."""
    return "".join(secrets.choice(_RECEIPT_ALPHABET) for _ in range(8))


def receipt_text(symbols: str) -> str:
    """How a receipt code is shown to its owner: สล-XXXX-XXXX."""
    return f"{_RECEIPT_PREFIX}-{symbols[:4]}-{symbols[4:]}"


def read_receipt(typed: str) -> str | None:
    """The 8 symbols of a code as a person typed it, or None when it cannot be one.

    Prefix, dashes, spaces, case, Thai digits and the look-alikes I, L, O do not matter.
    """
    bare = _without_marks(typed).removeprefix(_RECEIPT_PREFIX)
    return _symbols(re.sub(r"^SL(?=.{8}$)", "", bare.upper()), 8)


def one_time_symbols() -> str:
    """The 12 symbols of a new code that is printed and opens something once: 60 bits."""
    return "".join(secrets.choice(_RECEIPT_ALPHABET) for _ in range(12))


def one_time_text(symbols: str) -> str:
    """How a one-time code is printed: XXXX-XXXX-XXXX."""
    return "-".join(symbols[at : at + 4] for at in range(0, 12, 4))


def read_one_time(typed: str) -> str | None:
    """The 12 symbols of a code as a person typed it, as forgiving as with a receipt; None when it cannot be one."""
    return _symbols(_without_marks(typed).upper(), 12)


def _without_marks(typed: str) -> str:
    return re.sub(r"[\s\-–—_.]+", "", typed)


def _symbols(bare: str, length: int) -> str | None:
    read = bare.translate(_READ_AS)
    good = len(read) == length and all(c in _RECEIPT_ALPHABET for c in read)
    return read if good else None
