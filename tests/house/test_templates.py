"""Rules of the house that templates and styles keep."""

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from tests.factories import Make

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
CATALOGUES = sorted((ROOT / "translations").rglob("*.po"))
THAI_OVER_LINES = re.compile("[\u0e00-\u0e7f][ \t]*\n[ \t]*[\u0e00-\u0e7f]")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def bare(template: str) -> str:
    """A template without its comments."""
    return re.sub(r"{#.*?#}", "", template, flags=re.S)


def test_no_line_ends_between_two_thai_letters() -> None:
    """A browser would show a space there, in the middle of a sentence."""
    found = [
        f"{named(path)}: {hit[0]!r}"
        for path in [*TEMPLATES, *CATALOGUES]
        for hit in THAI_OVER_LINES.finditer(bare(path.read_text()))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a style attribute", r"<[^>]*\sstyle\s*="),
        ("a style element", r"<style\b"),
        ("a handler in an attribute", r"<[^>]*\son[a-z]+\s*="),
        ("a script without the nonce", r"<script(?![^>]*nonce=\"{{ csp_nonce\(\) }}\")[^>]*>"),
        ("a script inside the page", r"<script[^>]*>\s*[^<\s]"),
        ("something from another host", r"(?:src|srcset|action|formaction|data|poster)=[\"'](?:https?:)?//"),
        ("a stylesheet from another host", r"<link[^>]*href=[\"'](?:https?:)?//"),
        ("a script's address", r"javascript:"),
        ("a link that opens elsewhere with a way back", r"target=[\"']_blank[\"'](?![^>]*noopener)"),
        ("letters of Thai pulled apart", r"letter-spacing"),
        ("autoescape switched off", r"{%-?\s*autoescape\s+false"),
    ],
)
def test_no_template_holds(what: str, pattern: str) -> None:
    found = [named(p) for p in TEMPLATES if p.suffix == ".html" and re.search(pattern, bare(p.read_text()), re.I)]
    assert found == [], what


SAFE = {
    "c.html",
    "comment.html",
    "r.body_html",
    "thread.body_html",
    "reply.html",
    "consultation.body_html",
    "c.body_html",
}


def test_only_html_made_by_the_sanitiser_is_shown_as_it_is() -> None:
    shown = {
        (named(path), hit[1])
        for path in TEMPLATES
        for hit in re.finditer(r"([\w.]+)\s*\|\s*safe\b", bare(path.read_text()))
    }
    assert {(path, name) for path, name in shown if not name.endswith(("html", "_html"))} == set()


def test_the_two_dark_themes_are_equal() -> None:
    styles = (ROOT / "static" / "css" / "tokens.css").read_text()
    asked = re.search(r":root:not\(\[data-theme=light\]\)\{(.*?)\}\}", styles, re.S)
    chosen = re.search(r":root\[data-theme=dark\]\{(.*?)\}", styles, re.S)
    assert asked
    assert chosen
    assert asked[1].split() == chosen[1].split()


def test_styles_stay_with_what_an_old_phone_knows() -> None:
    for path in (ROOT / "static" / "css").glob("*.css"):
        styles = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        for new in ("oklch(", "light-dark(", "@container", "color-mix(", "@layer", "&:", "inset-inline"):
            assert new not in styles, (path.name, new)


class Walk:
    """Follows every link of this site that pages show, as one reader."""

    def __init__(self, app: Flask, client: FlaskClient):
        self.routes = app.url_map.bind("localhost")
        self.client = client
        self.seen: set[str] = set()
        self.wrong: list[str] = []

    def go(self, *starts: str) -> list[str]:
        waiting = list(starts)
        while waiting:
            path = waiting.pop()
            assert len(self.seen) < 2000, "there is no end to the links"
            if path not in self.seen:
                self.seen.add(path)
                waiting += self.read(path)
        return self.wrong

    def read(self, path: str) -> list[str]:
        answer = self.client.get(path)
        if answer.status_code >= 400:
            self.wrong.append(f"{path} answers {answer.status_code}")
            return []
        if answer.status_code >= 300:
            return [self.here(answer.headers["Location"], path)]
        if answer.mimetype != "text/html":
            return []
        page = re.sub(r"<template\b.*?</template>", "", answer.text, flags=re.S)
        buttons = re.findall(r'<button\b[^>]*\sform="([^"]*)"[^>]*\sformaction="([^"]*)"', page)
        for form in re.findall(r"<form\b[^>]*>", page):
            # A form whose every button says where it goes has no place of its own.
            said = re.search(r'\sid="([^"]*)"', form)
            places = {place for named, place in buttons if said and named == said[1]}
            action = re.search(r'\saction="([^"]*)"', form)
            for place in places or {action[1] if action else path}:
                self.check_form(form, place, path)
        links = re.findall(r'<(?:a|link)\b[^>]*\shref="([^"]*)"', page)
        return [self.here(link.replace("&amp;", "&"), path) for link in links if self.is_ours(link)]

    def is_ours(self, link: str) -> bool:
        parts = urlsplit(link)
        return parts.scheme in ("", "http") and parts.netloc in ("", "localhost") and not link.startswith("#")

    def here(self, link: str, page: str) -> str:
        """Without where to go afterwards, and without the language: each would lead on for ever."""
        parts = urlsplit(urljoin(page, link))
        query = urlencode([(k, v) for k, v in parse_qsl(parts.query) if k not in ("next", "lang")])
        return parts.path + (f"?{query}" if query else "")

    def check_form(self, form: str, place: str, page: str) -> None:
        method = "POST" if 'method="post"' in form else "GET"
        path = urlsplit(urljoin(page, place)).path
        try:
            self.routes.match(path, method)
        except (NotFound, MethodNotAllowed, RequestRedirect):
            self.wrong.append(f"a form of {page} goes to {method} {path}: {form}")


@pytest.fixture
def lively(make: Make, client: FlaskClient) -> str:
    """A site where people have spoken; the slug of what they speak about."""
    agency = make.agency()
    consultation = make.consultation(agency)
    thread = make.thread(consultation, stance="agree")
    said = f"/api/v1/threads/{thread}/comments"
    guest = client.post(said, json={"body": "ขอทางลาด", "name": "ป้า", "consent": True})
    assert guest.status_code == 201
    headers = {"Authorization": f"Bearer {make.token(make.user('นกน้ำ'))}"}
    for n in range(25):
        given = {"body": f"ข้อ {n}", "consent": True, "parent": guest.json["id"] if n % 2 else None}
        assert client.post(said, json=given, headers=headers).status_code == 201
    return consultation.slug


@pytest.mark.parametrize("lang", ["th", "en"])
@pytest.mark.parametrize("who", ["guest", "citizen", "officer"])
def test_every_link_and_form_leads_to_something_that_is_built(
    app: Flask, make: Make, lively: str, who: str, lang: str
) -> None:
    client = app.test_client()
    client.set_cookie("lang", lang)
    if who != "guest":
        make.sign_in(client, make.user("นกป่า") if who == "citizen" else make.member(make.agency(slug="works")))
    walk = Walk(app, client)
    assert walk.go("/", f"/c/{lively}", "/account", "/login", "/signup", "/reset", "/no-script") != []
    assert walk.wrong == ["/no-script answers 404"]
    assert len(walk.seen) > 20
