"""Bodies, names and titles are text: taken as written, and harmless wherever they are shown."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import pytest
from bleach._vendor import html5lib
from flask.testing import FlaskClient

from forum.kernel import clock, text
from forum.kernel.letters import Letter
from forum.kernel.mail import Post
from tests.factories import Make

MARKUP = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)' x='",
    '" autofocus onfocus="alert(1)',
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<!--><script>alert(1)</script>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<svg><p><style><a id="</style><img src=1 onerror=alert(1)>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=alert(1) src>">',
    "<a href=javascript:alert(1)>x</a>",
    "[x](javascript:alert(1))",
    "[x](jAvAsCrIpT&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(1))",
    "<javascript:alert(1)>",
    "[x](//evil.example/%22onclick=alert(1))",
    '[x](https://e.example "onclick=alert(1)")',
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<style>*{display:none}</style>",
    "{{ 7*7 }}{% raise %}${7*7}<%= 7*7 %>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    "<details open ontoggle=alert(1)>",
    "%(n)s %s {0} {n}",
]
BIDI = ["\u202egnihtemos\u202c", "\u202e", "\u2066\u2067x", "abc \u200fדגכ\u200e", "\u202d12\u202e34"]
INVISIBLE = ["ก\u200bข\u2060ค\ufeff", "ก\u00adข", "👩\u200d👩\u200d👧", "a\u0000b\u0007c"]
FORBIDDEN = {
    "iframe",
    "object",
    "embed",
    "base",
    "style",
    "math",
    "applet",
    "frame",
    "portal",
    "foreignObject",
    "animate",
}
ADDRESSES = {
    "href",
    "src",
    "action",
    "formaction",
    "data",
    "poster",
    "cite",
    "background",
    "{http://www.w3.org/1999/xlink}href",
}
BLOCKS = {
    "p", "li", "div", "h1", "h2", "h3", "dd", "dt", "td", "th", "label", "legend", "summary", "main", "section",
    "article", "blockquote", "header", "footer", "nav",
}  # fmt: skip
ISOLATED = {"bdi", "title", "textarea", "option", "code", "pre"}
ISOLATING = {"prose", "nb", "btn", "vh"}  # by their style, or because they are boxes of their own


def tree(page: str) -> Element:
    parsed: Element = html5lib.parse(page, treebuilder="etree", namespaceHTMLElements=False)
    return parsed


def dangers(page: str) -> list[str]:
    """What a browser would make of a page that none of ours may hold."""
    return [wrong for element in tree(page).iter() if isinstance(element.tag, str) for wrong in _dangers(element)]


def _dangers(element: Element) -> Iterator[str]:
    tag = element.tag.rpartition("}")[2]
    if tag in FORBIDDEN:
        yield f"<{tag}>"
    if tag == "script" and ("nonce" not in element.attrib or not element.attrib.get("src", "").startswith("/static/")):
        yield f"a script: {element.text!r}"
    if tag == "meta" and "http-equiv" in element.attrib:
        yield "a meta that acts"
    for name, value in element.attrib.items():
        if name.startswith("on") or name in ("style", "srcdoc"):
            yield f"<{tag} {name}>"
        if name in ADDRESSES and urlsplit(value.strip().lower()).scheme not in ("", "http", "https", "tel", "mailto"):
            yield f"<{tag} {name}={value!r}>"
        if (
            tag in ("img", "link", "form", "use")
            and name in ADDRESSES
            and urlsplit(value).netloc not in ("", "localhost")
        ):
            yield f"<{tag} {name}={value!r}>"


def loose(page: str, marks: str = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068") -> list[str]:
    """Texts with a mark that turns what follows, where something follows that it could turn."""

    def walk(element: Element, block: Element) -> Iterator[str]:
        if not isinstance(element.tag, str) or is_isolated(element):
            return
        block = element if element.tag in BLOCKS else block
        whole = "".join(block.itertext()).strip()
        texts = [element.text, *(child.tail for child in element)]
        for said in texts:
            if said and any(c in marks for c in said) and said.strip() != whole:
                yield f"{said.strip()!r} in <{element.tag} class={element.attrib.get('class')}> of {whole[:80]!r}"
        for child in element:
            yield from walk(child, block)

    page_tree = tree(page)
    return list(walk(page_tree, page_tree))


def is_isolated(element: Element) -> bool:
    return element.tag in ISOLATED or "dir" in element.attrib or bool(set(element.get("class", "").split()) & ISOLATING)


class Site:
    """A site in which one payload stands wherever text can be sent."""

    def __init__(self, client: FlaskClient, make: Make, payload: str):
        self.client, self.payload = client, payload
        agency = make.agency()
        self.officer = {"Authorization": f"Bearer {make.token(make.member(agency))}"}
        self.citizen = {"Authorization": f"Bearer {make.token(make.user())}"}
        now = clock.now()
        start, end = clock.iso(now - timedelta(days=1)), clock.iso(now + timedelta(days=30))
        plan = {
            "agency": agency.slug, "title": self.titled("ก"), "summary": self.long, "body": self.long,
            "can_change": [self.titled("ข")], "decided": [self.titled("ค")], "decider": self.titled("ง"),
            "contact": {"office": self.titled("จ"), "phone": "0 2000 0001"}, "offline_route": self.long,
            "answer_by": (now + timedelta(days=90)).date().isoformat(), "opens_at": start, "closes_at": end,
            "area": self.titled("ฉ"), "documents": [{"title": self.titled("ช"), "url": "https://example.org/a.pdf"}],
            "activities": [{"kind": "discussion", "title": self.titled("ซ")}],
            "phases": [{"title": self.titled("ฌ"), "starts_at": start, "ends_at": end, "activities": ["discussion"]}],
        }  # fmt: skip
        self.slug = self.made("/api/v1/consultations", plan, self.officer)["slug"]
        memo = {"memo_no": "1", "memo_date": "2026-01-01"}
        opened = {"reason": self.titled("ญ"), "approval": memo}
        assert (
            client.post(f"/api/v1/consultations/{self.slug}/open", json=opened, headers=self.officer).status_code == 200
        )
        threads = f"/api/v1/consultations/{self.slug}/threads"
        self.thread = self.made(threads, {"title": self.titled("ด"), "body": self.long}, self.officer)
        said = f"/api/v1/threads/{self.thread['id']}/comments"
        self.guest = self.made(said, {"body": self.long, "name": self.titled("ต")[:40], "consent": True}, {})
        mine = self.made(said, {"body": self.long, "consent": True}, self.citizen)
        edit = {"body": "ใหม่ " + self.long, "version": 1, "reason": self.titled("ถ")}
        edited = client.patch(f"/api/v1/comments/{mine['id']}", json=edit, headers=self.citizen)
        assert edited.status_code == 200, edited.text
        self.comment = edited.json
        self.made(said, {"body": self.long, "parent": self.guest["id"], "consent": True}, self.citizen)

    @property
    def long(self) -> str:
        return f"ก่อน {self.payload} หลัง\n\n{self.payload}"

    def titled(self, mark: str) -> str:
        return f"{mark} {self.payload}"[:150]

    def made(self, path: str, sent: dict[str, Any], headers: dict[str, str]) -> Any:
        answer = self.client.post(path, json=sent, headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.json

    def pages(self) -> dict[str, str]:
        paths = {
            "home": "/", "consultation": f"/c/{self.slug}", "threads": f"/c/{self.slug}/talk/discussion",
            "thread": f"/t/{self.thread['id']}", "branch": f"/t/{self.thread['id']}?c={self.guest['id']}",
            "reply": f"/t/{self.thread['id']}?reply={self.guest['id']}", "news": f"/t/{self.thread['id']}/new?since=0",
            "receipt": f"/r/{self.guest['receipt']}", "guest edit": f"/r/{self.guest['receipt']}/edit",
            "history": f"/comments/{self.comment['id']}/history", "english": f"/t/{self.thread['id']}?lang=en",
        }  # fmt: skip
        shown = {}
        for name, path in paths.items():
            answer = self.client.get(path)
            assert answer.status_code == 200, (name, answer.status_code)
            shown[name] = answer.text
        return shown


@pytest.mark.slow
@pytest.mark.parametrize("payload", MARKUP)
def test_markup_is_text_on_every_page(client: FlaskClient, make: Make, payload: str) -> None:
    site = Site(client, make, payload)
    for name, page in site.pages().items():
        assert dangers(page) == [], name


@pytest.mark.parametrize("payload", [MARKUP[0], MARKUP[3], MARKUP[6], MARKUP[27]])
def test_a_title_is_shown_letter_by_letter(client: FlaskClient, make: Make, payload: str) -> None:
    site = Site(client, make, payload)
    pages = site.pages()
    for name in ("thread", "consultation"):
        page = tree(pages[name])
        title = site.titled("ด" if name == "thread" else "ก")
        assert title in "".join(page.find(".//h1").itertext())  # type: ignore[union-attr]
        assert title in (page.findtext(".//title") or "")
        shared = page.find(".//meta[@property='og:title']")
        assert shared is not None
        assert title in shared.attrib["content"]
        assert dangers(pages[name]) == []


def test_json_holds_what_was_written(client: FlaskClient, make: Make) -> None:
    site = Site(client, make, MARKUP[3])
    thread = client.get(f"/api/v1/threads/{site.thread['id']}")
    assert thread.json["title"] == site.titled("ด")
    assert thread.json["body"] == site.long
    assert dangers(f"<!doctype html><title>x</title>{thread.json['html']}") == []
    for comment in client.get(f"/api/v1/threads/{site.thread['id']}/comments").json["items"]:
        assert comment["body"].endswith(site.long)
        assert dangers(f"<!doctype html><title>x</title>{comment['html']}") == []
    assert thread.mimetype == "application/json"
    assert thread.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.slow
@pytest.mark.parametrize("payload", BIDI)
def test_marks_that_turn_the_reading_stay_within_what_holds_them(client: FlaskClient, make: Make, payload: str) -> None:
    site = Site(client, make, payload)
    for name, page in site.pages().items():
        assert loose(page) == [], name


@pytest.mark.slow
@pytest.mark.parametrize("payload", INVISIBLE)
def test_what_cannot_be_seen_is_kept_by_the_stated_rule(client: FlaskClient, make: Make, payload: str) -> None:
    site = Site(client, make, payload)
    for shown in (site.thread, site.guest):
        assert shown["body"] == text.normalise(site.long)
        assert not set(shown["body"]) & set("\u200b\u2060\ufeff\u00ad\x00\x07")
    for name, page in site.pages().items():
        assert dangers(page) == [], name
        assert "\x00" not in page


def test_a_form_that_comes_back_holds_what_was_typed_as_text(client: FlaskClient, make: Make) -> None:
    thread = make.thread()
    page = client.get(f"/t/{thread}").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    for payload in MARKUP:
        typed = {"csrf_token": token, "body": payload, "name": payload, "stance": payload, "sheet": payload}
        answer = client.post(f"/t/{thread}/comments", data=typed)
        assert answer.status_code == 422
        assert dangers(answer.text) == [], payload
        assert payload in (tree(answer.text).findtext(".//textarea") or "")


@pytest.mark.slow
def test_a_search_word_or_a_code_that_comes_back_is_text(client: FlaskClient) -> None:
    page = client.get("/r").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    for payload in MARKUP:
        answer = client.post("/r", data={"csrf_token": token, "code": payload})
        assert dangers(answer.text) == [], payload
        for path in ("/", "/login", "/signup", "/reset", "/r"):
            assert dangers(client.get(path, query_string={"next": payload, "lang": payload, "q": payload}).text) == []


def test_a_letters_subject_is_one_line_without_commands(tmp_path: Path) -> None:
    post = Post("sala@localhost", tmp_path)
    for payload in [*MARKUP, "x\r\nBcc: all@example.org\r\n\r\nbody", "x\nSubject: y", "ก\x00ข", *BIDI]:
        post.send(Letter("a@example.org", payload, payload))
    for file in tmp_path.glob("*.eml"):
        letter = file.read_bytes()
        head = letter.partition(b"\n\n")[0]
        assert b"\nBcc:" not in head
        assert head.count(b"\nSubject:") == 1
        assert b"Content-Type: text/html" not in head


def test_an_address_with_commands_does_not_become_a_header(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"(?i)header|newline|linefeed|invalid"):
        Post("sala@localhost", tmp_path).send(Letter("a@example.org\r\nBcc: b@example.org", "s", "t"))
