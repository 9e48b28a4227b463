"""The blueprint of the pages about accounts, and what every form among them has in common."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, request

from forum.core.accounts.pages import require_sign_in
from forum.kernel import web
from forum.kernel.errors import Invalid

pages = Blueprint("accounts", __name__)

View = Callable[..., Response]


def form(again: View) -> Callable[[View], View]:
    """A form of ours: checks that it is, and shows the page again with what is wrong."""

    def around(view: View) -> View:
        @wraps(view)
        def call(**values: Any) -> Response:
            web.check_form(request)
            try:
                return view(**values)
            except Invalid as error:
                return again(422, error.errors)

        return call

    return around


def own_form(again: View) -> Callable[[View], View]:
    """A form for the signed-in only; says so before it says that the form is an old one."""

    def around(view: View) -> View:
        @wraps(view)
        def call(**values: Any) -> Response:
            require_sign_in()
            return form(again)(view)(**values)

        return call

    return around


def typed(name: str) -> str:
    """What was typed into a field; nothing when it was not sent."""
    return request.form.get(name, "")
