"""On a site filled with the demo every page says that it is invented, and none is indexed."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.commons.comments.models import Comment
from forum.core.accounts.models import User
from forum.core.agencies.models import Agency
from forum.core.consultations.models import Consultation
from forum.core.items.models import Item
from forum.core.items.service import give_receipt
from forum.methods.discussion.demo_data import DemoLoader
from tests.factories import Make

pytestmark = pytest.mark.slow
BAND = '<aside class="demo"'
NOINDEX = '<meta name="robots" content="noindex">'


@pytest.fixture
def loaded(make: Make) -> Make:
    DemoLoader().load(make.tx)
    make.tx.flush()
    make.tx.expire_all()
    return make


def told(client: FlaskClient, path: str) -> tuple[bool, bool]:
    text = client.get(path, follow_redirects=True).text
    return BAND in text, NOINDEX in text


def first(make: Make, wanted: Any) -> Any:
    return make.tx.execute(wanted.limit(1)).scalar_one()


def test_every_page_for_everybody(client: FlaskClient, loaded: Make) -> None:
    slugs = loaded.tx.execute(select(Consultation.slug)).scalars().all()
    threads = loaded.tx.execute(select(Item.public_id).where(Item.kind == "thread")).scalars().all()
    edited = select(Item.public_id).join(Comment, Comment.item_id == Item.id)
    guest = loaded.tx.execute(
        select(Item.id).where(Item.voice == "guest", Item.state == "public").limit(1)
    ).scalar_one()
    code = give_receipt(loaded.tx, guest)
    paths = [
        *("/", "/?sort=new", "/?list=announced", "/?list=considering", "/r", "/login", "/signup", "/reset", "/privacy"),
        *(f"/c/{slug}" for slug in slugs),
        *(f"/c/{slug}/talk/discussion" for slug in slugs),
        *(f"/a/{slug}" for slug in loaded.tx.execute(select(Agency.slug)).scalars()),
        *(f"/t/{thread}" for thread in threads),
        f"/i/{first(loaded, edited)}",
        f"/comments/{first(loaded, edited.where(Comment.edited_at.is_not(None)))}/history",
        f"/i/{first(loaded, edited.where(Item.state == 'withdrawn'))}",
        *(f"/r/{code}", f"/r/{code}/edit", "/api/docs", "/no-such-page"),
    ]
    assert {path: told(client, path) for path in paths if told(client, path) != (True, True)} == {}


def test_every_page_of_somebody_signed_in(client: FlaskClient, loaded: Make) -> None:
    mine = select(Item).join(Comment, Comment.item_id == Item.id).join(Consultation)
    item = first(loaded, mine.where(Item.voice == "member", Item.state == "public", Consultation.state == "opened"))
    loaded.sign_in(client, loaded.tx.get_one(User, item.author_id))
    slug = loaded.tx.get_one(Consultation, item.consultation_id).slug
    paths = ["/account", "/account/delete", f"/comments/{item.public_id}/edit", f"/c/{slug}/talk/discussion/new"]
    assert {path: told(client, path) for path in paths if told(client, path) != (True, True)} == {}


def test_every_page_of_the_desk(client: FlaskClient, loaded: Make) -> None:
    row = first(loaded, select(Consultation))
    agency = loaded.tx.get_one(Agency, row.agency_id)
    loaded.sign_in(client, loaded.member(agency, "owner"))
    paths = ["/desk", "/desk/new", f"/desk/{row.slug}", f"/desk/agency/{agency.slug}"]
    assert {path: told(client, path) for path in paths if told(client, path) != (True, True)} == {}


def test_a_site_without_the_demo_has_no_band(client: FlaskClient, make: Make) -> None:
    row = make.consultation()
    for path in ("/", f"/c/{row.slug}", "/login", "/privacy", "/r", "/api/docs"):
        assert not told(client, path)[0], path
