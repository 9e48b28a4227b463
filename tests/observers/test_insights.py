"""How the site says that it runs: probes, figures, and who may ask."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

import config as settings
from forum.app import create_app
from forum.kernel import clock, db, events, mail
from tests.factories import Make

TOKEN = "t0ken-of-the-watchers"


def figure(client: FlaskClient, name: str, **given: object) -> str:
    answer = client.get("/metrics", **given)
    assert answer.status_code == 200
    found = re.search(rf"^{re.escape(name)} (\S+)$", answer.text, re.M)
    return found[1] if found else ""


def test_the_process_says_that_it_lives_without_asking_the_database(client: FlaskClient, broken: None) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"alive": True})


def test_a_migrated_site_is_ready(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"ready": True, "missing": []})


def test_a_site_whose_schema_is_not_the_codes_is_not_ready_and_says_so(client: FlaskClient, tx: Session) -> None:
    tx.execute(text("UPDATE alembic_version SET version_num = 'before'"))
    tx.flush()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"ready": False, "missing": ["schema"]})


def test_a_site_without_a_migrated_schema_is_not_ready(client: FlaskClient, app: Flask, empty: db.Database) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"ready": False, "missing": ["schema"]})


@pytest.fixture
def empty(lent: db.Database, app: Flask, tmp_path: object) -> object:
    """A database with nothing in it."""
    opened = db.Database(f"sqlite:///{tmp_path}/empty.db")
    db.use(opened)
    yield opened
    db.use(lent)
    opened.engine.dispose()


@pytest.fixture
def broken(lent: db.Database, app: Flask, tmp_path: object) -> object:
    """A database that does not answer."""
    opened = db.Database(f"sqlite:///{tmp_path}/no/such/folder/x.db")
    db.use(opened)
    yield None
    db.use(lent)
    opened.engine.dispose()


def test_a_site_without_its_database_is_not_ready_and_says_so(client: FlaskClient, broken: None) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"ready": False, "missing": ["database"]})


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_answer_under_whatever_name_the_machine_is_asked_by(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers={"Host": "10.1.2.3:8000"}).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_are_not_kept_by_caches(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_set_no_cookie(client: FlaskClient, path: str) -> None:
    assert "Set-Cookie" not in client.get(path).headers


def test_figures_are_for_this_machine(client: FlaskClient) -> None:
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1"}).status_code == 200
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "::1"}).status_code == 200


@pytest.mark.parametrize("address", ["203.0.113.9", "10.0.0.1", "", "127.0.0.1.evil", "::2"])
def test_figures_are_not_for_other_machines(client: FlaskClient, address: str) -> None:
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code == 404


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_behind_a_proxy_that_was_not_named_nobody_seems_to_be_on_this_machine(client: FlaskClient, header: str) -> None:
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


def test_a_named_proxy_says_where_the_question_comes_from(config: settings.Config, lent: db.Database) -> None:
    behind = create_app(replace(config, proxies=1), lent).test_client()
    assert behind.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    assert behind.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1, 203.0.113.9"}).status_code == 404
    assert behind.get("/metrics").status_code == 200


def test_with_a_token_only_who_has_it_sees_the_figures(config: settings.Config, lent: db.Database) -> None:
    client = create_app(replace(config, metrics_token=TOKEN), lent).test_client()
    far = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, environ_base=far).status_code == 200
    for wrong in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer ก"}, {"Authorization": "Bearer "}):
        assert client.get("/metrics", headers=wrong).status_code == 404


def test_a_short_token_for_the_figures_stops_the_start() -> None:
    with pytest.raises(settings.BadSetting, match="METRICS_TOKEN"):
        settings.load({"METRICS_TOKEN": "short"})


def test_requests_are_counted_by_the_template_of_their_path(client: FlaskClient, make: Make) -> None:
    names = (
        'sala_requests_total{method="GET",route="/c/<slug>",status="4xx"}',
        'sala_request_seconds_count{method="GET",route="/c/<slug>"}',
    )
    before = [float(figure(client, name) or 0) for name in names]
    client.get("/c/no-such-topic")
    client.get("/c/another")
    assert [float(figure(client, name)) for name in names] == [before[0] + 2, before[1] + 2]


def test_paths_methods_and_hosts_that_strangers_make_up_do_not_become_labels(client: FlaskClient) -> None:
    client.get("/wp-admin/สมชาย")
    client.open("/", method="BREW")
    client.get("/", headers={"Host": "evil.example"})
    answer = client.get("/metrics").text
    assert 'route="none",status="4xx"' in answer
    for made_up in ("wp-admin", "สมชาย", "BREW", "evil"):
        assert made_up not in answer


def test_waiting_letters_and_events_are_counted(client: FlaskClient, app: Flask, tx: Session) -> None:
    assert figure(client, 'sala_mails{state="waiting"}') == ""
    tx.add(mail.Mail(kind="k", ids={}, queued_at=clock.now(), next_at=clock.now()))
    tx.flush()
    events.emit(tx, "comment.posted", stream_id=events.new_stream(tx), seq=1)
    tx.flush()
    assert figure(client, 'sala_mails{state="waiting"}') == "1.0"
    assert figure(client, 'sala_deliveries{observer="realtime",state="waiting"}') == "1.0"
    assert float(figure(client, "sala_oldest_delivery_seconds")) >= 0
    tx.execute(text("DELETE FROM mail"))
    tx.flush()
    assert figure(client, 'sala_mails{state="waiting"}') == ""


def test_sockets_and_connections_are_counted(client: FlaskClient) -> None:
    assert figure(client, "sala_sockets") == "0.0"
    assert figure(client, 'sala_database_connections{state="used"}') != ""
