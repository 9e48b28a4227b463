"""What templates may call: words, dates, numbers, names that do not break, addresses of pages and files."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request
from flask_login import current_user
from markupsafe import Markup, escape

from forum.kernel import clock, dates, feature, i18n, pieces, text, web
from forum.kernel.rules import Actor, why_not
from forum.kernel.site import named
from forum.kernel.templates import each_language

_NBSP = "\u00a0"


def register_display(app: Flask) -> None:
    """Gives an app's templates everything in this module."""
    env = app.jinja_env
    env.trim_blocks = True
    env.lstrip_blocks = True
    env.add_extension("jinja2.ext.i18n")
    env.add_extension("jinja2.ext.do")
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True, pgettext=i18n.pgettext)  # type: ignore[attr-defined]
    env.filters.update(
        date=date_tag,
        datetime=datetime_tag,
        shortdate=short_date_tag,
        timeago=ago_tag,
        dayago=day_ago_tag,
        untilwhen=until_tag,
        plaindate=plain_until,
        nm=unbroken,
        clauses=clauses,
        num=number,
        phone=phone_link,
        avatar=text.avatar_letter,
        balanced=text.balanced,
    )
    # Jinja's own wrapper looks every message up in its context and formats it.
    env.globals.update(_=said, gettext=said)
    shelf = app.extensions["shelf"]
    config = app.config["SALA"]
    site = {
        "name": config.site_name,
        "operator": named(config.operator),
        "operator_is_agency": config.operator_is_agency,
        "help_phone": config.help_phone,
        "public_url": config.public_url,
    }
    env.globals.update(
        static_url=shelf.url,
        csrf_token=web.csrf_token,
        csp_nonce=web.nonce,
        page_url=page_url,
        site=site,
        why_not=_why_not,
        reason_text=web.reason_text,
        now=_now,
        take_note=web.take_note,
        tongue=tongue,
        drawn=pieces.keeper(config.kept_pieces),
    )
    icon = _icons(shelf.url("img/icons.svg"))
    env.globals["svg_icon"] = icon
    makers = dict.fromkeys(("svg_icon", "icon", "_icon", "ui.icon"), icon)
    app.extensions["spoken"] = each_language(env, {"_": said, "static_url": shelf.url, **makers})
    app.context_processor(_per_request)


def said(message: str, **values: Any) -> Markup:
    """A message of ours in the reader's language; what is put into it is escaped."""
    lang = i18n.language()
    return _said(lang, message) % values if values else _said_alone(lang, message)


@lru_cache(maxsize=4096)
def _said(_lang: str, message: str) -> Markup:
    return Markup(i18n.gettext(message))  # noqa: S704 - our own words, some with markup


@lru_cache(maxsize=4096)
def _said_alone(lang: str, message: str) -> Markup:
    return _said(lang, message) % {}


def _icons(sprite: str) -> Callable[..., Markup]:
    """The function that draws icons; each is written once, as there are few of them and many on a page."""

    @cache
    def icon(name: str, label: str = "", cls: str = "") -> Markup:
        """svg.i from the sprite; with a label only where no word stands beside it."""
        spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
        drawn = Markup('<svg class="{}" {} focusable="false"><use href="{}#i-{}"></use></svg>')
        return drawn.format(f"i {cls}".strip(), spoken, sprite, name)

    return icon


def _per_request() -> dict[str, Any]:
    theme = request.cookies.get("theme", "")
    return {
        "lang": i18n.language(),
        "theme": theme if theme in ("dark", "light") else "",
        "viewer": current_user if current_user.is_authenticated else None,
        "actor": web.actor(),
        "demo": False,
        "save_data": request.headers.get("Save-Data") == "on",
    }


def _now() -> datetime:
    pieces.only_this_reader()
    return clock.now()


def _why_not(action: str, actor: Actor, subject: Any = None) -> str | None:
    rules = next(f.rules for f in feature.features() if action in f.rules)
    return why_not(rules, action, actor, subject)


def page_url(**changes: str | None) -> str:
    """This page's address with some query values changed (None removes one)."""
    pieces.only_this_reader()
    kept = [(k, v) for k, v in request.args.items() if k not in changes] if request.args else []
    return _address(request.path, *kept, *((k, v) for k, v in changes.items() if v is not None))


@lru_cache(maxsize=1024)
def _address(path: str, *query: tuple[str, str]) -> str:
    return path + (f"?{urlencode(query)}" if query else "")


def _time(moment: datetime | date, shown: str) -> Markup:
    # Markup.format would take ten times as long, and a page of comments holds dozens of times.
    return Markup(f'<time class="nb" datetime="{dates.iso(moment)}">{escape(shown)}</time>')  # noqa: S704


def date_tag(moment: datetime | date) -> Markup:
    """30 พ.ย. 2569, as a <time> that does not break."""
    return _date_tag(moment, i18n.language())


@lru_cache(maxsize=4096)
def _date_tag(moment: datetime | date, lang: str) -> Markup:
    return _time(moment, dates.date_text(moment, lang))


def short_date_tag(moment: datetime | date) -> Markup:
    """30 พ.ย., without the year."""
    return _time(moment, dates.short_date_text(moment, i18n.language()))


def datetime_tag(moment: datetime) -> Markup:
    """30 พ.ย. 2569 เวลา 16.30 น., as a <time> that does not break."""
    return _time(moment, dates.datetime_text(moment, i18n.language()))


def ago_tag(moment: datetime) -> Markup:
    """20 นาทีก่อน under a day, then the date."""
    return _time(moment, dates.ago(moment, _now(), i18n.language()))


def day_ago_tag(moment: datetime) -> Markup:
    """20 นาทีก่อน under a day, then the day alone: short enough for the first line of a comment on a small phone."""
    is_recent = _now() - moment < timedelta(days=1)
    return ago_tag(moment) if is_recent else date_tag(moment)


def until_tag(moment: datetime) -> Markup:
    """The last day of a window that ends then, with the time where that is not the end of the day."""
    return _until_tag(moment, i18n.language())


@lru_cache(maxsize=1024)
def _until_tag(moment: datetime, lang: str) -> Markup:
    return _time(moment, dates.until_text(moment, lang))


def plain_until(moment: datetime) -> str:
    """The same as text, for descriptions."""
    return _plain_until(moment, i18n.language())


_plain_until = lru_cache(maxsize=1024)(dates.until_text)


def unbroken(name: Any) -> Markup:
    """A name, place or number that must not be cut at the end of a line."""
    return Markup('<span class="nb"{}>{}</span>').format(tongue(str(name)), name)


def clauses(title: str) -> Markup:
    """A title that breaks where its writer left a space: Thai leaves one only between clauses."""
    spans = (Markup('<bdi class="ph"{}>{}</bdi>').format(tongue(clause), clause) for clause in title.split(" "))
    return Markup(" ").join(spans)


def tongue(words: i18n.Text | str | None) -> Markup:
    """What tells a screen reader that people's words are Thai, on a page in another language.

    Among people's words stand the forum's own, which are in the page's language once they are written out.
    """
    if i18n.language() == "th" or not words or not any(map(text.is_thai, str(words))):
        return Markup()
    return Markup(' lang="th"')


def number(n: int) -> str:
    """1,284."""
    return f"{n:,}"


def phone_link(phone: str) -> Markup:
    """A telephone number that a tap calls."""
    dialled = "".join(c for c in phone if c.isdigit() or c == "+")
    return Markup('<a class="nb tel" href="tel:{}">{}</a>').format(dialled, escape(phone).replace(" ", _NBSP))
