"""Every endpoint of the API, each by a row of one table: input that is wrong, missing, too large or sent twice is
refused with the field named in the reader's language, and changes nothing. A new endpoint or field needs a row.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from forum.core.agencies.models import Agency
from forum.core.answers import service as answers
from forum.core.answers.forms import NewAnswer
from forum.core.consultations import sign_offs
from forum.core.consultations.models import Consultation
from forum.core.items.queries import item_by
from forum.kernel import clock, db, i18n, idempotency
from forum.kernel.idempotency import Done
from forum.observers.opendata.compute import Endpoint
from forum.observers.opendata.description import described
from tests.factories import Make
from tests.security.refusals import DEEP, HUGE, apart, everything, is_said, unchanged

Json = dict[str, Any]
LONG = "a" * HUGE
NO_TEXT = (7, ["x"], DEEP, "\ud800")
NO_LIST = (7, True, {}, "x", DEEP)
NO_LINES = (7, True, {}, [7], [["x"]], DEEP)


@dataclass(frozen=True)
class Field:
    """A field of a body: values that will not do, and whether it must be there."""

    wrong: tuple[Any, ...] = ()
    must: bool = False
    blank: bool = True
    """Whether an empty text will do."""


def words(most: int = HUGE - 1, *wrong: Any, must: bool = False, blank: bool = True, null: bool = False) -> Field:
    """A text of so many letters."""
    return Field((*NO_TEXT, "a" * (most + 1), *wrong, *(() if null else (None,))), must, blank)


def moment(*wrong: Any, null: bool = True) -> Field:
    """A day or a moment."""
    return words(99, "x", "31/12/2569", "2026-13-01", "2026-11-31", "2569-01-01", "1999-01-01", *wrong, null=null)


def lines(most: int, longest: int) -> Field:
    """A list of lines, or one text."""
    return Field((*NO_LINES, None, ["a"] * (most + 1), ["a" * (longest + 1)], "a\n" * (most + 1), LONG))


def rows(most: int, one: Json, **fields: Field) -> dict[str, Field]:
    """A list of objects: what the list is held to, and each field of one of them."""
    shape = Field(
        (*NO_LIST, None, [7], ["x"] if "channel" not in fields else [7], [one | {"zzz": 1}], [one] * (most + 1))
    )
    return {"": shape, **{f".0.{name}": f for name, f in fields.items()}}


def under(name: str, fields: dict[str, Field]) -> dict[str, Field]:
    return {name + path: one for path, one in fields.items()}


@dataclass(frozen=True)
class Row:
    """One endpoint as somebody calls it: the path, a body that will do, and what each field of it is held to."""

    who: str
    path: str
    status: int
    body: Json | None = None
    fields: dict[str, Field] = field(default_factory=dict)
    twice: int = 0
    """What the same call again answers."""
    made: tuple[str, ...] = ("id",)
    other: Json = field(default_factory=dict)
    """What makes the body another one that would do."""


NOW = clock.now()
OPENS, CLOSES = clock.iso(NOW - timedelta(days=1)), clock.iso(NOW + timedelta(days=20))
DOCUMENT = {
    "title": "แบบ",
    "url": "https://example.org/a.pdf",
    "type": "PDF",
    "size_kb": 9,
    "date": "2026-01-01",
    "summary": "ย่อ",
}
NOTICE = {"channel": "ป้ายหน้าตลาด", "date": "2026-01-02", "ref": "ทพ 1", "reach": "300"}
ACTIVITY: Json = {"kind": "discussion", "title": "คุย", "key": "discussion", "settings": {}}
PHASE = {"title": "ช่วงแรก", "starts_at": OPENS, "ends_at": CLOSES, "activities": ["discussion"]}
CONTACT = {"office": "กองช่าง", "name": "นก", "phone": "0 2000 0001", "email": "a@example.org"}
PLAN: Json = {
    "title": "ทางเดินควรกว้างเท่าไร", "slug": "walkway", "summary": "สรุป", "body": "เรื่อง", "can_change": ["ความกว้าง"],
    "decided": ["จะสร้าง"], "decider": "ผู้อำนวยการ", "effect": "มีผล", "contact": CONTACT,
    "answer_by": (NOW + timedelta(days=60)).date().isoformat(), "opens_at": OPENS, "closes_at": CLOSES,
    "legal_basis": "ระเบียบ", "law_kind": "other", "area_codes": ["10"], "privacy_notice": "เก็บเท่าที่จำเป็น",
    "law_url": "https://example.org/law", "area": "ริมคลอง", "offline_route": "โทรมา",
    "documents": [DOCUMENT], "announcements": [NOTICE], "phases": [PHASE], "activities": [ACTIVITY],
}  # fmt: skip
PLAN_FIELDS: dict[str, Field] = {
    "title": words(200, must=True, blank=False),
    "slug": words(60, "A", "ก", "x y", "a_b", "-", "new", "../x"),
    "summary": words(600), "body": words(20_000), "can_change": lines(20, 300), "decided": lines(20, 300),
    "decider": words(300), "effect": words(600),
    "contact": Field((7, True, [], None, {"zzz": "x"}, "a" * 201)),
    "contact.office": words(200), "contact.name": words(200), "contact.phone": words(40, "x", "call me"),
    "contact.email": words(200, "x", "x@"),
    "answer_by": moment("2020-01-01"), "opens_at": moment("2026-01-01T10:00:00"), "closes_at": moment("2020-01-01"),
    "legal_basis": words(600), "law_url": words(500, "http://example.org", "javascript:alert(1)", "x"),
    "area": words(200), "offline_route": words(600), "law_kind": words(99, "x", "Primary"),
    "area_codes": Field((*NO_LIST, None, [7], ["a"] * 21, ["12345"])), "privacy_notice": words(4_000),
    **under("documents", rows(30, DOCUMENT,
        title=words(200, must=True, blank=False),
        url=words(500, "http://example.org", "javascript:x", must=True, blank=False),
        type=words(20), size_kb=Field(("x", True, [], 1.5, 0, -1, 10**9, 10**30)), date=moment(), summary=words(2000))),
    **under("announcements", rows(30, NOTICE,
        channel=words(200, must=True, blank=False), date=moment(), ref=words(200), reach=words(200))),
    **under("phases", rows(20, PHASE,
        title=words(120, must=True, blank=False), starts_at=words(99, "x", must=True, blank=False),
        ends_at=words(99, "x", OPENS, must=True, blank=False),
        activities=Field((7, "x", {}, [7], ["nobody"], [LONG], None)))),
    **under("activities", rows(20, ACTIVITY,
        kind=words(99, "nothing", must=True, blank=False), title=words(120, must=True, blank=False),
        key=words(60, "A b", "ก", null=True), settings=Field((7, "x", [], None, {"a": LONG})))),
}  # fmt: skip
DECISION: Json = {"reason": "พอแล้ว", "approval": {"memo_no": "ทพ 1", "memo_date": "2026-01-01"}}
DECISION_FIELDS = {
    "reason": words(500),
    "approval": Field((7, True, [], "x", {}, {"zzz": 1}, DEEP)),
    "approval.memo_no": words(100, must=True, blank=False),
    "approval.memo_date": words(99, "x", "2026-13-01", "1999-01-01", must=True, blank=False),
}
COMMENT: Json = {
    "body": "ขอทางลาด", "name": "ป้าริมคลอง", "consent": True, "parent": "{comment}", "stance": "for",
    "channel": "web", "received_on": "2026-01-01", "sheet": "12",
}  # fmt: skip
AGREED: Json = {"note": "เห็นด้วย"}
BODY = words(10_000, "\u0e01" + "\u0e31" * 300, must=True, blank=False)
COMMENT_FIELDS = {
    "body": BODY,
    "name": words(40, must=True, blank=False),
    "consent": Field(("yes", 1, [], {}, None, False), must=True),
    "parent": words(99, "nobody", "{thread}", null=True),
    "stance": words(99, "x", "FOR", null=True),
    "received_on": words(99, "x", "2026-13-01", "2999-01-01", null=True),
    "sheet": words(60, null=True),
    "channel": words(99, "fax", null=True),
}
TABLE: dict[str, Row] = {
    "accounts_api.make_token": Row(
        "citizen", "/tokens", 201, {"name": "โปรแกรม"}, {"name": words(60, must=True, blank=False)},
        other={"name": "อื่น"}),
    "accounts_api.revoke_token": Row("citizen", "/tokens/{token}", 204, twice=404),
    "accounts_api.save_draft": Row(
        "citizen", "/drafts/t/{thread}", 200, {"text": "พิมพ์อยู่"}, {"text": words(20_000, must=True)}, twice=200),
    "accounts_api.drop_draft": Row("citizen", "/drafts/t/{thread}", 204, twice=204),
    "consultations_api.make_consultation": Row(
        "officer", "/consultations", 201, {"agency": "{agency}", **PLAN},
        {"agency": words(99, "nobody", must=True, blank=False), **PLAN_FIELDS}, other={"title": "อื่น"}),
    "consultations_api.change_consultation": Row(
        "officer", "/consultations/{draft}", 200,
        {"agency": "{agency}", "version": 1, "reason": "พิมพ์ผิด", **PLAN, "slug": "{draft}"},
        {"agency": words(99, "nobody", "{other}"), "reason": words(500), **PLAN_FIELDS,
         "title": words(200, blank=False),
         "version": Field(("1", True, None, [], {}, 1.5), must=True)}, twice=409),
    "consultations_api.announce_consultation": Row(
        "officer", "/consultations/{coming}/announce", 200, DECISION, DECISION_FIELDS,
        other={"reason": "อื่น"}, made=("slug",)),
    "consultations_api.approve_consultation": Row(
        "officer", "/consultations/{asked}/approve", 200, AGREED, {"note": words(500)},
        other={"note": "อื่น"}, made=("slug",)),
    "answers_api.decide": Row(
        "officer", "/items/{comment}/disposition", 200,
        {"disposition": "partly", "reason": "ทำได้ครึ่งหนึ่ง", "approval": DECISION["approval"]},
        {"disposition": words(99, "x", must=True, blank=False), "reason": words(10_000, must=True, blank=False),
         **{k: f for k, f in DECISION_FIELDS.items() if k != "reason"}}, twice=200),
    "answers_api.approve": Row(
        "officer", "/items/{decided}/disposition/approve", 200, AGREED, {"note": words(500)},
        other={"note": "อื่น"}, made=("item",)),
    "answers_api.tell": Row(
        "officer", "/items/{comment}/progress", 200, {"progress": "not_done", "reason": "งบไม่พอ"},
        {"progress": words(99, "x", must=True, blank=False), "reason": words(10_000)}, twice=200),
    "consultations_api.open_consultation": Row(
        "officer", "/consultations/{draft}/open", 200, DECISION, DECISION_FIELDS,
        other={"reason": "อื่น"}, made=("slug",)),
    "consultations_api.close_consultation": Row(
        "officer", "/consultations/{slug}/close", 200, DECISION,
        DECISION_FIELDS | {"reason": words(500, must=True, blank=False)},
        other={"reason": "อื่น"}, made=("slug",)),
    "comments_api.post": Row(
        "guest", "/threads/{thread}/comments", 201, COMMENT, COMMENT_FIELDS, other={"body": "อื่น"}, made=("id", "no")),
    "comments_api.edit": Row(
        "citizen", "/comments/{comment}", 200,
        {"body": "ใหม่", "version": 1, "reason": "พิมพ์ผิด", "personal_data": False},
        {"body": BODY, "reason": words(300), "personal_data": Field(("yes", 1, [], None)),
         "version": Field(("1", True, None, [], 1.5, -1, 10**12, 10**30), must=True)}, twice=409),
    "comments_api.withdraw": Row("citizen", "/comments/{comment}", 204, twice=403),
    "comments_api.react": Row("citizen", "/items/{comment}/reactions/useful", 200, twice=200),
    "comments_api.unreact": Row("citizen", "/items/{comment}/reactions/useful", 200, twice=200),
    "discussion_api.start": Row(
        "officer", "/consultations/{slug}/threads", 201,
        {"title": "ทางลาด", "body": "เล่ามา", "activity": "discussion", "stance": "options", "options": ["ซ้าย", "ขวา"]},
        {"title": words(160, must=True, blank=False), "body": words(4000), "activity": words(99, "nowhere", null=True),
         "stance": words(99, "x", null=True),
         "options": Field((7, {}, "x", None, [7], ["a"], ["a", "a"], ["a", ""], ["a", "b", "c"], ["a", "b" * 41], []))},
        other={"title": "อื่น"}),
}  # fmt: skip
WRITES = [name for name, row in TABLE.items() if row.body is not None]
POSTS = [name for name, row in TABLE.items() if row.other]
CUT_AS_ONE = {"answer_by": "closes_at", "opens_at": "closes_at", "closes_at": "answer_by"}


class Place:
    """A site in which there is something under every path, and each kind of caller."""

    def __init__(self, app: Flask, make: Make, tx: Session):
        self.app = app
        agency, other = make.agency(), make.agency()
        citizen, officer = make.user(), make.member(agency)
        self.ids = {"citizen": citizen.id, "officer": officer.id}
        self.headers: dict[str, dict[str, str]] = {
            "guest": {},
            "citizen": {"Authorization": f"Bearer {make.token(citizen)}"},
            "officer": {"Authorization": f"Bearer {make.token(officer)}"},
        }
        consultation = make.consultation(agency)
        draft: Consultation = make.consultation(agency, state="draft", body="เรื่อง")
        self.known = {
            "agency": agency.slug, "other": other.slug, "slug": consultation.slug, "draft": draft.slug,
            "thread": make.thread(consultation, stance="agree"),
        }  # fmt: skip
        said = {"body": "ขอทางลาด", "consent": True}
        path = f"/threads/{self.known['thread']}/comments"
        self.known["comment"] = self.call("POST", path, "citizen", said).json["id"]
        self._ask_for(make, tx, agency)
        self.known["token"] = self.call("POST", "/tokens", "citizen", {"name": "x"}).json["id"]

    def _ask_for(self, make: Make, tx: Session, agency: Agency) -> None:
        """What another member of the office asked for and waits to be agreed to, and a draft whose day is to come."""
        another = make.actor(make.member(agency))
        coming = make.consultation(agency, state="draft", body="เรื่อง", opens_at=NOW + timedelta(days=2))
        asked = make.consultation(agency, state="draft", body="เรื่อง")
        sign_offs.ask(tx, another, asked, "open", wanted=True, reason="เร่งด่วน")
        said = {"body": "ขอที่นั่ง", "consent": True}
        item = self.call("POST", f"/threads/{self.known['thread']}/comments", "citizen", said).json["id"]
        answers.answer_one(tx, another, item_by(tx, item), NewAnswer("noted", "รับทราบ", ""), None)
        self.known |= {"coming": coming.slug, "asked": asked.slug, "decided": item}

    def call(self, method: str, path: str, who: str, body: Any, lang: str = "th", **more: str) -> Any:
        sent = body if isinstance(body, bytes) else json.dumps(self.filled(body)).encode()
        url = f"/api/v1{self.filled(path)}?lang={lang}"
        headers = self.headers[who] | {"Content-Type": "application/json"} | more
        return self.app.test_client().open(url, method=method, data=sent, headers=headers)

    def filled(self, said: Any) -> Any:
        """What is said, with the names of what there is in it."""
        if isinstance(said, dict):
            return {name: self.filled(value) for name, value in said.items()}
        if isinstance(said, str) and "{" in said:
            return said.format(**self.known)
        return said

    def send(self, name: str, body: Any, lang: str = "th", **more: str) -> Any:
        row = TABLE[name]
        return self.call(method_of(self.app, name), row.path, row.who, body, lang, **more)


def method_of(app: Flask, name: str) -> str:
    return next(e.method for e in described(app) if e.name == name)


@pytest.fixture
def place(app: Flask, make: Make, tx: Session) -> Place:
    return Place(app, make, tx)


def put(body: Json, path: str, value: Any) -> Json:
    """A copy of the body with another value in one place; without it when the value is `...`."""
    copy: Any = json.loads(json.dumps(body))
    *way, last = path.split(".")
    at = copy
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return dict(copy)


def refusals(row: Row) -> Iterator[tuple[str, Any]]:
    """Each field with each value that will not do."""
    for path, one in row.fields.items():
        yield from ((path, value) for value in one.wrong)
        if one.must:
            yield path, ...
        if not one.blank:
            yield from ((path, blank) for blank in ("", "  \n", "\u200b"))


def names(answer: Any, path: str) -> bool:
    """Whether the problem names this field, one inside it, or the list that it stands in."""
    told = answer.json["errors"]
    return any(at == path or at.startswith(path + ".") for at in told) or CUT_AS_ONE.get(path) in told


def is_problem(answer: Any, status: int, lang: str = "th") -> bool:
    told = answer.json
    return (
        answer.mimetype == "application/problem+json"
        and (answer.status_code, told["status"]) == (status, status)
        and is_said(told["title"], lang)
        and is_said(told["detail"], lang)
    )


def test_every_endpoint_that_writes_has_a_row(app: Flask) -> None:
    writing = {e.name: e for e in described(app) if e.method != "GET"}
    assert writing.keys() == TABLE.keys()
    for name, row in TABLE.items():
        assert (row.body is None) == (writing[name].body is None), name
        assert writing[name].status == row.status, name


def fields_in(shape: Any, path: str = "") -> Iterator[str]:
    """Every field of a shape and of the shapes in it, by its path."""
    for one in msgspec.structs.fields(shape):
        at = f"{path}{one.name}"
        yield at
        for inner in shapes_in(msgspec.inspect.type_info(one.type)):
            yield from fields_in(inner.cls, f"{at}.0." if in_list(one.type) else f"{at}.")


def shapes_in(info: Any) -> list[Any]:
    parts = getattr(info, "types", None) or ([info.item_type] if hasattr(info, "item_type") else [])
    return [info] if isinstance(info, msgspec.inspect.StructType) else [s for part in parts for s in shapes_in(part)]


def in_list(kind: Any) -> bool:
    info = msgspec.inspect.type_info(kind)
    return any(isinstance(part, msgspec.inspect.ListType) for part in getattr(info, "types", (info,)))


@pytest.mark.parametrize("name", WRITES)
def test_every_field_of_a_body_is_in_the_table(app: Flask, name: str) -> None:
    shape = next(e.body for e in described(app) if e.name == name)
    assert set(fields_in(shape)) == set(TABLE[name].fields)


@pytest.mark.parametrize("name", TABLE)
def test_what_will_do_is_done(place: Place, lent: db.Database, name: str) -> None:
    row = TABLE[name]
    answer = place.send(name, row.body if row.body is not None else b"")
    assert answer.status_code == row.status, answer.text
    if row.twice:
        with apart(lent):
            assert place.send(name, row.body if row.body is not None else b"").status_code == row.twice


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITES)
def test_what_will_not_do_is_named_and_changes_nothing(place: Place, lent: db.Database, name: str) -> None:
    row, heard = TABLE[name], set()
    with unchanged(lent):
        for path, value in refusals(row):
            body = put(row.body or {}, path, value)
            answer = place.send(name, body)
            why = (path, str(value)[:60], answer.text[:300])
            assert is_problem(answer, 422), why
            # Half a surrogate pair is no JSON text at all, so there is no field to name yet.
            assert names(answer, path) or value == "\ud800", why
            assert all(is_said(said, "th") for said in answer.json["errors"].values()), why
            if (said := (path, answer.json["detail"])) not in heard:
                heard.add(said)
                in_english = place.send(name, body, "en")
                assert is_problem(in_english, 422, "en"), why
                assert in_english.json["errors"].keys() == answer.json["errors"].keys()
                assert all(is_said(said, "en") for said in in_english.json["errors"].values()), why


@pytest.mark.parametrize("name", WRITES)
def test_a_field_that_nobody_knows_is_named(place: Place, lent: db.Database, name: str) -> None:
    with unchanged(lent):
        answer = place.send(name, (TABLE[name].body or {}) | {"zzz": 1})
        assert is_problem(answer, 422)
        assert list(answer.json["errors"]) == ["zzz"]


@pytest.mark.parametrize("name", WRITES)
def test_a_body_that_is_none_is_refused(place: Place, lent: db.Database, name: str) -> None:
    with unchanged(lent):
        for sent in (b"null", b"[]", b"7", b'"x"', b"{", b"\xff\xfe", b"[" * 50_000, b"NaN"):
            answer = place.send(name, sent)
            assert is_problem(answer, 422), sent[:20]
            assert answer.json["errors"], sent[:20]
        form = place.send(name, b"a=1", **{"Content-Type": "application/x-www-form-urlencoded"})
        assert is_problem(form, 422)


@pytest.mark.parametrize("name", TABLE)
def test_a_body_too_large_for_any_is_refused_before_it_is_read(place: Place, lent: db.Database, name: str) -> None:
    sent = b'{"body": "' + b"x" * 300_000 + b'"}'
    if TABLE[name].body is None:
        with apart(lent):
            assert place.send(name, sent).status_code in (TABLE[name].status, 413)
        return
    with unchanged(lent):
        assert is_problem(place.send(name, sent), 413)


def doubled(body: Json, name: str, first: Any, last: Any) -> bytes:
    """The body with one name in it twice."""
    rest = json.dumps({other: value for other, value in body.items() if other != name})[1:-1]
    both = f'"{name}": {json.dumps(first)}, "{name}": {json.dumps(last)}'
    return f"{{{both}{', ' if rest else ''}{rest}}}".encode()


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITES)
def test_a_field_sent_twice_counts_once_and_the_last_time(place: Place, lent: db.Database, name: str) -> None:
    row = TABLE[name]
    body = place.filled(row.body)
    for at, one in ((path, f) for path, f in row.fields.items() if "." not in path):
        wrong = next(value for value in one.wrong if value != "\ud800" and value is not True)
        with unchanged(lent):
            refused = place.send(name, doubled(body, at, body[at], wrong))
            assert is_problem(refused, 422), at
            assert names(refused, at)
        with apart(lent):
            taken = place.send(name, doubled(body, at, "x" if isinstance(body[at], str) else body[at], body[at]))
            assert taken.status_code == row.status, (at, taken.text)


NOT_THERE = ("x", "a" * 3000, "%00", "%E0%B8%81", "1' OR '1'='1")


@pytest.mark.parametrize("name", [n for n, row in TABLE.items() if "{" in row.path and "draft" not in n])
def test_a_path_to_what_is_not_there_is_not_found(place: Place, lent: db.Database, name: str) -> None:
    row = TABLE[name]
    with unchanged(lent):
        for nothing in NOT_THERE:
            path = row.path[: row.path.index("{")] + nothing + row.path[row.path.index("}") + 1 :]
            body = row.body if row.body is not None else b""
            assert is_problem(place.call(method_of(place.app, name), path, row.who, body), 404), path


def test_a_reaction_that_there_is_not_is_not_found(place: Place, lent: db.Database) -> None:
    with unchanged(lent):
        for kind in ("love", "x" * 3000, "USEFUL"):
            for method in ("PUT", "DELETE"):
                answer = place.call(method, "/items/{comment}/reactions/" + kind, "citizen", b"")
                assert is_problem(answer, 404)


def test_a_place_too_long_to_type_in_is_named(place: Place, lent: db.Database) -> None:
    with unchanged(lent):
        for method, body in (("PUT", {"text": "x"}), ("DELETE", b""), ("GET", b"")):
            for lang in i18n.LANGUAGES:
                answer = place.call(method, "/drafts/" + "a" * 300, "citizen", body, lang)
                assert is_problem(answer, 422, lang)
                assert is_said(answer.json["errors"]["place"], lang)


QUERY: dict[str, tuple[str, ...]] = {
    "limit": ("0", "-1", "101", "x", "", "1.5", "9" * 40, "๑"),
    "after": ("x", "9" * 3000, "bnVsbA", "%00x"),
    "since_seq": ("-1", "x", "", "9" * 40, "1.5", "๑"),
}


def test_every_query_value_that_will_not_do_is_named(place: Place, app: Flask, lent: db.Database) -> None:
    asked = [(e, name) for e in described(app) if e.method == "GET" for name, _kind, _words in e.query]
    assert {name for _e, name in asked} == QUERY.keys(), "a new query value needs its wrong ones here"
    with unchanged(lent):
        for endpoint, name in asked:
            for wrong in QUERY[name]:
                check_query(place, endpoint, f"{name}={wrong}", name)
            check_query(place, endpoint, f"{name}=x&{name}=1", name)


def check_query(place: Place, endpoint: Endpoint, query: str, name: str) -> None:
    path = endpoint.path.replace("<slug>", place.known["slug"]).replace("<public_id>", place.known["thread"])
    for lang in i18n.LANGUAGES:
        answer = place.app.test_client().get(f"{path}?{query}&lang={lang}")
        assert is_problem(answer, 422, lang), (path, query, answer.text[:200])
        assert is_said(answer.json["errors"][name], lang)


def test_every_post_takes_an_idempotency_key(app: Flask) -> None:
    posts = [e for e in described(app) if e.method == "POST"]
    assert sorted(e.name for e in posts) == sorted(POSTS)
    assert all(e.idempotent for e in posts)


def keyed(place: Place, name: str, body: Any, lang: str = "th") -> Any:
    return place.send(name, body, lang, **{"Idempotency-Key": f"a key nobody guesses of {name}"})


@pytest.mark.parametrize("name", POSTS)
def test_the_same_key_and_body_give_the_same_and_make_nothing_twice(place: Place, lent: db.Database, name: str) -> None:
    row = TABLE[name]
    first = keyed(place, name, row.body)
    with unchanged(lent, "receipt"):
        again = keyed(place, name, row.body)
    assert (first.status_code, again.status_code) == (row.status, row.status)
    assert [first.json[part] for part in row.made] == [again.json[part] for part in row.made]
    assert again.json.get("token") is None, "a secret is shown once"
    assert len(everything(lent)["receipt"]) <= 1


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
@pytest.mark.parametrize("name", POSTS)
def test_the_same_key_with_another_body_is_refused(place: Place, lent: db.Database, name: str, lang: str) -> None:
    row = TABLE[name]
    assert keyed(place, name, row.body).status_code == row.status
    with unchanged(lent):
        other = keyed(place, name, (row.body or {}) | row.other, lang)
        assert is_problem(other, 422, lang)
        assert is_said(other.json["errors"]["Idempotency-Key"], lang)


@pytest.mark.parametrize("name", POSTS)
def test_a_refused_attempt_leaves_its_key_free(place: Place, name: str) -> None:
    row = TABLE[name]
    assert keyed(place, name, {"zzz": 1}).status_code == 422
    assert keyed(place, name, row.body).status_code == row.status


@pytest.fixture
def still_running(
    place: Place, lent: db.Database, database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """A first request with a key that is at work and not yet done, as another process or greenlet would be."""
    monkeypatch.setattr(db, "WRITE_WAIT", 0.05)
    if not lent.sqlite:
        lent.sessions.kw["bind"].execute(text("SET LOCAL lock_timeout = '50ms'"))

    @contextmanager
    def first(name: str) -> Iterator[None]:
        who = TABLE[name].who
        caller = "guest" if who == "guest" else f"user:{place.ids[who]}"
        key = f"a key nobody guesses of {name}"
        if lent.sqlite:
            with idempotency.first_awaited(caller, key), lent.writers:
                yield
            return
        with database.engine.connect() as elsewhere:
            row = {"caller": caller, "key": key, "digest": "", "status": 0, "result": "", "at": clock.now()}
            elsewhere.execute(insert(Done).values(row))
            yield
            elsewhere.rollback()

    return first


@pytest.mark.parametrize("name", POSTS)
def test_while_the_first_still_runs_the_second_is_told_when_to_come_again(
    place: Place, lent: db.Database, still_running: Callable[..., Any], name: str
) -> None:
    row = TABLE[name]
    with still_running(name), unchanged(lent):
        for lang in i18n.LANGUAGES:
            answer = keyed(place, name, row.body, lang)
            assert is_problem(answer, 409, lang), answer.text
            assert int(answer.headers["Retry-After"]) > 0
    assert keyed(place, name, row.body).status_code == row.status


def test_nobody_waits_longer_than_five_seconds_for_a_first_request() -> None:
    assert db.WRITE_WAIT <= 5


def test_the_api_is_called_without_cookies(client: FlaskClient, place: Place) -> None:
    for endpoint in described(place.app):
        if endpoint.method != "GET" and endpoint.auth == "required":
            path = place.filled("/api/v1" + TABLE[endpoint.name].path)
            answer = client.open(path, method=endpoint.method, json=place.filled(TABLE[endpoint.name].body or {}))
            assert is_problem(answer, 401), path
            assert answer.json["help"]
