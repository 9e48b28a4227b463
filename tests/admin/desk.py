"""An officer at the desk, as tests speak of one: what is typed into its forms, and how they are sent."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from forum.core.consultations.models import Consultation
from forum.kernel import clock, dates


def day(name: str, days: int, **more: str) -> dict[str, str]:
    """A date as typed: year of the Buddhist era."""
    on = dates.in_bangkok(clock.now()).date() + timedelta(days=days)
    typed = {"day": str(on.day), "month": str(on.month), "year": str(on.year + 543)} | more
    return {f"{name}.{part}": value for part, value in typed.items()}


def tasks(opens: int = 20, runs: int = 30) -> dict[str, dict[str, str]]:
    """What fills every task that a consultation needs before it may open."""
    return {
        "story": {"summary": "เลือกความกว้าง", "body": "แบบ ก หรือ ข"},
        "scope": {"can_change": "ความกว้าง\nราวกันตก", "decided": "จะสร้างแน่นอน"},
        "decision": {"decider": "ผู้อำนวยการ", "effect": "อ่านทุกข้อ"},
        "ways": {"activities.0.kind": "discussion", "activities.0.key": "", "activities.0.title": "คุยเรื่องความกว้าง"},
        "dates": {
            **day("opens_at", opens),
            **day("closes_at", opens + runs - 1),
            **day("answer_by", opens + runs + 30),
        },
        "contact": {
            "contact.office": "กองช่าง",
            "contact.phone": "๐ ๒๐๐๐ ๐๐๑๑",
            "contact.name": "",
            "contact.email": "",
        },
        "offline": {"offline_route": "โทรมาได้"},
        "privacy": {"privacy_notice": "เก็บแค่ข้อความ 1 ปีแล้วลบ", "confirmed": "1"},
    }


@dataclass
class Officer:
    """Somebody of an office at a browser without scripts."""

    client: FlaskClient
    tx: Session
    slug: str = ""

    def get(self, path: str = "", status: int = 200) -> str:
        """A page of the consultation, or any page where the path is whole."""
        answer = self.client.get(path if path.startswith("/") else f"/desk/{self.slug}{path and '/' + path}")
        assert answer.status_code == status, answer.text[:400]
        return answer.text

    def send(self, path: str, typed: dict[str, Any], at: str = "") -> TestResponse:
        """Sends a form with the hidden boxes that stand on its page."""
        where = path if path.startswith("/") else f"/desk/{self.slug}/{path}"
        shown = self.client.get(at or where).text
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown))
        kept = {name: hidden[name] for name in ("csrf_token", "version", "seen") if name in hidden}
        if "csrf_token" not in kept:
            kept["csrf_token"] = self.token()
        return self.client.post(where, data=kept | typed)

    def token(self) -> str:
        """The token of this sign-in's forms."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get("/desk/new").text)
        assert found
        return found[1]

    def begin(self, agency: str, title: str = "ทางเดินริมคลอง |กว้างแค่ไหน", start: str = "") -> TestResponse:
        """A new consultation."""
        made = self.send("/desk/new", {"agency": agency, "title": title, "start": start})
        if made.status_code == 303:
            self.slug = made.headers["Location"].removeprefix("/desk/")
        return made

    def fill(self, only: tuple[str, ...] = (), **days: int) -> None:
        """Fills the tasks one after another, or only some."""
        for key, typed in tasks(**days).items():
            if not only or key in only:
                answer = self.send(f"setup/{key}", typed)
                assert answer.status_code == 303, (key, answer.text)
        if not only or "topics" in only:
            self.topic()

    def topic(self, title: str = "เดินตรงไหนแล้วลำบาก", key: str = "discussion") -> None:
        """A topic for people to speak under."""
        answer = self.send(f"/c/{self.slug}/talk/{key}/new", {"title": title, "body": "", "stance": "off"})
        assert answer.status_code == 303, answer.text

    def row(self) -> Consultation:
        """The consultation as it is kept."""
        self.tx.expire_all()
        return self.tx.execute(select(Consultation).where(Consultation.slug == self.slug)).scalar_one()
