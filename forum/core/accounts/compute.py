"""Names, addresses, codes and passwords as plain text questions."""

import unicodedata
from itertools import pairwise

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
_FEWEST_LETTERS = 4
_SHORTEST_HINT = 4

# The commonest of ten characters and more, and what hands do on a Thai or Latin keyboard when asked for ten.
_REFUSED = frozenset({
    "password12", "password123", "password1234", "password12345", "password123456", "passw0rd123",
    "p@ssw0rd123", "p@ssword123", "qwertyuiop", "qwertyuiop123", "qwerty12345", "qwerty123456",
    "1q2w3e4r5t", "1q2w3e4r5t6y", "q1w2e3r4t5", "1qaz2wsx3edc", "zaq12wsxcde3", "asdfghjkl;", "asdfghjkl1",
    "asdfghjkl123", "zxcvbnm123", "abcd123456", "abc1234567", "abcdefghij", "aa12345678", "a123456789",
    "123456789a", "123456789q", "987654321a", "iloveyou12", "iloveyou123", "iloveyouforever", "welcome123",
    "welcome1234", "admin12345", "admin123456", "administrator", "letmein123", "football123", "baseball123",
    "princess123", "sunshine123", "superman123", "monkey12345", "dragon12345", "thailand123",
    "thailand1234", "bangkok123", "bangkok1234", "sawasdee123", "sawatdee123", "sala123456", "salasalasala",
    "changeme123", "ๆไำพะัีรนย", "ๆไำพะัีรนยบล", "ฟหกดเ้่าสว", "ฟหกดฟหกดฟหกด", "ผปแอิืทมใฝ", "รหัสผ่าน123",
    "รหัสผ่านรหัสผ่าน", "สวัสดีครับ", "สวัสดีค่ะสวัสดีค่ะ", "ประเทศไทย123", "กขฃคฅฆงจฉช", "กขคงจฉชซฌญ",
    "หนึ่งสองสามสี่ห้า",
})  # fmt: skip

_THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")


def name_key(name: str) -> str:
    """What two pen names are compared by: no case, width, spaces, punctuation, nothing unseen."""
    key = unicodedata.normalize("NFKC", name)
    # Folding and leaving out let marks meet letters anew; the key must be the same as its own key.
    while (shorter := _fold(key)) != key:
        key = shorter
    return key


def _fold(name: str) -> str:
    seen = [c for c in name.casefold() if not c.isspace() and unicodedata.category(c) != "Cf"]
    words = [c for c in seen if unicodedata.category(c)[0] not in "PS"]
    return unicodedata.normalize("NFKC", "".join(words or seen))


def is_easy_password(password: str, known: tuple[str, ...] = ()) -> bool:
    """Whether somebody who knows these words about a person would find the password among the first tries."""
    plain = password.casefold()
    if plain in _REFUSED or len(set(plain)) < _FEWEST_LETTERS or _is_run(plain):
        return True
    bare = name_key(plain)
    for word in (name_key(w) for w in known if w):
        if len(word) >= _SHORTEST_HINT and not bare.replace(word, "").strip("0123456789"):
            return True
    return False


def _is_run(text: str) -> bool:
    """Whether it counts up or down all the way: 1234567890, jihgfedcba."""
    steps = {(ord(b) - ord(a)) % 10 if a.isdigit() and b.isdigit() else ord(b) - ord(a) for a, b in pairwise(text)}
    return steps in ({1}, {-1}, {9})


def digits_of(typed: str) -> str:
    """A code as a person typed it: Thai digits are digits, spaces and dashes nothing."""
    return "".join(c for c in typed.translate(_THAI_DIGITS) if c.isascii() and c.isdigit())


def masked_address(email: str) -> str:
    """An address as its owner knows it again and nobody else learns it: n…k@example.org."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}…{local[-1:]}@{domain}"


def numbered(name: str, number: int, longest: int) -> str:
    """The name with a number behind it, no longer than a name may be."""
    tail = f" {number}"
    return name[: longest - len(tail)].rstrip() + tail
