"""Nobody is sent to another site from here."""

from collections.abc import Callable
from urllib.parse import quote, urlsplit

import pytest
from flask.testing import FlaskClient

from forum.kernel import web

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "https://evil.example",
    "https:evil.example",
    "HTTPS://evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "evil.example",
    "@evil.example",
    "/\u2028/evil.example",
    "/\u200b/evil.example",
    "/\x00/evil.example",
    "/\u202e/evil",
    "//localhost@evil.example",
    "?next=//evil.example",
    "",
]
HERE = ["/", "/t/abc?c=x#c-x", "/%2f%2fevil.example", "/%5c%5cevil.example", "/%0d%0aSet-Cookie:%20a=b", "/c/x?lang=en"]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_another_place_becomes_the_home_page(target: str) -> None:
    assert web.local_path(target) == "/"


@pytest.mark.parametrize("target", HERE)
def test_a_path_of_this_site_stays_itself(target: str) -> None:
    assert web.local_path(target) == target


def leads_here(location: str) -> bool:
    parts = urlsplit(location)
    return (
        location.startswith("/")
        and not location.startswith(("//", "/\\"))
        and not parts.netloc
        and not parts.scheme
        and all(c.isascii() and c.isprintable() for c in location)
    )


@pytest.mark.parametrize("path", ["/theme", "/logout"])
def test_a_form_leads_nowhere_else(client: FlaskClient, form_token: Callable[..., str], path: str) -> None:
    form = {"csrf_token": form_token(client), "to": "dark"}
    for target in ELSEWHERE + HERE:
        answer = client.post(path, data=form | {"next": target})
        assert answer.status_code == 303
        assert leads_here(answer.headers["Location"]), target


def test_who_is_signed_in_already_is_led_nowhere_else(signed_in: FlaskClient) -> None:
    for target in ELSEWHERE + HERE:
        for path in ("/login", "/signup"):
            for kept in ("", "&kept=//evil.example"):
                answer = signed_in.get(f"{path}?next={quote(target)}{kept}")
                assert answer.status_code == 303
                assert leads_here(answer.headers["Location"]), target


def test_the_sign_in_form_does_not_carry_another_place_on(client: FlaskClient) -> None:
    for target in ELSEWHERE:
        assert 'name="next" value="/"' in client.get(f"/login?next={quote(target)}").text, target


def test_a_path_that_is_carried_along_adds_nothing_to_the_answer(client: FlaskClient) -> None:
    for slug in ("%0d%0aSet-Cookie:%20a=b", "%2f%2fevil.example", "a%26kept=x%23", "%5c%5cevil"):
        answer = client.get(f"/c/{slug}/talk/x/new")
        assert answer.status_code in (303, 308, 404)
        assert "a=b" not in str(answer.headers.getlist("Set-Cookie"))
        location = answer.headers.get("Location", "/").removeprefix("http://localhost")
        assert leads_here(location), slug
