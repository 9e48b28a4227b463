"""The mail queue: a row in the transaction, rendered and sent by the worker, which keeps only state and times.

Sent by SMTP where `SMTP_URL` is set, else written as files into DATA_DIR/mail.
"""

import logging
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from forum.kernel import clock, feature, i18n
from forum.kernel.db import Model, transaction
from forum.kernel.letters import Letter

log = logging.getLogger(__name__)

_KEPT = timedelta(days=90)
_READABLE = policy.SMTPUTF8.clone(linesep="\n", max_line_length=None)
"""For letters in files: every word as it is, so that `cat` shows them."""
_TRIES = (10, 60, 300, 1800, 7200, 21600)


class Mail(Model):
    """One letter to be made and sent: which kind, to which account (if any), about which rows; never its text."""

    __tablename__ = "mail"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    user_id: Mapped[int | None]
    ids: Mapped[dict[str, Any]]
    lang: Mapped[str] = mapped_column(default="th")
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime]
    next_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_mail_state_next_at", "state", "next_at"),)


@dataclass(frozen=True)
class Post:
    """How letters leave: an SMTP server, or files in a folder."""

    sender: str
    folder: Path
    smtp_url: str | None = None

    def send(self, letter: Letter) -> None:
        """Sends or files one letter; raises OSError or SMTPException when it cannot."""
        message = self._message(letter)
        if self.smtp_url is None:
            self._file(message)
            return
        with _smtp(self.smtp_url) as server:
            server.send_message(message)

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage(_READABLE if self.smtp_url is None else None)
        message["From"] = self.sender
        message["To"] = letter.to
        message["Subject"] = " ".join(letter.subject.split())
        message["Date"] = format_datetime(clock.now())
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2].strip(">") or "localhost")
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text, cte="8bit" if self.smtp_url is None else None)
        return message

    def _file(self, message: EmailMessage) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{clock.now():%Y%m%dT%H%M%S%f}.eml"
        (self.folder / name).write_bytes(message.as_bytes())


def _smtp(url: str) -> smtplib.SMTP:
    """Connects as the URL says: smtp://[user:password@]host[:port], smtps:// for TLS from the start."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=20)
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=20)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server


def queue(tx: Session, kind: str, user_id: int | None, **ids: Any) -> int:
    """Asks for a letter of this kind about these rows, in the present reader's language; returns the row's id."""
    now = clock.now()
    row = Mail(kind=kind, user_id=user_id, ids=ids, lang=i18n.language(), queued_at=now, next_at=now)
    tx.add(row)
    tx.flush()
    return row.id


def send_waiting(post: Post, limit: int = 50) -> int:
    """Renders and sends what is due; called by the worker. Returns how many left."""
    with transaction() as tx:
        due = select(Mail).where(Mail.state == "waiting", Mail.next_at <= clock.now()).order_by(Mail.id).limit(limit)
        rows = tx.execute(due.with_for_update(skip_locked=True)).scalars().all()
        # Claimed before sending: a worker that dies in between sends again only after this long.
        for row in rows:
            row.next_at = clock.now() + timedelta(seconds=_TRIES[min(row.attempts, len(_TRIES) - 1)])
            row.attempts += 1
    return sum(_send_one(post, row) for row in rows)


def forget_old() -> None:
    """Deletes what is known of letters that left, or never will, after 90 days."""
    with transaction() as tx:
        old = clock.now() - _KEPT
        tx.execute(delete(Mail).where(Mail.state != "waiting", Mail.queued_at < old))


def _send_one(post: Post, row: Mail) -> bool:
    state = "sent"
    try:
        with transaction() as tx, i18n.speaking(row.lang):
            letter = _render(tx, row)
        if letter is None:
            state = "dropped"
        else:
            post.send(letter)
    except Exception as error:  # noqa: BLE001  whatever goes wrong with one letter, the others are sent
        log.warning("mail %s (%s) not sent: %s", row.id, row.kind, type(error).__name__)
        state = "failed" if row.attempts > len(_TRIES) else "waiting"
    with transaction() as tx:
        kept = tx.get_one(Mail, row.id)
        kept.state = state
        kept.sent_at = clock.now() if state == "sent" else None
    return state == "sent"


def _render(tx: Session, row: Mail) -> Letter | None:
    renderers = {kind: make for f in feature.features() for kind, make in f.mails.items()}
    return renderers[row.kind](tx, row.user_id, row.ids)
