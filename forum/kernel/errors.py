"""What services raise. The app turns each into a page or `application/problem+json`, once."""

from collections.abc import Mapping
from typing import Any

from forum.kernel.i18n import Text


class AppError(Exception):
    """An answer that is not a success; `status` is its HTTP status."""

    status = 500


class NotFound(AppError):
    """Nothing here under this name, or nothing this reader may know of."""

    status = 404


class Gone(AppError):
    """It was here and is not any more; `reason` is public."""

    status = 410

    def __init__(self, reason: Text | str):
        super().__init__(str(reason))
        self.reason = reason


class Denied(AppError):
    """Not allowed; `reason` is a key of the permission table, `sign_in` whether signing in would help."""

    status = 403

    def __init__(self, reason: str, *, sign_in: bool = False):
        super().__init__(reason)
        self.reason = reason
        self.sign_in = sign_in
        if sign_in:
            self.status = 401


class Invalid(AppError):
    """What was sent cannot be taken; `errors` maps a field's name to a message in the reader's language."""

    status = 422

    def __init__(self, errors: Mapping[str, Text | str]):
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


class Conflict(AppError):
    """Somebody else changed it first; `current` is the present state for the reader to compare."""

    status = 409

    def __init__(self, message: Text | str, *, current: Any = None, retry_after: int | None = None):
        super().__init__(str(message))
        self.message = message
        self.current = current
        self.retry_after = retry_after


class Unreadable(AppError):
    """Holds what cannot be text."""

    status = 400


class TooLarge(AppError):
    """The body is larger than the place it was sent to takes."""

    status = 413


class TooMany(AppError):
    """A limit is reached; `retry_after` is in seconds."""

    status = 429

    def __init__(self, retry_after: int):
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class Busy(AppError):
    """The database could not take the write in time; nothing was changed."""

    status = 503
    retry_after = 2
