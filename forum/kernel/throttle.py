"""Limits by name: how often one caller may do a thing. Counted in Redis where there is one, else in this process."""

import logging
import time
from typing import cast

from limits import RateLimitItem, WindowStats, parse
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from forum.kernel.errors import TooMany

log = logging.getLogger(__name__)

DEFAULTS = {
    "posts": "30/minute",
    "guest_posts": "10/minute",
    "site_guest_posts": "300/minute",
    "threads": "10/hour",
    "sign_in": "10/5 minute",
    "sign_in_account": "20/hour",
    "sign_up": "10/hour",
    "codes": "10/10 minute",
    "mails": "5/hour",
    "receipts": "20/hour",
    "site_receipts": "3000/hour",
    "join_codes": "20/hour",
    "site_join_codes": "3000/hour",
    "invitations": "30/hour",
    "reactions": "60/minute",
    "api": "600/minute",
}
_RETRY_REDIS_AFTER = 10.0


class Throttle:
    """Counts hits by limit and caller; goes on by itself in memory while Redis is away."""

    def __init__(self, limits: dict[str, str], redis_url: str | None = None):
        self.limits: dict[str, RateLimitItem | None] = {
            name: None if rate == "off" else parse(rate) for name, rate in (DEFAULTS | limits).items()
        }
        self._memory = MovingWindowRateLimiter(MemoryStorage())
        self._shared = MovingWindowRateLimiter(_redis(redis_url)) if redis_url else None
        self._shared_again_at = 0.0

    def hit(self, name: str, *caller: str) -> None:
        """Counts one more; raises `TooMany` when the limit is passed. An unknown limit is a KeyError."""
        limit = self.limits[name]
        if limit is None:
            return
        key = (name, *caller)
        if not self._hit(limit, key):
            raise TooMany(self._wait(limit, key))

    def check(self, name: str, *caller: str) -> None:
        """Counts nothing; raises `TooMany` when the limit is used up."""
        limit = self.limits[name]
        key = (name, *caller)
        if limit is not None and self._stats(limit, key).remaining <= 0:
            raise TooMany(self._wait(limit, key))

    def is_flooded(self, name: str, *caller: str) -> bool:
        """Whether more than half of a limit is used up, without counting."""
        limit = self.limits[name]
        if limit is None:
            return False
        return self._stats(limit, (name, *caller)).remaining * 2 < limit.amount

    def _stats(self, limit: RateLimitItem, key: tuple[str, ...]) -> WindowStats:
        """What is left of a limit, from where it is counted now."""
        if self._shared is not None and time.monotonic() >= self._shared_again_at:
            try:
                return self._shared.get_window_stats(limit, *key)
            except Exception:  # noqa: BLE001  any failure of Redis means counting here
                self._shared_again_at = time.monotonic() + _RETRY_REDIS_AFTER
        return self._memory.get_window_stats(limit, *key)

    def _hit(self, limit: RateLimitItem, key: tuple[str, ...]) -> bool:
        if self._shared is not None and time.monotonic() >= self._shared_again_at:
            try:
                return self._shared.hit(limit, *key)
            except Exception:  # noqa: BLE001  any failure of Redis means counting here
                log.warning("limits are counted in this process while Redis is away")
                self._shared_again_at = time.monotonic() + _RETRY_REDIS_AFTER
        return self._memory.hit(limit, *key)

    def _wait(self, limit: RateLimitItem, key: tuple[str, ...]) -> int:
        wait = self._stats(limit, key).reset_time - time.time()
        return max(1, min(int(wait) + 1, limit.get_expiry()))


def _redis(url: str) -> Storage:
    return cast(Storage, storage_from_string(url, socket_connect_timeout=0.5, socket_timeout=0.5))


_throttle = Throttle({})


def configure(limits: dict[str, str], redis_url: str | None = None) -> None:
    """Sets this process's limits; raises ValueError on a rate that cannot be read."""
    global _throttle
    _throttle = Throttle(limits, redis_url)


def hit(name: str, *caller: str) -> None:
    """Counts one more of `name` by this caller; raises `TooMany` when the limit is passed."""
    _throttle.hit(name, *caller)


def check(name: str, *caller: str) -> None:
    """Counts nothing; raises `TooMany` when this caller's limit of `name` is used up."""
    _throttle.check(name, *caller)


def is_flooded(name: str, *caller: str) -> bool:
    """Whether more than half of a limit is used up."""
    return _throttle.is_flooded(name, *caller)
