"""Structured logs with a request id and no personal data, and the access log that the law asks operators to keep."""

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog

from forum.kernel import ids

ACCESS_DAYS = 100
"""Computer Crime Act B.E. 2550 s. 26: traffic data at least 90 days."""

request_id: ContextVar[str] = ContextVar("request_id", default="")
_PLAIN = "@:+,;=~()!$&*'"
_LONGEST = 500
_WORDS = {"comments", "feed.atom", "password", "progress", "receipts", "withdraw"}
"""Words of our own paths that would pass for a code."""
_EXTRA = ("method", "route", "status", "ms")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_access = logging.getLogger("sala.access")
_requests = logging.getLogger("sala.requests")


def configure(level: str) -> None:
    """Sends every log line of this process to standard error as one JSON object."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
        structlog.stdlib.ExtraAdder(allow=_EXTRA),
    ]
    last = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _without_words]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[*last, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These write what people sent.
    for name in ("engineio", "socketio", "sqlalchemy.engine", "PIL"):
        logging.getLogger(name).setLevel("WARNING")


def open_access_log(folder: Path) -> None:
    """Opens the access log, a file a day kept 100 days and readable by the operator alone."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    handler = TimedRotatingFileHandler(folder / "access.log", when="midnight", backupCount=ACCESS_DAYS, utc=True)
    handler.setFormatter(logging.Formatter("%(message)s"))
    (folder / "access.log").chmod(0o600)
    _access.handlers[:] = [handler]
    _access.propagate = False
    _access.setLevel("INFO")


def answered(method: str, route: str | None, status: int, seconds: float) -> None:
    """One line for each request: the template of its path, and nothing of what was in it."""
    said = {
        "method": method if method in _METHODS else "other",
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
    }
    _requests.info("answered", extra=said)


def access(address: str, method: str, path: str, status: int) -> None:
    """One line of the access log; codes of receipts and invitations are left out."""
    if _access.handlers:
        _access.info("%s %s %s %s %s", datetime.now(UTC).isoformat(), address, method, without_codes(path), status)


def without_codes(path: str) -> str:
    """The path on one line, with codes blotted out wherever somebody put one: a log must open nothing."""
    parts = _as_text(path).split("/")
    before = ["", *parts]
    shown = ["…" if _is_code(part, before[n]) else quote(part, safe=_PLAIN) for n, part in enumerate(parts)]
    return "/".join(shown)[:_LONGEST]


def _as_text(path: str) -> str:
    """WSGI hands a path's bytes over as if they were Latin-1."""
    try:
        return path.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return path


def _is_code(part: str, before: str) -> bool:
    if before.lower() in ("r", "receipts", "join"):
        return bool(part)
    looks_like_one = ids.read_receipt(part) is not None or ids.read_one_time(part) is not None
    return looks_like_one and part not in _WORDS and before not in ("c", "a", "consultations")


@contextmanager
def under_request(number: str) -> Iterator[None]:
    """Log lines inside carry this request id."""
    token = request_id.set(number)
    try:
        yield
    finally:
        request_id.reset(token)


def _add_request_id(_logger: Any, _name: str, line: Any) -> Any:
    if number := request_id.get():
        line["request_id"] = number
    return line


def _without_words(_logger: Any, _name: str, line: Any) -> Any:
    """An error as its types and places. Its words are left out: they quote what people sent, as a database does."""
    error = line.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple) and error[1] is not None:
        line["exception"] = [_told(one) for one in _chain(error[1])]
    return line


def _chain(error: BaseException) -> Iterator[BaseException]:
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _told(error: BaseException) -> dict[str, Any]:
    places = traceback.extract_tb(error.__traceback__)
    kind = type(error)
    return {
        "type": f"{kind.__module__}.{kind.__qualname__}",
        "at": [f"{place.filename}:{place.lineno} {place.name}" for place in places],
    }
