"""The officer's desk and its list of contributions, for an office that heard a hundred and one that heard 20,000."""

import time
from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import config as settings
from forum.app import create_app
from forum.core.accounts.models import SignIn
from forum.core.accounts.queries import digest_of
from forum.core.agencies.models import Membership
from forum.core.consultations.models import Consultation
from forum.core.items.recount import recount
from forum.kernel import clock, db, ids
from tests.bench.figures import alternating, tell
from tests.bench.pages import counted_statements
from tests.bench.seeds import Filling, open_place
from tests.bench.site import Site, kind_of, new_site

FEW, MANY = 100, 20_000
TIMES = 15
AT = "http://127.0.0.1:1"


def measure(database_url: str | None = None) -> None:
    """Prints the figures of the desk, on the embedded database or on the named one."""
    with new_site(database_url) as site:
        with db.transaction() as tx:
            filling = Filling(tx)
            few = _office(tx, filling, FEW)
            filling.place = open_place(tx, "bench-many")
            many = _office(tx, filling, MANY)
            recount(tx)
        with db.current().engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        pages = {"officer's desk": "/desk", "answers page": "/desk/{slug}/answers"}
        for name, path in pages.items():
            _compare(site, name, path, few, many)


def _office(tx: Session, filling: Filling, number: int) -> tuple[str, str]:
    """Lets a consultation hear so many; its slug, and the secret of an officer's sign-in."""
    filling.thread(number)
    place: Consultation = filling.place
    officer = filling.people[0 if number == FEW else 1]
    now, secret = clock.now(), ids.token()
    tx.add(Membership(user_id=officer.id, agency_id=place.agency_id, role="officer", since=now))
    ends = now + timedelta(days=1)
    tx.add(SignIn(user_id=officer.id, digest=digest_of(secret), created_at=now, expires_at=ends))
    tx.flush()
    return place.slug, secret


def _compare(site: Site, name: str, path: str, few: tuple[str, str], many: tuple[str, str]) -> None:
    app = create_app(settings.load(site.environment(1)), db.current())
    measures = []
    said = []
    for slug, secret in (few, many):
        client = app.test_client()
        with client.session_transaction(base_url=AT) as session:
            session["_user_id"], session["_fresh"] = secret, True
        ask = _seconds(client, path.format(slug=slug))
        with counted_statements() as statements:
            ask()
        said.append(len(statements) / (TIMES + 1))
        measures.append(ask)
    short, long = alternating(*measures)
    tell(
        f"{name} of {MANY:,} contributions, {kind_of(site)}", "ms", long, f"{FEW} contributions", short, "ratio <= 1.3"
    )
    if len(set(said)) != 1:
        raise SystemExit(f"statements differ between {FEW} and {MANY} contributions: {said}")


def _seconds(client: FlaskClient, path: str) -> Callable[[], float]:
    def ask() -> float:
        _one(client, path)
        began = time.perf_counter()
        for _ in range(TIMES):
            _one(client, path)
        return (time.perf_counter() - began) * 1000 / TIMES

    return ask


def _one(client: FlaskClient, path: str) -> None:
    answer = client.get(path, base_url=AT)
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}")
