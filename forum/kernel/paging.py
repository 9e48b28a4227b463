"""Lists page by keyset: a cursor says after which row to go on, never how many to skip."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from forum.kernel.errors import Invalid
from forum.kernel.i18n import T

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list, and where the next ones begin (None at the end)."""

    rows: Sequence[Row]
    next: str | None = None


def cursor(*key: Any) -> str:
    """An opaque, URL-safe cursor for a row's sort key (JSON scalars)."""
    packed = json.dumps(key, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_cursor(text: str, shape: tuple[type, ...]) -> tuple[Any, ...]:
    """The sort key inside a cursor; `Invalid` on field `after` when it is not one of ours."""
    try:
        key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        key = None
    fits = isinstance(key, list) and len(key) == len(shape)
    if not fits or not all(_is(value, kind) for value, kind in zip(key, shape, strict=True)):
        raise Invalid({"after": T("ลิงก์หน้าถัดไปนี้ใช้ไม่ได้ กลับไปเริ่มที่หน้าแรก")})
    return tuple(key)


def _is(value: object, kind: type) -> bool:
    """Whether it is just of this kind; a number also has to be one that a database can count to."""
    return type(value) is kind and (not isinstance(value, int) or -(2**53) < value < 2**53)
