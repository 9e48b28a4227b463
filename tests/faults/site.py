"""A whole site as people run it, web process and worker on their own folder, for tests, journeys and benchmarks.

with site() as here:
    thread = here.thread()
    here.speaker.post(f"/threads/{thread}/comments", {"body": "สวัสดี"})
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Engine, create_engine

from tests.lanes.cluster import cluster, flask
from tests.lanes.process import Server, free_port, own_folder, run_as

ROOT = Path(__file__).resolve().parents[2]
LIMITS = [
    "posts",
    "guest_posts",
    "site_guest_posts",
    "threads",
    "sign_in",
    "sign_in_account",
    "sign_up",
    "codes",
    "mails",
    "receipts",
    "site_receipts",
    "reactions",
    "api",
]
EMBEDDED = {"DATABASE_URL": "", "REDIS_URL": ""}
NO_LIMITS = {f"LIMIT_{name.upper()}": "off" for name in LIMITS}


@dataclass
class Caller:
    """Somebody who uses the JSON API of a site, with a token or as nobody."""

    url: str
    token: str | None = None

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """One request on a connection of its own, so that callers may be used by many threads."""
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.request(method, f"{self.url}/api/v1{path}", json=body, headers=named, timeout=30)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """What a POST that must succeed answered."""
        return self._good(self.ask("POST", path, body, **headers))

    def get(self, path: str) -> Any:
        """What a GET that must succeed answered."""
        return self._good(self.ask("GET", path))

    @staticmethod
    def _good(answer: requests.Response) -> Any:
        assert answer.ok, f"{answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None


@dataclass
class Site:
    """A running site: its address, its settings, its processes."""

    url: str
    environment: Mapping[str, str]
    webs: tuple[Server, ...]
    worker: Server | None
    ports: tuple[int, ...]

    def python(self, code: str, **given: Any) -> Any:
        """Runs code on this site's database, outside its processes: `app`, `tx` and what is given are there.

        What the code leaves in `out` is given back, over JSON.
        """
        program = _PROGRAM.format(given=given, code=textwrap.indent(textwrap.dedent(code), "    "))
        command = [sys.executable, "-c", program]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    def cookie(self, email: str) -> str:
        """The cookie of a new sign-in of this person, as a browser sends it."""
        session: str = self.python(_SIGN_IN, email=email)
        return f"session={session}"

    def flask(self, *arguments: str) -> str:
        """What a `flask …` command on this site printed."""
        return flask(self.environment, *arguments)

    def person(self, email: str, *options: str) -> dict[str, Any]:
        """A user with a token: `id`, `email`, `token`, `password`."""
        made: dict[str, Any] = json.loads(self.flask("user", "create", email, "--token", *options))
        return made

    @cached_property
    def people(self) -> dict[str, str]:
        """The tokens of an officer of the site's one agency, `works`, and of a citizen."""
        made: dict[str, str] = self.python(_PEOPLE)
        return made

    @property
    def officer(self) -> Caller:
        """An officer of the agency."""
        return Caller(self.url, self.people["officer"])

    @property
    def speaker(self) -> Caller:
        """A citizen."""
        return Caller(self.url, self.people["citizen"])

    def consultation(self, **values: Any) -> str:
        """The slug of a new open consultation with one discussion."""
        made = self.officer.post("/consultations", _consultation() | values)
        self.officer.post(f"/consultations/{made['slug']}/open", {"reason": "เปิดถาม", "approval": _PAPER})
        slug: str = made["slug"]
        return slug

    def thread(self, slug: str | None = None) -> str:
        """The id of a new thread."""
        body = {"title": "ทางเดินริมคลองควรกว้างเท่าไร"}
        made: dict[str, str] = self.officer.post(f"/consultations/{slug or self.consultation()}/threads", body)
        return made["id"]

    def everything(self, thread: str) -> list[dict[str, Any]]:
        """Every comment of a thread, as the API lists them."""
        out: list[dict[str, Any]] = []
        after = ""
        while True:
            page = Caller(self.url).get(f"/threads/{thread}/comments?limit=100{after}")
            out += page["items"]
            if page["next"] is None:
                return out
            after = f"&after={page['next']}"

    def kill(self, process: Server) -> None:
        """kill -9, and gone."""
        os.kill(process.pid, signal.SIGKILL)
        process.stop()

    def start_web(self, number: int = 0) -> None:
        """Starts a web process that was stopped or killed, and waits until it answers."""
        self.webs[number].start(lambda: answers(self.ports[number]))


