"""Argon2id: the only place where passwords meet their hashes.

Each call takes some twenty milliseconds of a processor and 19 MiB. Under gevent it runs in the hub's native
threads, where it lets go of the interpreter; never inside a transaction, where it would keep others waiting.
"""

import secrets
import threading
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from forum.kernel.apart import apart

Result = TypeVar("Result")

# OWASP's first choice for Argon2id where memory is short: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# As many at once as a small machine has cores: a rush of sign-ins waits instead of taking all memory.
_turns = threading.BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """The password as it is stored."""
    return _apart(lambda: _hasher.hash(password))


def verify_password(hashed: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed; without an account, the same work for nothing."""
    against = hashed or _nobody()
    return _apart(lambda: _matches(against, password)) and hashed is not None


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))


def _apart(work: Callable[[], Result]) -> Result:
    with _turns:
        return apart(work)


_nobody()
