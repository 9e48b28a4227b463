"""The OpenAPI 3.1 document, made from what each endpoint says of itself. Plain mathematics on plain values."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

Json = dict[str, Any]

_PARAMETER = re.compile(r"<(?:(?P<kind>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")
_WRITES = ("POST", "PUT", "PATCH", "DELETE")
_REFERENCE = "#/components/schemas/{name}"
_PROBLEM_TYPE = "application/problem+json"

MEANINGS = {
    200: "Done",
    201: "Made",
    202: "Taken; more is needed before it takes effect",
    204: "Done; nothing to say",
    400: "The request could not be read",
    401: "Sign in, or send a token that is still valid",
    403: "Not allowed; `reason` is a key that says why",
    404: "Nothing here under this name",
    409: "Somebody else was first; `current` is the present state where there is one",
    410: "It was here and is not any more",
    413: "The body is too large",
    422: "Something sent does not fit; `errors` names each field",
    429: "Too often; wait as long as `Retry-After` says",
    503: "Busy; nothing was changed, try again",
}


class Problem(msgspec.Struct, omit_defaults=True):
    """An error, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    reason: str = ""
    help: str = ""
    errors: dict[str, str] = {}
    current: Any = None


@dataclass(frozen=True)
class Endpoint:
    """One way to call the API: where it is, and what it said of itself."""

    method: str
    path: str
    name: str
    tag: str
    summary: str
    body: Any = None
    returns: Any = None
    status: int = 200
    auth: str = "none"
    idempotent: bool = False
    query: Sequence[tuple[str, Any, str]] = ()
    errors: Sequence[int] = ()
    also: Sequence[int] = ()

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.method in _WRITES

    @property
    def template(self) -> str:
        """Its path as OpenAPI writes it."""
        return _PARAMETER.sub(lambda found: f"{{{found['name']}}}", self.path)

    @property
    def parameters(self) -> list[str]:
        """The names in its path."""
        return [found["name"] for found in _PARAMETER.finditer(self.path)]

    @property
    def failures(self) -> list[int]:
        """Every status but success that it may answer with: its own, and those the shell gives to all."""
        every = {401, 429, *self.errors}
        if self.parameters:
            every.add(404)
        if self.writes:
            every |= {400, 403, 413, 503}
        if self.body is not None or self.idempotent:
            every.add(422)
        if self.idempotent:
            every.add(409)
        return sorted(every)


def document(endpoints: Iterable[Endpoint], title: str, version: str, server: str) -> Json:
    """The whole document, in the order of the paths."""
    known = sorted(endpoints, key=lambda e: (e.path, _METHOD_ORDER.index(e.method)))
    shapes = _shapes(known)
    schemas, components = msgspec.json.schema_components(shapes, ref_template=_REFERENCE)
    schema_of = {id(shape): schema for shape, schema in zip(shapes, schemas, strict=True)}
    paths: dict[str, Json] = {}
    for endpoint in known:
        paths.setdefault(endpoint.template, {})[endpoint.method.lower()] = _operation(endpoint, schema_of)
    return {
        "openapi": "3.1.0",
        "info": _info(title, version),
        "servers": [{"url": server}],
        "tags": [{"name": tag} for tag in dict.fromkeys(e.tag for e in known)],
        "paths": paths,
        "components": {"schemas": dict(sorted(components.items())), "securitySchemes": _SECURITY},
    }


_METHOD_ORDER = ("GET", "POST", "PUT", "PATCH", "DELETE")

_SECURITY: Mapping[str, Json] = {
    "token": {"type": "http", "scheme": "bearer", "description": "Made on /account or by `flask user create --token`."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "session",
        "description": "The cookie of a signed-in browser.",
    },
    "form_token": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRFToken",
        "description": "Must come with the cookie in every write.",
    },
}


def _info(title: str, version: str) -> Json:
    said = (
        "Times are ISO 8601 UTC. Lists take `limit` (1 to 100) and `after`, and answer `{items, next}`. "
        "Errors are `application/problem+json`. A name sent twice in an object counts the last time. "
        "A request with a token ignores cookies. "
        "The same `Idempotency-Key` and body within 24 hours give the same result and make nothing twice."
    )
    return {
        "title": title,
        "version": version,
        "description": said,
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }


