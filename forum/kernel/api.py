"""What JSON endpoints of every feature share: bodies, answers, problems, lists, and how they are described."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

import msgspec
from flask import Response, request
from sqlalchemy.orm import Session

from forum.kernel import csrf, idempotency, web
from forum.kernel.db import transaction
from forum.kernel.errors import Denied, Invalid
from forum.kernel.i18n import T, Text

Struct = TypeVar("Struct")
View = TypeVar("View", bound=Callable[..., Any])

_PATH = re.compile(r" - at `\$?\.?(?P<path>[^`]*)`$")
_MISSING = re.compile(r"Object missing required field `(?P<name>[^`]+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>[^`]+)`")
MAX_LIMIT = 100


@dataclass(frozen=True)
class Described:
    """What the OpenAPI document says of one endpoint."""

    summary: str
    body: Any = None
    returns: Any = None
    status: int = 200
    auth: str = "none"
    idempotent: bool = False
    query: tuple[tuple[str, Any, str], ...] = ()
    errors: tuple[int, ...] = ()
    also: tuple[int, ...] = ()


def describe(summary: str, **said: Any) -> Callable[[View], View]:
    """Says what an endpoint takes and gives. `auth` is `none`, `optional` or `required`."""

    def keep(view: View) -> View:
        @wraps(view)
        def call(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs)

        call.described = Described(summary, **said)  # type: ignore[attr-defined]
        return cast(View, call)

    return keep


def body(shape: type[Struct]) -> Struct:
    """The request's JSON body as a msgspec struct; `Invalid` names the field that does not fit."""
    if request.mimetype != "application/json":
        raise Invalid({"": T("ต้องส่งเป็น JSON (Content-Type: application/json)")})
    try:
        return msgspec.json.decode(request.get_data(), type=shape)
    except msgspec.ValidationError as error:
        raise Invalid(_field_error(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid({"": T("อ่าน JSON ที่ส่งมาไม่ได้")}) from error


def _field_error(message: str) -> dict[str, Text | str]:
    at = _PATH.search(message)
    where = re.sub(r"\[(\w*)\]", r".\1", at["path"]).strip(".") if at else ""
    if missing := _MISSING.search(message):
        return {f"{where}.{missing['name']}".strip("."): T("ต้องมีช่องนี้")}
    if unknown := _UNKNOWN.search(message):
        return {f"{where}.{unknown['name']}".strip("."): T("ไม่รู้จักช่องนี้")}
    return {where: T("ข้อมูลช่องนี้ไม่ถูกชนิดหรือยาวเกินไป")}


def answer(payload: Any, status: int = 200) -> Response:
    """A JSON answer; never kept by caches in between."""
    response = Response(msgspec.json.encode(payload), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def no_content() -> Response:
    """204."""
    return Response(status=204)


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """An error as RFC 9457 `application/problem+json`."""
    said = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return Response(msgspec.json.encode(said), status, mimetype="application/problem+json")


def check_caller() -> None:
    """A write by cookie needs the form token in `X-CSRFToken`; one by token or by nobody does not."""
    if request.method in ("GET", "HEAD", "OPTIONS") or "Authorization" in request.headers:
        return
    web.check_origin(request)
    binding = web.sign_in_digest()
    if binding and not csrf.check(binding, request.headers.get("X-CSRFToken", "")):
        raise Denied("form_token")


def limit() -> int:
    """`?limit=` of a list: 1 to 100, 20 when not said."""
    raw = request.args.get("limit", "20")
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw[:6]) <= MAX_LIMIT:
        raise Invalid({"limit": T("จำนวนต่อหน้าต้องเป็น 1 ถึง %(n)s", n=MAX_LIMIT)})
    return int(raw)


def once(work: Callable[[Session], tuple[int, str, Any]], again: Callable[[Session, str], Any]) -> tuple[Any, int]:
    """Does the work in one transaction, once per `Idempotency-Key` of this caller; what it returns `answer` takes.

    `work(tx)` gives status, the id of what it made, and the payload; `again(tx, id)` makes the payload of a repeat.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        with transaction() as tx:
            status, _made, payload = work(tx)
            return payload, status
    caller = web.key_owner(key)
    with idempotency.first_awaited(caller, key), transaction() as tx:
        return _once(tx, caller, key, work, again)


def _once(
    tx: Session,
    caller: str,
    key: str,
    work: Callable[[Session], tuple[int, str, Any]],
    again: Callable[[Session, str], Any],
) -> tuple[Any, int]:
    digest_of = request.method.encode() + b" " + request.path.encode() + b"\n" + request.get_data()
    before = idempotency.begin(tx, caller, key, digest_of)
    if before is not None:
        return again(tx, before.result), before.status
    status, made, payload = work(tx)
    idempotency.finish(tx, caller, key, status, made)
    return payload, status
