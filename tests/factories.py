"""Makes the things tests speak about, in as few words as a sentence needs."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.commons.comments.service import NewThread, make_thread
from forum.core.accounts.compute import name_key
from forum.core.accounts.models import ApiToken, SignIn, TakenName, User
from forum.core.accounts.queries import digest_of
from forum.core.agencies.models import Agency, Membership
from forum.core.agencies.queries import roles_of
from forum.core.consultations import tallies
from forum.core.consultations.models import Activity, Consultation, Phase
from forum.kernel import clock, events, ids
from forum.kernel.rules import Actor

_numbers = count(1)


@dataclass
class Make:
    """A maker bound to a test's session; everything is flushed, so that the app under test sees it."""

    tx: Session

    def user(self, name: str = "นก ริมคลอง", **values: Any) -> User:
        """A confirmed account without a password."""
        n = next(_numbers)
        user = User(
            public_id=ids.public_id(),
            email=f"made-{n}@example.org",
            name=name,
            created_at=clock.now(),
            confirmed_at=clock.now(),
            **values,
        )
        self._kept(user)
        if self.tx.get(TakenName, name_key(name)) is None:
            self._kept(TakenName(key=name_key(name), user_id=user.id))
        return user

    def actor(self, user: User) -> Actor:
        """The user as services see them."""
        return Actor(user.id, user.name or "", roles_of(self.tx, user.id))

    def token(self, user: User) -> str:
        """An API token of the user."""
        secret = ids.token()
        self._kept(
            ApiToken(
                public_id=ids.public_id(), user_id=user.id, name="t", digest=digest_of(secret), created_at=clock.now()
            )
        )
        return secret

    def sign_in(self, client: Any, user: User) -> str:
        """Signs the user in on a test client; returns the secret of the sign-in."""
        secret = ids.token()
        now = clock.now()
        self._kept(
            SignIn(user_id=user.id, digest=digest_of(secret), created_at=now, expires_at=now + timedelta(days=1))
        )
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = secret, True
        return secret

    def agency(self, **values: Any) -> Agency:
        """An agency that lets guests speak."""
        n = next(_numbers)
        given: dict[str, Any] = {
            "created_at": clock.now(),
            "slug": f"office-{n}",
            "name_th": "สำนักช่างท่าพร้าว",
            "name_en": "Works Office",
            "phone": "0 2000 0001",
        }
        return self._kept(Agency(**(given | values)))

    def member(self, agency: Agency | None, role: str = "officer", user: User | None = None) -> User:
        """Somebody with a role in the agency, or in the site's pool."""
        user = user or self.user("เจ้าหน้าที่")
        self._kept(Membership(user_id=user.id, agency_id=agency.id if agency else None, role=role, since=clock.now()))
        return user

    def consultation(self, agency: Agency | None = None, **values: Any) -> Consultation:
        """An open consultation with one discussion in one running phase."""
        n, now = next(_numbers), clock.now()
        agency = agency or self.agency()
        given: dict[str, Any] = {
            "slug": f"topic-{n}",
            "short": ids.short_code(),
            "agency_id": agency.id,
            "state": "opened",
            "title": "ทางเดินริมคลองควรกว้างเท่าไร",
            "title_phrases": ["ทางเดินริมคลอง", "ควรกว้างเท่าไร"],
            "summary": "เลือกความกว้างทางเดิน",
            "body": "",
            "can_change": ["ความกว้าง"],
            "decided": ["จะสร้างแน่นอน"],
            "decider": "ผู้อำนวยการ",
            "contact": {"office": "สำนักช่าง", "phone": "0 2000 0001"},
            "answer_by": (now + timedelta(days=60)).date(),
            "opens_at": now - timedelta(days=5),
            "closes_at": now + timedelta(days=20),
            "offline_route": "โทรมาบอกได้",
            "documents": [],
            "announcements": [],
            "area_codes": [],
            "created_at": now,
            "stream_id": events.new_stream(self.tx),
        }
        made = self._kept(Consultation(**(given | values)))
        self._kept(
            Activity(
                consultation_id=made.id, position=0, kind="discussion", key="discussion", title="พูดคุย", settings={}
            )
        )
        if made.opens_at and made.closes_at:
            self._kept(
                Phase(
                    consultation_id=made.id,
                    position=0,
                    title="ออกความเห็น",
                    starts_at=made.opens_at,
                    ends_at=made.closes_at,
                    activities=["discussion"],
                )
            )
        return made

    def agency_of(self, consultation: Consultation) -> Agency:
        """Who asks."""
        return self.tx.get_one(Agency, consultation.agency_id)

    def heard(self, consultation: Consultation, n: int = 1, answered: str = "no") -> Consultation:
        """The consultation, in which so many comments wait for an answer, or have one, as far as its numbers tell."""
        tallies.count(self.tx, consultation.id, {("comment", "web", "public", answered): n})
        return consultation

    def thread(self, consultation: Consultation | None = None, **values: Any) -> str:
        """A thread in the consultation's discussion; its public id."""
        consultation = consultation or self.consultation()
        activity = self.tx.execute(select(Activity.id).where(Activity.consultation_id == consultation.id)).scalar_one()
        given = {"title": "ทางเดินควรกว้าง 2.4 หรือ 3 เมตร", "body": "", "html": ""} | values
        return make_thread(
            self.tx,
            NewThread(**given),
            consultation_id=consultation.id,
            agency_id=consultation.agency_id,
            activity_id=activity,
            author_id=None,
            voice="agency",
        ).public_id

    def member_of(self, thread: Any, role: str = "officer") -> User:
        """Somebody with a role in the agency that asks in a thread."""
        return self.member(self.tx.get_one(Agency, thread.agency_id), role)

    def close(self, thread: Any) -> None:
        """Lets the consultation of a thread have closed a minute ago."""
        consultation = self.tx.get_one(Consultation, thread.consultation_id)
        consultation.closes_at = clock.now() - timedelta(minutes=1)
        self.tx.flush()

    def _kept(self, row: Any) -> Any:
        self.tx.add(row)
        self.tx.flush()
        return row
