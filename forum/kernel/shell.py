"""What stands around every request: host, language, headers, compression, the short-lived copy of public pages."""

import gzip
import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, g, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from forum.kernel import csrf, i18n, ids, logs, web
from forum.kernel.errors import NotFound

_COMPRESSIBLE = ("text/", "application/json", "application/problem+json", "image/svg", "application/atom")
_LOCAL = {"127.0.0.1", "localhost", "[::1]", "::1"}
_KEPT_PAGES = 500
_PROBES = {"/healthz", "/readyz", "/metrics"}
"""Asked by machines under whatever name they know this one by; they say nothing that a name could turn to harm."""
MAX_BODY = 256 * 1024
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


class Typed(ImmutableMultiDict[str, Any]):
    """Values of a query or a form, without NUL: nobody types it, and PostgreSQL stores none."""

    def __init__(self, mapping: Any = None):
        said = MultiDict(mapping).items(multi=True)
        super().__init__([(key, v.replace("\0", "") if isinstance(v, str) else v) for key, v in said])


class Asked(Request):
    """A request of this site."""

    parameter_storage_class = Typed

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        # Apps hang bytes on links that are no text; escaped they harm nobody, as they are no page could be read.
        self.query_string = _NOT_ASCII.sub(lambda byte: b"%%%02X" % byte[0][0], self.query_string)


@dataclass(frozen=True)
class Kept:
    """A public page as it was made for anybody, with marks where each reader's own values go."""

    body: str
    headers: dict[str, str]
    until: float


class PageCache:
    """Public pages for readers who are not signed in, kept for a second so that a rush costs one page."""

    def __init__(self, seconds: float):
        self.seconds = seconds
        self._pages: dict[tuple[str, ...], Kept] = {}

    def get(self, key: tuple[str, ...]) -> Kept | None:
        """The page, unless it has gone stale."""
        kept = self._pages.get(key)
        return kept if kept is not None and kept.until > time.monotonic() else None

    def put(self, key: tuple[str, ...], body: str, headers: dict[str, str], since: float) -> None:
        """Keeps a page that was asked for at `since`; forgets everything when there are too many."""
        if len(self._pages) >= _KEPT_PAGES:
            self._pages.clear()
        self._pages[key] = Kept(body, headers, since + self.seconds)


def guard(app: Flask) -> None:
    """Puts the shell around an app."""
    config = app.config["SALA"]
    app.request_class = Asked
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY
    app.config["MAX_FORM_PARTS"] = 200
    app.extensions["page_cache"] = PageCache(min(config.page_cache_seconds, 1.5))
    host = urlsplit(config.public_url).netloc
    app.before_request(lambda: _arrive(host))
    app.before_request(lambda: _serve_kept(app.extensions["page_cache"]))
    app.after_request(_finish)


def _arrive(host: str) -> None:
    g.started = time.monotonic()
    logs.request_id.set(ids.public_id())
    i18n.activate(web.reader_language(request))
    if request.path not in _PROBES and not _is_our_host(request.host, host):
        raise NotFound
    if "\0" in request.path:
        raise NotFound


def _is_our_host(asked: str, ours: str) -> bool:
    if asked == ours:
        return True
    return ours.rpartition(":")[0] in _LOCAL and asked.rpartition(":")[0] in _LOCAL


def _may_keep(req: Request) -> bool:
    mine = ("session", "remember_token", "note")
    return (
        req.method == "GET"
        and not req.path.startswith(("/api/", "/static/", "/r/", "/r?", "/account", "/desk", "/socket.io"))
        and "Authorization" not in req.headers
        and not any(name in req.cookies for name in mine)
        and "kept" not in req.args
    )


def _key(req: Request) -> tuple[str, ...]:
    theme = req.cookies.get("theme", "")
    return (req.full_path, web.reader_language(req), theme if theme in ("dark", "light") else "")


def _serve_kept(cache: PageCache) -> Response | None:
    if cache.seconds <= 0 or not _may_keep(request):
        return None
    kept = cache.get(_key(request))
    if kept is None:
        g.page_kept = True
        return None
    g.page_marked = True
    return Response(kept.body, headers=kept.headers)


