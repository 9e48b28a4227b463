"""What this app says of its API: made once from what each endpoint says of itself."""

from collections.abc import Iterator
from typing import Any

from flask import Flask, current_app

from forum.kernel.api import Described
from forum.observers.opendata.compute import Endpoint, document

PREFIX = "/api/v1/"
VERSION = "1.0"
_UNSAID = {"HEAD", "OPTIONS"}


def described(app: Flask) -> Iterator[Endpoint]:
    """Every endpoint of the API with what it says of itself; one that says nothing is an AttributeError."""
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(PREFIX):
            continue
        view: Any = app.view_functions[rule.endpoint]
        for method in sorted((rule.methods or set()) - _UNSAID):
            yield _endpoint(method, rule.rule, rule.endpoint, view.described)


def _endpoint(method: str, path: str, name: str, said: Described) -> Endpoint:
    tag = name.partition(".")[0].removesuffix("_api")
    fields = {f: getattr(said, f) for f in Described.__dataclass_fields__}
    return Endpoint(method=method, path=path, name=name, tag=tag, **fields)


def this_document() -> dict[str, Any]:
    """The OpenAPI document of this app."""
    kept = current_app.extensions
    if "openapi" not in kept:
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        config = app.config["SALA"]
        kept["openapi"] = document(described(app), f"{config.site_name} API", VERSION, config.public_url)
    made: dict[str, Any] = kept["openapi"]
    return made
