"""The door of every page of the desk."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, request

from forum.core.agencies.rules import RULES
from forum.kernel import web
from forum.kernel.rules import require


def for_officers(view: Callable[..., Response]) -> Callable[..., Response]:
    """Sends readers who are not signed in to sign in and back; a form must bring its token."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Response:
        if request.method == "POST":
            web.check_form(request)
        elif web.actor().is_nobody:
            return web.see_other(f"/login?next={request.path}")
        require(RULES, "desk.see", web.actor())
        return view(*args, **kwargs)

    return guarded
