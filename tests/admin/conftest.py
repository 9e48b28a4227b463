"""An office with two members, each at a browser of their own."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from forum.core.agencies.models import Agency
from tests.admin.desk import Officer
from tests.factories import Make


@pytest.fixture
def office(make: Make) -> Agency:
    return make.agency()


@pytest.fixture
def officer(make: Make, office: Agency, client: FlaskClient, tx: Session) -> Officer:
    """An officer, signed in."""
    make.sign_in(client, make.member(office))
    return Officer(client, tx)


@pytest.fixture
def colleague(app: Flask, make: Make, office: Agency, tx: Session) -> Officer:
    """Another member of the same office, at another machine."""
    client = app.test_client()
    make.sign_in(client, make.member(office, "owner", make.user("พี่สมศรี")))
    return Officer(client, tx)


@pytest.fixture
def stranger(app: Flask, make: Make, tx: Session) -> Officer:
    """An officer of another agency."""
    client = app.test_client()
    make.sign_in(client, make.member(make.agency(), "owner"))
    return Officer(client, tx)
