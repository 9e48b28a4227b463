"""What tests of safety share: a form token, and the whole app read by a browser's own parser."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import config as settings
from forum.kernel import throttle
from tests.factories import Make


@pytest.fixture
def form_token() -> Callable[[FlaskClient], str]:
    """The token of a form as this client's pages carry it."""

    def find(client: FlaskClient, **given: Any) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/r", **given).text)
        assert found
        return found[1]

    return find


@pytest.fixture
def limited(config: settings.Config) -> Iterator[Callable[..., None]]:
    """Sets limits for one test."""
    yield lambda **limits: throttle.configure({**config.limits, **limits})
    throttle.configure(dict(config.limits))


@pytest.fixture
def signed_in(app: Flask, make: Make) -> FlaskClient:
    """A browser of somebody who is signed in."""
    client = app.test_client()
    make.sign_in(client, make.user())
    return client
