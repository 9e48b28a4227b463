"""Puts the site together: the only module that knows everyone."""

import logging
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request
from flask_login import AnonymousUserMixin, LoginManager
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

import config as settings
from forum.admin.manifest import FEATURE as ADMIN
from forum.commons.comments.manifest import FEATURE as COMMENTS
from forum.core.accounts.manifest import FEATURE as ACCOUNTS
from forum.core.accounts.queries import signed_in_by, signed_in_by_token
from forum.core.accounts.service import SIGNED_IN_FOR
from forum.core.agencies.manifest import FEATURE as AGENCIES
from forum.core.agencies.queries import roles_of
from forum.core.answers.manifest import FEATURE as ANSWERS
from forum.core.consultations import notice
from forum.core.consultations.manifest import FEATURE as CONSULTATIONS
from forum.core.entries.manifest import FEATURE as ENTRIES
from forum.core.items.manifest import FEATURE as ITEMS
from forum.kernel import api, db, events, feature, keys, shell, site, static, templates, throttle, web
from forum.kernel.display import register_display
from forum.kernel.errors import AppError, Conflict, Denied, Gone, Invalid
from forum.kernel.rules import Actor
from forum.kernel.viewer import Viewer
from forum.methods.discussion.manifest import FEATURE as DISCUSSION
from forum.observers.feeds.manifest import FEATURE as FEEDS
from forum.observers.insights.manifest import FEATURE as INSIGHTS
from forum.observers.opendata.manifest import FEATURE as OPENDATA
from forum.observers.realtime import api as live
from forum.observers.realtime.manifest import FEATURE as REALTIME
from forum.observers.reports.manifest import FEATURE as REPORTS

ROOT = Path(__file__).resolve().parents[1]
FEATURES = (
    *(ACCOUNTS, AGENCIES, CONSULTATIONS, ITEMS, ANSWERS, ENTRIES),
    *(COMMENTS, DISCUSSION),
    *(FEEDS, REALTIME, OPENDATA, INSIGHTS, REPORTS, ADMIN),
)
log = logging.getLogger(__name__)


def create_app(config: settings.Config | None = None, database: db.Database | None = None) -> Flask:
    """The WSGI app of this site; connects its database unless one is lent."""
    config = config or settings.load()
    settings.open_data_dir(config.data_dir)
    app = Flask("forum", root_path=str(ROOT), template_folder="templates", static_folder=None)
    app.jinja_environment = templates.Spoken
    app.config.update(SALA=config, SECRET_KEY=set_up(config))
    app.config.update(SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_SECURE=config.is_https)
    # An answer still on its way must not bring back the cookie of a sign-in that has ended.
    app.config.update(SESSION_REFRESH_EACH_REQUEST=False, PERMANENT_SESSION_LIFETIME=SIGNED_IN_FOR)
    if database is None:
        db.connect(config.database_url)
    else:
        db.use(database)
    _furnish(app)
    if config.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, config.proxies, config.proxies, config.proxies)  # type: ignore[method-assign]
    return app


def set_up(config: settings.Config) -> str:
    """Gives this process its keys, limits, names and features; returns the site's secret."""
    throttle.configure(dict(config.limits), config.redis_url)
    site.configure(config.public_url, config.site_name, config.operator, config.help_phone)
    notice.configure(config.notice_days, config.running_days, config.running_days_law)
    feature.register(FEATURES)
    for observer in (o for f in FEATURES for o in f.observers):
        events.observe(observer)
    return keys.load(config.data_dir, config.secret_key)


def _furnish(app: Flask) -> None:
    """The shell around every request, then every feature's pages, then sockets."""
    shell.guard(app)
    app.extensions["shelf"] = static.serve(app, ROOT / "static")
    register_display(app)
    _sign_ins(app)
    _answers_to_errors(app)
    for blueprint in (b for f in FEATURES for b in f.blueprints):
        app.register_blueprint(blueprint)
    live.attach(app)


def _sign_ins(app: Flask) -> None:
    login = LoginManager(app)
    login.session_protection = None
    login.anonymous_user = AnonymousUserMixin
    login.user_loader(_viewer_by_cookie)
    login.request_loader(_viewer_by_token)

    @app.before_request
    def check_api_caller() -> None:
        """JSON writes by cookie must carry the form token."""
        if web.wants_json():
            throttle.hit("api", web.caller())
            api.check_caller()


def _viewer_by_cookie(secret: str) -> Viewer | None:
    if "Authorization" in request.headers and web.wants_json():
        return None
    with db.reading() as tx:
        found = signed_in_by(tx, secret)
        if found is None:
            return None
        roles = roles_of(tx, found.user_id)
    return Viewer(secret, found.digest, Actor(found.user_id, found.name, roles), found.email)


def _viewer_by_token(req: Any) -> Viewer | None:
    header = req.headers.get("Authorization", "")
    if not header or not web.wants_json():
        return None
    with db.reading() as tx:
        found = signed_in_by_token(tx, header.removeprefix("Bearer ").strip())
        if found is None:
            raise Denied("token", sign_in=True)
        roles = roles_of(tx, found.user_id)
    return Viewer("", found.digest, Actor(found.user_id, found.name, roles), found.email)


def _answers_to_errors(app: Flask) -> None:
    app.register_error_handler(AppError, answer_to)
    app.register_error_handler(HTTPException, _answer_to_http)
    app.register_error_handler(Exception, _answer_to_bug)


def answer_to(error: AppError) -> Response:
    """An error of ours as a page, or as problem+json for programs."""
    g.pop("page_kept", None)
    response = _problem(error) if web.wants_json() else _error_page(error.status, error)
    retry = getattr(error, "retry_after", None)
    if retry:
        response.headers["Retry-After"] = str(retry)
    if error.status == 401 and web.wants_json():
        response.headers["WWW-Authenticate"] = 'Bearer realm="sala"'
    return response


def _problem(error: AppError) -> Response:
    title = web.title_of(error.status)
    if isinstance(error, Invalid):
        shown = {field: str(message) for field, message in error.errors.items()}
        return api.problem(422, title, "; ".join(dict.fromkeys(shown.values())), errors=shown)
    if isinstance(error, Denied):
        more = {"reason": error.reason, "help": web.help_text(error.reason)}
        return api.problem(error.status, title, web.reason_text(error.reason), **more)
    if isinstance(error, Conflict):
        more = {} if error.current is None else {"current": error.current}
        return api.problem(409, title, str(error.message), **more)
    detail = str(error.reason) if isinstance(error, Gone) else web.advice_of(error.status)
    return api.problem(error.status, title, detail, **getattr(error, "extra", {}))


def _error_page(status: int, error: Exception | None) -> Response:
    known = status if (ROOT / "templates" / "errors" / f"{status}.html").exists() else 500
    return web.page(f"errors/{known}.html", status, error=error)


def _answer_to_http(error: HTTPException) -> Response:
    g.pop("page_kept", None)
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()  # type: ignore[return-value]
    if web.wants_json():
        response = api.problem(status, web.title_of(status), web.advice_of(status))
    else:
        response = _error_page(status, error)
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _answer_to_bug(error: Exception) -> Response:
    log.error("unanswered error: %s", type(error).__name__, exc_info=error)
    g.pop("page_kept", None)
    if web.wants_json():
        return api.problem(500, web.title_of(500), web.advice_of(500))
    return _error_page(500, error)
