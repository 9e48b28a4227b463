"""The API for people: one readable page made from the same description that programs get."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response

from forum.kernel import web
from forum.observers.opendata.compute import fields_of, name_of
from forum.observers.opendata.description import this_document

pages = Blueprint("opendata", __name__)


@dataclass(frozen=True)
class Call:
    """One way to call the API, as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    auth: str
    query: list[Mapping[str, Any]]
    idempotent: bool
    body: str
    answers: list[tuple[str, str]]
    failures: list[str]


@pages.get("/api/docs")
def docs() -> Response:
    """How programs talk to this site."""
    said = this_document()
    groups: dict[str, list[Call]] = {}
    for path, operations in said["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(operation["tags"][0], []).append(_call(method.upper(), path, operation))
    shapes = {name: fields_of(schema) for name, schema in said["components"]["schemas"].items()}
    return web.page("opendata/docs.html", groups=groups, shapes=shapes)


def _call(method: str, path: str, operation: Mapping[str, Any]) -> Call:
    parameters = operation["parameters"]
    codes = operation["responses"]
    return Call(
        id=operation["operationId"].replace(".", "-"),
        method=method,
        path=path,
        summary=operation["summary"],
        auth=_auth(operation["security"]),
        query=[p for p in parameters if p["in"] == "query"],
        idempotent=any(p["name"] == "Idempotency-Key" for p in parameters),
        body=_shape(operation.get("requestBody", {})),
        answers=[(code, _shape(said)) for code, said in codes.items() if code < "300"],
        failures=_failures(codes),
    )


def _failures(codes: Iterable[str]) -> list[str]:
    return [code for code in codes if code >= "400"]


def _auth(security: list[Mapping[str, Any]]) -> str:
    if not security:
        return "none"
    return "optional" if {} in security else "required"


def _shape(said: Mapping[str, Any]) -> str:
    """The name of the shape that is sent or answered, where it has one."""
    schema = said.get("content", {}).get("application/json", {}).get("schema", {})
    return name_of(schema)
