"""For whoever runs the site: does the process live, can it serve, and how does it run."""

import time
from ipaddress import ip_address

from flask import Blueprint, Response, current_app, g, request
from flask.sansio.app import App
from sqlalchemy.orm import Session

from forum.kernel import api, feature, keys
from forum.kernel.db import reading
from forum.kernel.errors import NotFound
from forum.observers.insights import queries
from forum.observers.insights.compute import Figures

pages = Blueprint("insights", __name__)
pages.record(lambda setup: _keep_figures(setup.app))

_FORWARDED = ("X-Forwarded-For", "X-Real-Ip", "Forwarded")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def _keep_figures(app: App) -> None:
    app.extensions["figures"] = Figures()


def _figures() -> Figures:
    figures: Figures = current_app.extensions["figures"]
    return figures


@pages.after_app_request
def count(response: Response) -> Response:
    """Counts every request by the template of its path."""
    route = request.url_rule.rule if request.url_rule else "none"
    method = request.method if request.method in _METHODS else "other"
    seconds = time.monotonic() - g.started if "started" in g else 0.0
    _figures().answered(method, route, response.status_code, seconds)
    return response


@pages.get("/healthz")
def healthz() -> Response:
    """The process lives; asks nobody else."""
    return api.answer({"alive": True})


@pages.get("/readyz")
def readyz() -> Response:
    """Whether this process can serve; names what is missing."""
    missing = queries.missing()
    return api.answer({"ready": not missing, "missing": missing}, 503 if missing else 200)


@pages.get("/metrics")
def metrics() -> Response:
    """The figures, for this machine or for whoever has the token; for all others there is nothing here."""
    if not _may_see_figures():
        raise NotFound
    figures = _figures()
    with reading() as tx:
        _look_up(tx, figures)
    response = Response(figures.text(), content_type="text/plain; version=0.0.4; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def _may_see_figures() -> bool:
    config = current_app.config["SALA"]
    if config.metrics_token:
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        return sent.isascii() and keys.same(sent, config.metrics_token)
    # Behind a proxy that was not named, everybody would seem to be on this machine.
    unnamed_proxy = not config.proxies and any(name in request.headers for name in _FORWARDED)
    return not unnamed_proxy and _is_here(request.remote_addr or "")


def _is_here(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _look_up(tx: Session, figures: Figures) -> None:
    figures.found("sala_comments", "Comments shown now.", queries.comments(tx))
    figures.found("sala_public_changes", "Public changes ever made.", queries.changes(tx))
    figures.forget("sala_deliveries")
    for (observer, aside), n in queries.deliveries(tx).items():
        state = "set_aside" if aside else "waiting"
        figures.found("sala_deliveries", "Events not yet told.", n, observer=observer, state=state)
    figures.found("sala_oldest_delivery_seconds", "Wait of the oldest event.", queries.oldest_delivery_seconds(tx))
    figures.forget("sala_mails")
    for state, n in queries.mails(tx).items():
        figures.found("sala_mails", "Letters not sent.", n, state=state)
    figures.found("sala_oldest_mail_seconds", "Wait of the oldest letter.", queries.oldest_mail_seconds(tx))
    for state, n in queries.connections().items():
        figures.found("sala_database_connections", "Database connections of this process.", n, state=state)
    for name, ask in feature.figures().items():
        figures.found(f"sala_{name}", "Told by its feature.", ask())
