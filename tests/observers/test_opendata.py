"""The API's description of itself, for programs and for people."""

import re
from typing import Annotated, Any

import msgspec
import pytest
from flask.testing import FlaskClient

from config import Config
from forum.app import create_app
from forum.kernel import db
from forum.observers.opendata.compute import Endpoint, document, fields_of, type_of
from forum.observers.opendata.description import described


class Inner(msgspec.Struct):
    """An inner shape."""

    n: int


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    """A shape."""

    name: Annotated[str, msgspec.Meta(max_length=10)]
    inner: list[Inner] = []
    note: str | None = None


def one(**values: Any) -> dict[str, Any]:
    endpoint = Endpoint(
        **({"method": "POST", "path": "/api/v1/x/<string:key>", "name": "x.y", "tag": "x", "summary": "S"} | values)
    )
    made = document([endpoint], "T", "1", "http://localhost")
    return made | {"op": made["paths"][endpoint.template][endpoint.method.lower()]}


def test_a_path_is_written_as_openapi_writes_it() -> None:
    said = one(path="/api/v1/a/<b>/c/<path:d>")
    assert list(said["paths"]) == ["/api/v1/a/{b}/c/{d}"]
    assert [(p["name"], p["in"], p["required"]) for p in said["op"]["parameters"]] == [
        ("b", "path", True),
        ("d", "path", True),
    ]


def test_bodies_and_answers_are_named_shapes() -> None:
    said = one(body=Shape, returns=Inner, status=201)
    assert said["op"]["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Shape"}
    assert said["op"]["responses"]["201"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Inner"
    }
    assert said["components"]["schemas"]["Shape"]["additionalProperties"] is False
    assert said["components"]["schemas"]["Shape"]["required"] == ["name"]


def test_an_answer_without_content_has_none() -> None:
    assert "content" not in one(status=204)["op"]["responses"]["204"]


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        ("none", []),
        ("optional", [{}, {"token": []}, {"session": [], "form_token": []}]),
        ("required", [{"token": []}, {"session": [], "form_token": []}]),
    ],
)
def test_who_may_call_is_said(auth: str, expected: list[Any]) -> None:
    assert one(auth=auth)["op"]["security"] == expected


def test_a_read_by_cookie_needs_no_form_token() -> None:
    assert one(method="GET", auth="required")["op"]["security"] == [{"token": []}, {"session": []}]


def test_every_failure_is_a_problem() -> None:
    said = one(body=Shape, idempotent=True, errors=(410,))["op"]["responses"]
    assert sorted(said) == ["200", "400", "401", "403", "404", "409", "410", "413", "422", "429", "503"]
    for code in sorted(said)[1:]:
        assert list(said[code]["content"]) == ["application/problem+json"]


def test_an_idempotent_call_takes_a_key() -> None:
    assert "Idempotency-Key" in {p["name"] for p in one(idempotent=True)["op"]["parameters"]}
    assert "Idempotency-Key" not in {p["name"] for p in one()["op"]["parameters"]}


def test_fields_are_told_in_words() -> None:
    schema = one(body=Shape)["components"]["schemas"]["Shape"]
    told = {f.name: (f.type, f.holds, f.required) for f in fields_of(schema)}
    assert told == {
        "name": ("string", "", True),
        "inner": ("list of Inner", "Inner", False),
        "note": ("string or null", "", False),
    }
    assert type_of({"enum": ["a", "b"]}) == "a or b"
    assert type_of({}) == "anything"


def test_an_endpoint_that_says_nothing_of_itself_is_found_out(config: Config, lent: db.Database) -> None:
    app = create_app(config, lent)
    app.add_url_rule("/api/v1/secret", "secret", lambda: "")
    with pytest.raises(AttributeError):
        list(described(app))


def test_the_document_is_openapi_3_1_with_every_reference_resolved(client: FlaskClient) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.json["openapi"] == "3.1.0"
    schemas = answer.json["components"]["schemas"]
    used = set(re.findall(r'"#/components/schemas/([^"]+)"', answer.text))
    assert used
    assert used <= set(schemas)
    operations = [o for path in answer.json["paths"].values() for o in path.values()]
    ids = [o["operationId"] for o in operations]
    assert len(ids) == len(set(ids))


def test_every_path_parameter_in_the_document_stands_in_its_path(client: FlaskClient) -> None:
    for path, operations in client.get("/api/v1/openapi.json").json["paths"].items():
        for operation in operations.values():
            named = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))


@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_page_for_people_shows_every_call_and_shape(client: FlaskClient, lang: str) -> None:
    document = client.get("/api/v1/openapi.json").json
    page = client.get(f"/api/docs?lang={lang}").text.replace("<wbr>", "")
    for path, operations in document["paths"].items():
        for method in operations:
            assert f"<code>{method.upper()} {path}</code>" in page
    for name in document["components"]["schemas"]:
        assert f'id="shape-{name}"' in page


def test_every_link_within_the_page_leads_somewhere_in_it(client: FlaskClient) -> None:
    page = client.get("/api/docs").text
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_the_page_loads_nothing_from_elsewhere_and_runs_no_script_of_others(client: FlaskClient) -> None:
    page = client.get("/api/docs").text
    assert not re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="(?:https?:)?//(?!localhost)', page)


def test_writing_to_the_description_is_refused(client: FlaskClient) -> None:
    answer = client.post("/api/v1/openapi.json", json={})
    assert answer.status_code == 405
    assert answer.mimetype == "application/problem+json"
    assert "GET" in answer.headers["Allow"]
