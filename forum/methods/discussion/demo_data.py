"""Invented content to try the site with: the same every time, told relative to today."""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from forum.core.accounts.models import PRIVACY_VERSION, PUBLIC_POSTING, Consent, User
from forum.core.accounts.service import hash_password, reserve_names
from forum.core.accounts.service.names import give_name
from forum.core.agencies.models import Agency
from forum.core.agencies.service import add_member, create_agency
from forum.core.consultations import compute, forms, service
from forum.core.consultations.models import Activity, Change, Consultation
from forum.core.items.recount import recount
from forum.kernel import clock, dates, db, events, ids
from forum.methods.discussion import demo_answers
from forum.methods.discussion.demo_talk import Changes, Talk

FOLDER = Path(__file__).resolve().parent / "demo"
PASSWORD = "sala-demo-2569"  # noqa: S105 - printed at every start, for a site of invented people
SIGN_INS = (
    ("citizen", "u01@example.org"),
    ("moderator", "pimjai.tp@example.org"),
    ("officer", "wanna.tp@example.org"),
    ("owner", "prasert.tp@example.org"),
)
SEED = 2569
_DAY_MARK = re.compile(r"\{\{([+-]\d+)\}\}", re.A)
_FOUNDED = timedelta(days=120)
_PRIVACY = (
    "เก็บข้อความ ชื่อที่คุณตั้งเอง และวันเวลาที่ส่ง ไว้อ่าน ตอบ และสรุปผลเรื่องนี้เท่านั้น เก็บ 2 ปีแล้วลบ "
    "หน่วยงานไม่เห็นอีเมลหรือเบอร์ของคุณ ขอดู ขอแก้ หรือขอลบได้ที่ %s"
)


