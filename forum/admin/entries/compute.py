"""What in a text looks like somebody's number or address. Plain Python."""

import re

from forum.kernel.thai import fold_digits

_PHONE = re.compile(r"(?<![0-9])(?:\+?66|0)(?:[\s-]?[0-9]){8,9}(?![0-9])")
_CITIZEN = re.compile(r"(?<![0-9])[0-9](?:[\s-]?[0-9]){12}(?![0-9])")
# Looked at from the @ backwards: from the front every letter of a long text would begin a search of its own.
_MAIL = re.compile(r"(?<=[\w+-])@[\w-]{1,60}\.\w")


def tells_a_number(text: str) -> bool:
    """Whether a text seems to hold a telephone number, a citizen's number or a mail address; gentle, never sure."""
    said = fold_digits(text)
    return any(pattern.search(said) for pattern in (_PHONE, _CITIZEN, _MAIL))
