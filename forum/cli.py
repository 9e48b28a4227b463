"""`flask …` commands, attached by wsgi.py."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from alembic import command
from alembic.config import Config as Alembic
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import exc, func, select
from sqlalchemy.engine import make_url

from forum.core.accounts.service import create_confirmed_user, make_token
from forum.core.agencies.models import Agency
from forum.core.agencies.queries import find
from forum.core.agencies.service import add_member, create_agency
from forum.kernel import db, feature
from forum.kernel.errors import AppError, Invalid
from forum.methods.discussion.demo_data import DemoLoader

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
ROLES = ("owner", "officer", "moderator", "reviewer", "legal", "auditor", "dpo", "operator")


def attach(app: Flask) -> None:
    """Gives an app its commands."""
    for group in (_database(), _users(), _agencies(), _demo()):
        app.cli.add_command(group)
    app.cli.add_command(worker)
    app.cli.add_command(up)
    app.cli.add_command(recount)


def _alembic() -> Alembic:
    reach_database()
    configured = Alembic()
    configured.set_main_option("script_location", str(MIGRATIONS))
    configured.attributes["database"] = db.current()
    logging.getLogger("alembic").setLevel("WARNING")
    return configured


def _database() -> AppGroup:
    group = AppGroup("db", help="The database's tables.")

    @group.command("upgrade", help="Brings the tables up to what this code needs.")
    @click.argument("revision", default="head")
    def upgrade(revision: str) -> None:
        command.upgrade(_alembic(), revision)

    @group.command("downgrade", help="Takes migrations back, one unless a revision is named.")
    @click.argument("revision", default="-1")
    def downgrade(revision: str) -> None:
        command.downgrade(_alembic(), revision)

    @group.command("check", help="Fails when the tables are not what the models say.")
    def check() -> None:
        command.check(_alembic())

    @group.command("revision", help="Writes a new migration from the difference.")
    @click.argument("name")
    def revision(name: str) -> None:
        command.revision(_alembic(), name, autogenerate=True)

    return group


def _users() -> AppGroup:
    group = AppGroup("user", help="Accounts.")

    @group.command("create", help="Creates a user whose address counts as confirmed; prints one JSON line.")
    @click.argument("email")
    @click.option("--name", default=None, help="Pen name.")
    @click.option("--agency", default=None, help="Slug of the agency the role is in; without it the site's pool.")
    @click.option("--role", type=click.Choice(ROLES), default=None)
    @click.option("--token", is_flag=True, help="Also makes an API token.")
    def create(email: str, name: str | None, agency: str | None, role: str | None, token: bool) -> None:
        said = "" if sys.stdin.isatty() else sys.stdin.readline().strip()
        with plain_errors(), db.transaction() as tx:
            user, password = create_confirmed_user(tx, email, name or email.partition("@")[0], said or None)
            office = find(tx, agency) if agency else None
            if agency and office is None:
                raise click.ClickException(f"there is no agency '{agency}'; `flask agency create` makes one")
            if role:
                add_member(tx, office, user.id, role)
            secret = make_token(tx, user.id, "command line")[1] if token else None
        click.echo(json.dumps({"id": user.public_id, "email": user.email, "token": secret, "password": password}))

    return group


def _agencies() -> AppGroup:
    group = AppGroup("agency", help="Agencies.")

    @group.command("create", help="Creates an agency; prints one JSON line.")
    @click.argument("slug")
    @click.option("--name-th", required=True)
    @click.option("--name-en", required=True)
    @click.option("--phone", default="")
    def create(slug: str, name_th: str, name_en: str, phone: str) -> None:
        with plain_errors(), db.transaction() as tx:
            made = create_agency(tx, slug, name_th, name_en, phone=phone)
        click.echo(json.dumps({"slug": made.slug, "name_th": name_th, "name_en": name_en}, ensure_ascii=False))

    return group


def _demo() -> AppGroup:
    group = AppGroup("demo", help="Invented content to try the site with.")

    @group.command("load", help="Loads it into an empty site and prints the sign-ins.")
    @click.option("--if-empty", is_flag=True, help="Says nothing and does nothing when there is content already.")
    def load(if_empty: bool) -> None:
        with plain_errors(), db.reading() as tx:
            filled = tx.execute(select(func.count()).select_from(Agency)).scalar_one() > 0
        loader = DemoLoader()
        if filled and not if_empty:
            raise click.ClickException("this site has content already; the demo goes into an empty one only")
        if not filled:
            with plain_errors(), db.transaction() as tx:
                loader.load(tx)
        for line in loader.sign_ins():
            click.echo(line)

    return group


@contextmanager
def plain_errors() -> Iterator[None]:
    """Errors of services, and a database that does not answer, as one clear line instead of a traceback."""
    reach_database()
    try:
        yield
    except Invalid as error:
        raise click.ClickException("; ".join(f"{k}: {v}" for k, v in error.errors.items())) from error
    except AppError as error:
        raise click.ClickException(f"{type(error).__name__}: {error}") from error


def reach_database() -> None:
    """Ends the command with one clear line, without the password, where the database does not answer."""
    try:
        db.current().engine.connect().close()
    except exc.OperationalError as error:
        shown = make_url(db.current().url).set(query={}).render_as_string()
        why = str(error.orig).strip().partition("\n")[0]
        raise click.ClickException(f"cannot reach the database {shown}: {why}") from None


@click.command("worker", help="Runs what takes long: mail, pictures, clocks. One beside the web processes.")
def worker() -> None:
    """The worker process."""
    from flask import current_app

    from forum.worker import work

    work(current_app._get_current_object())  # type: ignore[attr-defined]


@click.command("up", help="Serves the site: web and worker under one parent.")
def up() -> None:
    """The parent of web and worker."""
    from flask import current_app

    from forum.supervisor import up as serve

    reach_database()
    db.current().engine.dispose()  # the parent needs none; its children open their own
    config = current_app.config["SALA"]
    serve(config.host, config.port)


@click.command("recount", help="Counts again what hot pages keep as columns; prints how many were wrong.")
def recount() -> None:
    """Recounts every feature's counters."""
    with plain_errors(), db.transaction() as tx:
        wrong = sum(f.recount(tx) for f in feature.features() if f.recount)
    click.echo(json.dumps({"corrected": wrong}))
