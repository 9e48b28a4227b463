"""The door of every page of the desk."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response

from forum.core.accounts.pages import signed_in
from forum.core.agencies.rules import RULES
from forum.kernel import web
from forum.kernel.rules import require


def for_officers(view: Callable[..., Response]) -> Callable[..., Response]:
    """The page for officers alone, who must be signed in; a form must bring its token."""

    @signed_in
    @wraps(view)
    def guarded(**values: Any) -> Response:
        require(RULES, "desk.see", web.actor())
        return view(**values)

    return guarded
