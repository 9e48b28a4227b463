"""The main job on real input: thousands of real Thai messages by fifty people in twenty threads, before fifty watchers.

`python -m tests.bench.real_input` prints rate and p95 and ends with 1 when a message was not stored as it was
written, did not reach a watcher, or reached one twice or out of order. On DATABASE_URL where it is set.
"""

from gevent import monkey

if __name__ == "__main__":
    monkey.patch_all()

import gzip
import http.client
import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import gevent
from sqlalchemy import select

from forum.commons.comments.models import Comment
from forum.core.accounts.service import make_token
from forum.core.items.models import Item
from forum.kernel import db, text
from tests.bench.figures import percentile, tell
from tests.bench.seeds import open_place, people, start_thread
from tests.bench.site import ROOT, Running, kind_of, new_site
from tests.bench.watcher import Watcher

MESSAGES, PEOPLE, THREADS, WATCHERS = 5_000, 50, 20, 50
FILE = "wisesight_social.txt.gz"
SAMPLE = Path(__file__).resolve().parent / "data" / FILE
PATIENCE = 60.0
"""Seconds after the last post in which everything has to reach every watcher."""


def longest(number: int) -> list[str]:
    """The longest messages of the corpus, else of the sample beside this file."""
    folder = ROOT / os.environ.get("SALA_DATA", "../shared/data")
    whole = folder / FILE
    with gzip.open(whole if whole.exists() else SAMPLE, "rt", encoding="utf-8", newline="\n") as lines:
        said = [line for line in lines.read().split("\n") if line]
    return sorted(said, key=len, reverse=True)[:number]


@dataclass
class Crowd:
    """Who watches, and what each of them heard: for each watcher and thread the numbers and ids in their order."""

    address: str
    threads: Sequence[str]
    heard: list[dict[str, list[tuple[int, str]]]] = field(default_factory=list)
    came: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    bodies: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def gather(self) -> None:
        """Everybody takes a seat in every thread."""
        seats = [gevent.spawn(self._sit) for _ in range(WATCHERS)]
        gevent.joinall(seats, raise_error=True)
        self._seats = [seat.value for seat in seats]

    def wait(self, expected: int) -> None:
        """Waits until everybody heard so many, or patience ends."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and any(self._count(one) < expected for one in self.heard):
            gevent.sleep(0.2)

    def _count(self, one: dict[str, list[tuple[int, str]]]) -> int:
        return sum(map(len, one.values()))

    def _sit(self) -> Watcher:
        mine: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self.heard.append(mine)
        watcher = Watcher(self.address, lambda at, said: self._hear(mine, at, said))
        for number, thread in enumerate(self.threads):
            answer = watcher.watch(number, thread, 0)
            if answer != {"ok": True, "seq": 0, "missed": [], "reload": False}:
                raise SystemExit(f"a watcher was answered {answer}")
        watcher.listen()
        return watcher

    def _hear(self, mine: dict[str, list[tuple[int, str]]], at: float, said: str) -> None:
        if not said.startswith('42["comment.posted"'):
            return
        payload = json.loads(said[2:])[1]
        mine[payload["in"]].append((payload["seq"], payload["id"]))
        self.came[payload["id"]].append(at)
        self.bodies[payload["id"]].add(payload["body"])


@dataclass
class Sent:
    """One message that was answered 201: what was written, and when it was sent and answered."""

    text: str
    began: float
    ended: float


def post_all(sala: Running, tokens: Sequence[str], threads: Sequence[str], said: Sequence[str]) -> dict[str, Sent]:
    """Everybody posts their share, one message after another; what was answered, by id."""
    sent: dict[str, Sent] = {}

    def post_share(person: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(sala.address).netloc)
        for n in range(person, len(said), PEOPLE):
            path = f"/api/v1/threads/{threads[n % THREADS]}/comments"
            headers = {"Authorization": f"Bearer {tokens[person]}", "Content-Type": "application/json"}
            headers["Idempotency-Key"] = f"real-input-message-{n}"
            began = time.perf_counter()
            connection.request("POST", path, json.dumps({"body": said[n]}).encode(), headers)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 201:
                raise SystemExit(f"message {n} was answered {answer.status}: {body[:500]!r}")
            sent[json.loads(body)["id"]] = Sent(said[n], began, time.perf_counter())

    gevent.joinall([gevent.spawn(post_share, person) for person in range(PEOPLE)], raise_error=True)
    return sent


def not_as_written(sent: dict[str, Sent]) -> int:
    """How many messages the database does not hold once, byte for byte as the stated normalisation leaves them."""
    with db.reading() as tx:
        held = tx.execute(select(Item.public_id, Comment.body).join(Comment, Comment.item_id == Item.id)).all()
    stored = {public_id: body.encode() for public_id, body in held}
    extra = len(held) - len(sent)
    return abs(extra) + sum(stored.get(i) != text.normalise(s.text).encode() for i, s in sent.items())


def faults(crowd: Crowd, sent: dict[str, Sent]) -> dict[str, int]:
    """What went wrong at the watchers: messages that never came, came twice, out of order, or otherwise."""
    wrong: Counter[str] = Counter({"lost": 0, "twice": 0, "gaps": 0, "changed": 0})
    for mine in crowd.heard:
        ids = Counter(public_id for rows in mine.values() for _seq, public_id in rows)
        wrong["lost"] += sum(public_id not in ids for public_id in sent)
        wrong["twice"] += sum(n - 1 for n in ids.values())
        wrong["gaps"] += sum([seq for seq, _ in rows] != list(range(1, len(rows) + 1)) for rows in mine.values())
    wrong["changed"] = sum(crowd.bodies[i] != {text.normalise(s.text)} for i, s in sent.items())
    return dict(wrong)


def measure(database_url: str | None = None) -> bool:
    """Posts, watches, compares and prints; whether nothing was wrong."""
    said = longest(MESSAGES)
    with new_site(database_url) as site:
        with db.transaction() as tx:
            place = open_place(tx)
            tokens = [make_token(tx, person.id, "bench")[1] for person in people(tx, PEOPLE)]
            threads = [start_thread(tx, place, f"หัวข้อที่ {n}").public_id for n in range(1, THREADS + 1)]
        with site.serve("wsgi.py") as sala:
            crowd = Crowd(sala.address, threads)
            crowd.gather()
            began = time.perf_counter()
            sent = post_all(sala, tokens, threads, said)
            seconds = time.perf_counter() - began
            crowd.wait(len(sent))
        wrong = {"not stored as written": not_as_written(sent)} | faults(crowd, sent)
        _tell(kind_of(site), sent, crowd, seconds, wrong)
    return not any(wrong.values())


def _tell(where: str, sent: dict[str, Sent], crowd: Crowd, seconds: float, wrong: dict[str, int]) -> None:
    name = f"real input, {len(sent)} messages, {WATCHERS} watchers, {where}"
    tell(f"{name}: posted", "posts/s", [len(sent) / seconds])
    tell(f"{name}: answered, p95", "ms", [1000 * percentile([s.ended - s.began for s in sent.values()], 0.95)])
    late = [1000 * (at - s.began) for public_id, s in sent.items() for at in crowd.came[public_id]]
    if late:
        tell(f"{name}: at a watcher, p95", "ms", [percentile(late, 0.95)])
    for what, number in wrong.items():
        tell(f"{name}: {what}", "messages", [number], goal="0")


if __name__ == "__main__":
    sys.exit(0 if measure() else 1)