def keepable(view: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a view whose page is the same for everybody who is not signed in."""
    view.keepable = True  # type: ignore[attr-defined]
    return view


def _finish(response: Response) -> Response:
    _keep_for_others(response)
    _fill_marks(response)
    web.drop_taken_note(response)
    _remember_language(response)
    _headers(response)
    _compress(response)
    _tell_log(response)
    return response


def _tell_log(response: Response) -> None:
    route = request.url_rule.rule if request.url_rule else None
    if route not in _PROBES:
        seconds = time.monotonic() - g.started if "started" in g else 0.0
        logs.answered(request.method, route, response.status_code, seconds)


def _keep_for_others(response: Response) -> None:
    cache: PageCache = request_app().extensions["page_cache"]
    if "page_kept" not in g or response.status_code != 200 or response.mimetype != "text/html":
        return
    if "Set-Cookie" not in response.headers and not response.is_streamed and request.endpoint in _keepable():
        cache.put(
            _key(request), response.get_data(as_text=True), {"Content-Type": "text/html; charset=utf-8"}, g.started
        )


def _keepable() -> set[str]:
    views = request_app().view_functions
    return {name for name, view in views.items() if getattr(view, "keepable", False)}


def request_app() -> Flask:
    """The app of the present request."""
    from flask import current_app

    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]


def _fill_marks(response: Response) -> None:
    if "page_marked" not in g or response.mimetype != "text/html" or response.is_streamed:
        return
    text = response.get_data(as_text=True)
    if web.NONCE_MARK in text or web.CSRF_MARK in text:
        g.pop("page_kept", None)
        if _is_seen_already(response, text):
            return
        filled = text.replace(web.NONCE_MARK, web.nonce()).replace(web.CSRF_MARK, csrf.make(""))
        response.set_data(filled)


def _is_seen_already(response: Response, text: str) -> bool:
    """Names a public page by what it says, and answers 304 to a reader who holds it: a phone loads it once.

    The reader's own values are no part of the name. Those in the copy stay good: a form token of nobody's has no
    end, and scripts are let in because they are ours.
    """
    if response.status_code != 200 or "Set-Cookie" in response.headers:
        return False
    said = text.replace(web.NONCE_MARK, "").replace(web.CSRF_MARK, "")
    response.set_etag(hashlib.sha256(said.encode()).hexdigest()[:20], weak=True)
    response.make_conditional(request)
    return response.status_code == 304


def _remember_language(response: Response) -> None:
    asked = request.args.get("lang")
    if asked in i18n.LANGUAGES and request.cookies.get("lang") != asked:
        response.set_cookie("lang", asked, max_age=31536000, **web.cookie_flags())


def _headers(response: Response) -> None:
    config = request_app().config["SALA"]
    set_header = response.headers.setdefault
    g.pop("page_kept", None)
    framed, framing = g.pop("framed", False), g.pop("framing", False)
    set_header("Content-Security-Policy", _policy(web.nonce(), config.is_https, framed, framing))
    set_header("X-Content-Type-Options", "nosniff")
    set_header("Referrer-Policy", "same-origin")
    set_header("X-Frame-Options", "SAMEORIGIN" if framed else "DENY")
    set_header("Cross-Origin-Opener-Policy", "same-origin")
    set_header("Cross-Origin-Resource-Policy", "same-origin")
    set_header("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()")
    set_header("X-Request-Id", logs.request_id.get())
    if config.is_https:
        set_header("Strict-Transport-Security", "max-age=31536000")
    if not request.path.startswith("/static/"):
        set_header("Cache-Control", "private, no-cache")
        response.headers.add("Vary", "Cookie")


def _policy(nonce: str, https: bool, framed: bool = False, framing: bool = False) -> str:
    parts = [
        "default-src 'none'",
        f"script-src 'self' 'nonce-{nonce}'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        f"frame-ancestors {_SELF if framed else _NONE}",
        "base-uri 'none'",
    ]
    inside = [f"frame-src {_SELF}"] if framing else []
    return "; ".join(parts + inside + (["upgrade-insecure-requests"] if https else []))


_SELF, _NONE = "'self'", "'none'"


def _compress(response: Response) -> None:
    big = not response.is_streamed and not response.direct_passthrough and response.status_code != 304
    if not big or "Content-Encoding" in response.headers or not (response.mimetype or "").startswith(_COMPRESSIBLE):
        return
    response.headers.add("Vary", "Accept-Encoding")
    if "gzip" not in request.headers.get("Accept-Encoding", "") or (response.content_length or 0) < 700:
        return
    response.set_data(gzip.compress(response.get_data(), 5, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