_PROGRAM = """
import json
from wsgi import app
from forum.kernel import db
globals().update({given!r})
out = None
with db.transaction() as tx:
{code}
print(json.dumps(out))
"""
_PEOPLE = """
from forum.core.accounts.service import create_confirmed_user, make_token
from forum.core.agencies.service import add_member, create_agency
agency = create_agency(tx, "works", "สำนักช่าง", "Works", phone="0 2000 0001")
officer, _ = create_confirmed_user(tx, "officer@example.org", "เจ้าหน้าที่", None)
citizen, _ = create_confirmed_user(tx, "citizen@example.org", "นก ริมคลอง", None)
add_member(tx, agency, officer.id, "officer")
out = {"officer": make_token(tx, officer.id, "t")[1], "citizen": make_token(tx, citizen.id, "t")[1]}
"""
_SIGN_IN = """
from sqlalchemy import select
from forum.core.accounts.models import User
from forum.core.accounts.service.sign_ins import sign_in
user_id = tx.execute(select(User.id).where(User.email == email)).scalar_one()
signer = app.session_interface.get_signing_serializer(app)
out = signer.dumps({"_user_id": sign_in(tx, user_id, None), "_fresh": True})
"""
_PAPER = {"memo_no": "มท 0000/1", "memo_date": "2026-01-05"}


def _consultation() -> dict[str, Any]:
    now = datetime.now(UTC)
    opens, closes = now - timedelta(minutes=1), now + timedelta(days=20)
    return {
        "agency": "works",
        "title": "ทางเดินริมคลองควรกว้างเท่าไร",
        "summary": "เลือกความกว้าง",
        "body": "เรามีที่สองแบบ",
        "can_change": ["ความกว้าง"],
        "decided": ["จะสร้าง"],
        "decider": "ผู้อำนวยการสำนักช่าง",
        "effect": "ใช้ประกอบการตัดสิน",
        "contact": {"office": "สำนักช่าง", "name": "คุณดาว", "phone": "0 2000 0001"},
        "answer_by": (date.today() + timedelta(days=60)).isoformat(),  # noqa: DTZ011
        "opens_at": opens.isoformat(),
        "closes_at": closes.isoformat(),
        "offline_route": "โทรมาบอกได้",
        "phases": [
            {
                "title": "ออกความเห็น",
                "starts_at": opens.isoformat(),
                "ends_at": closes.isoformat(),
                "activities": ["discussion"],
            }
        ],
        "activities": [{"kind": "discussion", "title": "พูดคุย"}],
    }


def answers(port: int) -> bool:
    """Whether a web process of this machine answers by now."""
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code < 500
    except requests.RequestException:
        return False


def outside() -> dict[str, str]:
    """What a site needs of the environment of whoever starts it, and none of its settings."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


@contextmanager
def site(
    settings: Mapping[str, str] | None = None, worker: bool = True, port: int = 0, embedded: bool = False
) -> Iterator[Site]:
    """One web process and a worker on a fresh database: embedded, or beside the one that DATABASE_URL names."""
    port = port or free_port()
    with ExitStack() as parts:
        folder = parts.enter_context(own_folder("sala-site-"))
        environment = outside() | NO_LIMITS | {"DATA_DIR": str(folder / "data"), "PORT": str(port)}
        environment |= EMBEDDED if embedded else _services(parts)
        environment |= settings or {}
        flask(environment, "db", "upgrade")
        web = _process(parts, folder, environment, "web", ["wsgi.py"])
        beside = _process(parts, folder, environment, "worker", ["-m", "flask", "worker"]) if worker else None
        here = Site(f"http://127.0.0.1:{port}", environment, (web,), beside, (port,))
        here.start_web()
        if beside is not None:
            beside.start(lambda: "working" in beside.printed())
        yield here


def _services(parts: ExitStack) -> dict[str, str]:
    """A new database beside the one that DATABASE_URL names, and Redis, when the tests run on those."""
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres"):
        return {}
    name = f"site_{secrets.token_hex(6)}"
    engine = create_engine(given, isolation_level="AUTOCOMMIT")
    parts.callback(engine.dispose)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    parts.callback(_drop, engine, name)
    own = engine.url.set(database=name).render_as_string(hide_password=False)
    return {"DATABASE_URL": own} | {n: os.environ[n] for n in ("REDIS_URL",) if n in os.environ}


def _drop(engine: Engine, name: str) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def _process(parts: ExitStack, folder: Path, environment: Mapping[str, str], name: str, arguments: list[str]) -> Server:
    command = run_as(None, [sys.executable, *arguments], death="TERM")
    server = Server(command, folder, environment=environment, name=name, cwd=ROOT)
    parts.callback(server.stop)
    return server


@contextmanager
def two_processes() -> Iterator[tuple[Site, Any]]:
    """A site of two web processes on PostgreSQL and Redis behind nginx, and the stack it stands on."""
    with cluster(settings=NO_LIMITS) as stack:
        yield Site(stack.url, stack.environment, stack.webs, stack.worker, stack.ports), stack