@dataclass
class DemoLoader:
    """Loads the demo once; `sign_ins` says who may be signed in as."""

    now: datetime = field(default_factory=clock.now)
    people: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Everything left to chance is drawn from one seed, so that it falls out the same every time."""
        self.today = dates.in_bangkok(self.now).date()
        self.chance = random.Random(SEED)  # noqa: S311 - which neighbour nodded is no secret
        self.changes: Changes = []

    def load(self, tx: Session) -> None:
        """Writes everything into an empty site."""
        citizens, agencies = self.read("people.json"), self.read("agencies.json")
        self._add_people(tx, [*citizens, *(member for a in agencies for member in a["members"])])
        offices = {a["slug"]: self._add_agency(tx, a) for a in agencies}
        places = {
            row["slug"]: self._add_consultation(tx, offices[row["agency"]], row)
            for row in self.read("consultations.json")
        }
        talk = Talk(tx, self.now, self.chance, self.people, [self.people[c["email"]] for c in citizens])
        for row in self.read("threads.json"):
            place = places[row["consultation"]]
            talk.start(row, place, _activity_id(tx, place.id, row["activity"]), self._moment(-row["days_ago"], "09:00"))
        talk.tell(self.read("comments.jsonl"))
        answered = demo_answers.answer(tx, talk, self.read("answers.json"), self.now)
        write_history(tx, [*self.changes, *talk.changes, *answered])
        recount(tx)

    def sign_ins(self) -> Iterator[str]:
        """One line a sign-in that exists on this site."""
        with db.reading() as tx:
            there = set(tx.execute(select(User.email).where(User.email.in_([mail for _, mail in SIGN_INS]))).scalars())
        for who, mail in SIGN_INS:
            if mail in there:
                yield f"  {who:<10} {mail:<24} {PASSWORD}"

    def read(self, name: str) -> Any:
        """One of the demo's files, its days told relative to today: JSON, or JSON a line."""
        path = FOLDER / name
        text = _DAY_MARK.sub(lambda mark: dates.date_text(self._day(int(mark[1]))), path.read_text(encoding="utf-8"))
        return [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else json.loads(text)

    def _day(self, offset: int) -> date:
        return self.today + timedelta(days=offset)

    def _moment(self, offset: int, at: str) -> datetime:
        return dates.moment(self._day(offset), time.fromisoformat(at))

    def _add_people(self, tx: Session, people: Sequence[Mapping[str, str]]) -> None:
        """Confirmed accounts that all agreed to their posts being public, and share one password."""
        hashed, since = hash_password(PASSWORD), self.now - _FOUNDED
        users = [
            User(
                public_id=self.fresh_id(), email=p["email"], password_hash=hashed, created_at=since, confirmed_at=since
            )
            for p in people
        ]
        tx.add_all(users)
        tx.flush()
        for user, person in zip(users, people, strict=True):
            give_name(tx, user, person["name"])
            self.people[person["email"]] = user.id
        given = {"purpose": PUBLIC_POSTING, "version": PRIVACY_VERSION, "given": True, "at": since}
        tx.execute(insert(Consent), [{"user_id": user.id, **given} for user in users])

    def fresh_id(self) -> str:
        """A public id that is the same at every load."""
        return ids.public_id(self.chance.choice)

    def _add_agency(self, tx: Session, row: Mapping[str, Any]) -> Agency:
        made = create_agency(
            tx,
            row["slug"],
            row["name_th"],
            row["name_en"],
            phone=row["phone"],
            address=row["office"],
            about=row["about"],
            demo=True,
        )
        made.created_at = self.now - _FOUNDED
        reserve_names(tx, made.name_th, made.name_en)
        for member in row["members"]:
            add_member(tx, made, self.people[member["email"]], member["role"]).since = self.now - _FOUNDED
        return made

    def _add_consultation(self, tx: Session, agency: Agency, row: Mapping[str, Any]) -> Consultation:
        """Made as an officer would, then opened on the day it was first announced."""
        short = ids.short_code(random.Random(row["slug"]).choice)  # noqa: S311 - as public as the address it stands for
        made = service.make(tx, agency, forms.read(self._said(row)), short=short)
        first = row["announcements"][0]
        opened = self._moment(first["date"], "09:00")
        made.state, made.version, made.created_at = "opened", 2, opened - timedelta(days=1)
        made.status_told = compute.clock_says(made.opens_at, made.closes_at, self.now)
        memo = {"memo_no": first["ref"], "memo_date": self._day(first["date"]).isoformat()}
        change = {"at": opened, "kind": "opened", "field": "state", "before": "draft", "after": "opened"}
        tx.add(Change(consultation_id=made.id, approval=memo, **change))
        self.changes.append(
            (opened, "consultation.changed", made.stream_id, made.id, {"old": "draft", "new": "opened"})
        )
        return made

    def _said(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A consultation of the file as an officer would send it."""
        left_out = ("agency", "opens_in_days", "closes_in_days", "answer_in_days")
        said = {name: value for name, value in row.items() if name not in left_out}
        return said | {
            "privacy_notice": _PRIVACY % row["contact"]["phone"],
            "opens_at": self._moment(row["opens_in_days"], row["opens_at"]),
            "closes_at": self._moment(row["closes_in_days"], row["closes_at"]),
            "answer_by": self._day(row["answer_in_days"]),
            "documents": [d | {"date": self._day(d["date"])} for d in row["documents"]],
            "announcements": [a | {"date": self._day(a["date"])} for a in row["announcements"]],
            "phases": [
                {
                    "title": p["title"],
                    "starts_at": self._moment(p["start_in_days"], p["start_at"]),
                    "ends_at": self._moment(p["end_in_days"], p["end_at"]),
                    "activities": p["activities"],
                }
                for p in row["phases"]
            ],
        }


def _activity_id(tx: Session, consultation_id: int, key: str) -> int:
    wanted = select(Activity.id).where(Activity.consultation_id == consultation_id, Activity.key == key)
    return tx.execute(wanted).scalar_one()


def write_history(tx: Session, changes: Changes) -> None:
    """Events of the past in the order they happened, numbered in their streams; nobody waits to be told of them."""
    rows, last = [], dict.fromkeys((stream_id for _at, _name, stream_id, _subject, _data in changes), 0)
    for at, name, stream_id, subject_id, data in sorted(changes, key=lambda change: change[0]):
        last[stream_id] += 1
        rows.append({
            "name": name, "at": at, "stream_id": stream_id, "seq": last[stream_id], "subject_id": subject_id,
            "data": data,
        })  # fmt: skip
    tx.execute(insert(events.Event), rows)
    for stream_id, seq in last.items():
        tx.get_one(events.Stream, stream_id).seq = seq
    tx.flush()
