"""Live, without sockets: whose origin is ours, what a socket shows, how much it may say."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

_LOCAL = ("127.0.0.1", "localhost", "::1")
BURST = 120.0
A_SECOND = 10.0


def is_our_origin(origin: str, public_url: str, host: str) -> bool:
    """Whether a page from this origin may speak to us: PUBLIC_URL's alone.

    On one's own machine, where a site has several names, a page may speak to the host it came from.
    """
    ours = urlsplit(public_url)
    asked = urlsplit(origin)
    if (asked.scheme, asked.netloc) == (ours.scheme, ours.netloc):
        return True
    if ours.hostname not in _LOCAL or asked.hostname not in _LOCAL:
        return False
    return asked.scheme == ours.scheme and asked.netloc == host


@dataclass(frozen=True)
class Proof:
    """What a socket showed at connect: a session's secret (`cookie`) or an API token (`token`)."""

    kind: str
    secret: str = field(repr=False)


class Allowance:
    """How many messages one socket may send: a burst, then so many a second."""

    def __init__(self, now: float):
        self._left = BURST
        self._at = now

    def take(self, now: float) -> bool:
        """Takes one; False when nothing is left."""
        self._left = min(BURST, self._left + (now - self._at) * A_SECOND)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