def _shapes(endpoints: Iterable[Endpoint]) -> list[Any]:
    """Every shape that is sent or answered, once."""
    found: dict[int, Any] = {id(Problem): Problem}
    for endpoint in endpoints:
        for shape in (endpoint.body, endpoint.returns, *(kind for _, kind, _ in endpoint.query)):
            if shape is not None:
                found.setdefault(id(shape), shape)
    return list(found.values())


def _operation(endpoint: Endpoint, schema_of: Mapping[int, Json]) -> Json:
    said: Json = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": _parameters(endpoint, schema_of),
        "responses": _responses(endpoint, schema_of),
        "security": _security(endpoint),
    }
    if endpoint.body is not None:
        content = {"application/json": {"schema": schema_of[id(endpoint.body)]}}
        said["requestBody"] = {"required": True, "content": content}
    return said


def _parameters(endpoint: Endpoint, schema_of: Mapping[int, Json]) -> list[Json]:
    text = {"type": "string"}
    said = [{"name": n, "in": "path", "required": True, "schema": text} for n in endpoint.parameters]
    said += [
        {"name": name, "in": "query", "required": False, "schema": schema_of[id(kind)], "description": words}
        for name, kind, words in endpoint.query
    ]
    if endpoint.idempotent:
        said.append(_IDEMPOTENCY_KEY)
    return said


_IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "Makes a repeat harmless for 24 hours; letters and digits.",
}


def _responses(endpoint: Endpoint, schema_of: Mapping[int, Json]) -> Json:
    said: Json = {}
    for status in (endpoint.status, *endpoint.also):
        said[str(status)] = {"description": MEANINGS[status]}
        if endpoint.returns is not None:
            said[str(status)]["content"] = {"application/json": {"schema": schema_of[id(endpoint.returns)]}}
    for status in endpoint.failures:
        said[str(status)] = _failure(status, schema_of[id(Problem)])
    return said


def _failure(status: int, problem: Json) -> Json:
    said: Json = {"description": MEANINGS[status], "content": {_PROBLEM_TYPE: {"schema": problem}}}
    if status in (429, 409):
        wait = {"schema": {"type": "integer"}, "description": "Seconds to wait."}
        said["headers"] = {"Retry-After": wait | {"required": status == 429}}
    return said


def _security(endpoint: Endpoint) -> list[Json]:
    session: Json = {"session": [], "form_token": []} if endpoint.writes else {"session": []}
    signed: list[Json] = [{"token": []}, session]
    return {"none": [], "optional": [{}, *signed], "required": signed}[endpoint.auth]


def name_of(schema: Json) -> str:
    """The name of the component a schema refers to; empty when it has none."""
    return str(schema.get("$ref", "")).rpartition("/")[2]


@dataclass(frozen=True)
class Field:
    """A field of a shape, in words for people: its name, its type, the shape it holds, whether it must be there."""

    name: str
    type: str
    holds: str
    required: bool


def fields_of(schema: Json) -> list[Field]:
    """The fields of an object's schema, in their order."""
    needed = schema.get("required", [])
    return [
        Field(name, type_of(said), _held(said), name in needed) for name, said in schema.get("properties", {}).items()
    ]


def type_of(schema: Json) -> str:
    """The type of a field as a reader would say it: `string or null`, `list of string`."""
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(type_of(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return " or ".join(str(one) for one in schema["enum"])
    if "$ref" in schema:
        return name_of(schema)
    if schema.get("type") == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    return str(schema.get("type", "anything"))


def _held(schema: Json) -> str:
    """The component a field holds, directly, in a list or as one of several."""
    inner = [schema, *schema.get("anyOf", ())]
    inner += [one["items"] for one in inner if isinstance(one.get("items"), dict)]
    return next((name_of(one) for one in inner if "$ref" in one), "")
