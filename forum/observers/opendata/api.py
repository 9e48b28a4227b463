"""The API's description of itself, for programs."""

from typing import Any

from flask import Blueprint, Response

from forum.kernel.api import answer, describe
from forum.observers.opendata.description import this_document

endpoints = Blueprint("opendata_api", __name__, url_prefix="/api/v1")


@endpoints.get("/openapi.json")
@describe("This description, as OpenAPI 3.1", returns=dict[str, Any])
def openapi() -> Response:
    """The OpenAPI document."""
    return answer(this_document())
