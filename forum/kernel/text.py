"""What people write, made storable, measurable and harmless to the text around it; nothing is judged here."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

JOINERS = "\u200c\u200d"
MOST_MARKS = 8
_DROPPED = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160), 0xAD, 0x200B, 0x2060, 0xFEFF])
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_LEADING_VOWELS = frozenset("เแโใไ")
_OPENERS = {
    **dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c"),
    **dict.fromkeys("\u2066\u2067\u2068", "\u2069"),
}
_EMBED_END = "\u202c"
_LINE_ENDS = "\n\u2029"
_BIDI = re.compile(f"[{_LINE_ENDS}\u202a-\u202e\u2066-\u2069]")
_IDLE_AT_SPACE = re.compile(rf"(?<!\S)[{JOINERS}]+|[{JOINERS}]+(?!\S)")


class Unstorable(ValueError):
    """The text holds half a surrogate pair: it is no Unicode text and no database would take it."""


def normalise(raw: str) -> str:
    r"""The stated normalisation: all that is changed in a text between its author and the database.

    In this order, and nothing else (spaces, empty lines, bidi marks and bidi controls stay as written):

    1. a lone surrogate (U+D800-U+DFFF) refuses the whole text;
    2. CR LF and a CR alone become LF;
    3. removed: U+200B, U+2060, U+FEFF, U+00AD and every control (category Cc) but LF and TAB;
    4. U+200C and U+200D stay only between two non-Thai characters. They are removed at either edge of the
       text and beside Thai (U+0E00-U+0E7F), where "beside" looks past other joiners and, to the left, past
       combining marks (canonical class above 0) to the letter that carries them;
    5. NFC.

    Applying it twice changes nothing more, so a client that does the same can compare byte for byte.

    Raises:
        Unstorable: for a lone surrogate.
    """
    if _has_surrogate(raw):
        raise Unstorable("surrogate")
    text = raw.replace("\r\n", "\n").replace("\r", "\n").translate(_DROPPED)
    if any(joiner in text for joiner in JOINERS):
        text = _without_idle_joiners(text)
    return unicodedata.normalize("NFC", text)


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def is_thai(char: str) -> bool:
    """Whether one character belongs to the Thai block; false for none at all."""
    return "\u0e00" <= char <= "\u0e7f"


def _without_idle_joiners(text: str) -> str:
    carried = list(_carried(text))
    kept = []
    for here, letter in enumerate(carried):
        following = carried[here + 1] if here + 1 < len(carried) else ""
        kept.append(_settle(letter, following))
    return "".join(kept)


def _carried(text: str) -> Iterator[str]:
    """Cuts before each character that starts anew: marks and joiners stay with the letter before them."""
    start = 0
    for here, char in enumerate(text):
        if here and char not in JOINERS and not unicodedata.combining(char):
            yield text[start:here]
            start = here
    yield text[start:]


def _settle(letter: str, following: str) -> str:
    """One letter with what it carries, less the joiners that have Thai or an edge of the text beside them."""
    if any(is_thai(char) for char in letter):
        return letter.translate(dict.fromkeys(map(ord, JOINERS)))
    if not following or is_thai(following[0]):
        letter = letter.rstrip(JOINERS)
    return letter.lstrip(JOINERS)


def one_line(raw: str) -> str:
    """A title or a name in one line: normalised, every run of white space one space, none at the edges.

    Joiners beside a space join nothing and go too, so that no name is longer than it looks.

    Raises:
        Unstorable: for a lone surrogate.
    """
    return " ".join(_IDLE_AT_SPACE.sub("", normalise(raw)).split())


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing at all: only spaces, marks, format characters and blank fillers."""
    return all(
        char.isspace() or char in _INVISIBLE or unicodedata.category(char) in {"Cf", "Cc", "Mn", "Me"} for char in text
    )


def too_many_marks(text: str) -> bool:
    """Whether some letter carries more than eight combining marks (Mn, Me; Thai vowels and tones count).

    Format characters between the marks are looked past: they keep no pile from growing over the next line.
    """
    pile = 0
    for char in text:
        category = unicodedata.category(char)
        if category in {"Mn", "Me"}:
            pile += 1
            if pile > MOST_MARKS:
                return True
        elif category != "Cf":
            pile = 0
    return False


def graphemes(text: str) -> Iterator[str]:
    """What a reader takes for one letter each: never cut a text anywhere else.

    Close to Unicode's extended clusters, and for Thai a little wider: a leading vowel (เแโใไ) stays with its
    consonant, and so does ำ, because neither half means anything alone.
    """
    start = 0
    for here in range(1, len(text)):
        if _is_border(text, start, here):
            yield text[start:here]
            start = here
    if text:
        yield text[start:]


def _is_border(text: str, start: int, here: int) -> bool:
    before, after = text[here - 1], text[here]
    if before == "\r" and after == "\n":
        return False
    if before.isspace() or after.isspace():
        return True
    if _extends(after) or before == "\u200d":
        return False
    if before in _LEADING_VOWELS and is_thai(after):
        return False
    if _is_flag_half(before) and _is_flag_half(after):
        return (here - start) % 2 == 0
    return True


def _extends(char: str) -> bool:
    return (
        char in "\u0e33\u200c\u200d"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
        or unicodedata.category(char).startswith("M")
    )


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def excerpt(text: str, limit: int) -> str:
    """The text in one line of at most `limit` characters, cut between letters and closed with … when cut.

    Bidi controls are balanced, so that it can stand in a title, a description or the subject of a mail.
    """
    line = balanced(" ".join(text.split()))
    if len(line) <= limit:
        return line
    kept = ""
    for letter in graphemes(line):
        if len(balanced(kept + letter)) >= limit:
            break
        kept += letter
    return balanced(kept.rstrip()) + "…"


@lru_cache(maxsize=2048)
def avatar_letter(name: str) -> str:
    """The letter that stands for a person or an office: the name's first, a Thai one with its vowel."""
    shown = [letter for letter in graphemes(name) if not is_blank(letter)]
    for letter in shown:
        if any(char.isalnum() for char in letter):
            return letter.upper()
    return shown[0] if shown else "?"


class BidiScope:
    """The bidi controls still open in one line; for whoever builds a line piece by piece.

    A surplus closing control would end the isolation that the page put around a text, and an open one would
    reach into what follows; so `admit` leaves out closers that close nothing, `close` gives what is missing.
    """

    def __init__(self) -> None:
        self._open: list[str] = []

    def admit(self, text: str) -> str:
        """The piece as it may be shown here; a line end inside it closes what the line opened."""
        return _BIDI.sub(lambda found: self._settle(found[0]), text)

    def _settle(self, control: str) -> str:
        if control in _LINE_ENDS:
            return self.close() + control
        if control in _OPENERS:
            self._open.append(_OPENERS[control])
            return control
        return control if self._closes(control) else ""

    def _closes(self, control: str) -> bool:
        if control == _EMBED_END:
            return self._open[-1:] == [control] and bool(self._open.pop())
        if control not in self._open:
            return False
        while self._open.pop() != control:
            pass
        return True

    def close(self) -> str:
        """The closing controls still missing, innermost first; the scope is empty afterwards."""
        missing = "".join(reversed(self._open))
        self._open.clear()
        return missing


def balanced(text: str) -> str:
    """The text for display: each line closes the bidi controls it opened, and no others."""
    scope = BidiScope()
    return scope.admit(text) + scope.close()


def isolated(text: str) -> str:
    """The text between U+2068 and U+2069, for a line that is no HTML: a subject, a picture, a log."""
    return f"\u2068{balanced(text)}\u2069"
