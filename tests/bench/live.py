"""One comment to hundreds of watchers, beside a bare broadcast to as many; a process of its own, under gevent."""

from gevent import monkey

if __name__ == "__main__":
    monkey.patch_all()

import http.client
import json
import subprocess
import sys
import time
from typing import Any
from urllib.parse import urlsplit

import gevent

WATCHERS = 500
POSTS = 10
BETWEEN = 0.4
"""Seconds from one post to the next: by then everybody has heard."""


def measure(database_url: str | None = None) -> None:
    """Prints how long after its sending a comment has reached its watchers, and that all got it once."""
    from forum.core.accounts.service import make_token
    from forum.kernel import db
    from tests.bench.figures import tell
    from tests.bench.seeds import open_place, people, start_thread
    from tests.bench.site import ROOT, kind_of, new_site

    with new_site(database_url) as site:
        with db.transaction() as tx:
            token = make_token(tx, people(tx, 1)[0].id, "bench")[1]
            thread = start_thread(tx, open_place(tx), "ทางเดินริมคลอง").public_id
        with site.serve("wsgi.py") as sala, site.serve("tests/bench/broadcast.py", ready="/") as bare:
            command = [sys.executable, "-m", "tests.bench.live", sala.address, thread, token, bare.address]
            ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(ended.stdout)
    where = kind_of(site)
    name = f"a comment to {WATCHERS} watchers, p95, {where}"
    tell(name, "ms", found["sala"], "a bare broadcast", found["bare"], "ratio <= 1.5")
    for what in ("lost", "twice"):
        tell(f"events {what}, of {found['expected']}, {where}", "events", [found[what]], goal="0")


def _main(sala: str, thread: str, token: str, bare: str) -> None:
    from tests.bench.figures import ROUNDS, percentile
    from tests.bench.watcher import Watcher

    ours, theirs = _seats(Watcher, sala, thread), _seats(Watcher, bare, thread)
    posts = Poster(sala, f"/api/v1/threads/{thread}/comments", {"Authorization": f"Bearer {token}"})
    says = Poster(bare, "/say", {})
    payload = _example(posts, ours[0])
    sent: dict[int, float] = {}
    rounds: dict[str, list[float]] = {"sala": [], "bare": []}
    told = []
    for number in range(ROUNDS):
        for watcher in (*ours, *theirs):
            watcher.forget()
        first = number * POSTS
        for n in range(first, first + POSTS):
            sent[n] = posts.send({"body": _body(n)})
        for n in range(first, first + POSTS):
            sent[n + ROUNDS * POSTS] = says.send(payload | {"body": _body(n + ROUNDS * POSTS)})
        heard = [[s for s in w.heard() if s.name == "comment.posted"] for w in ours]
        told += [[_number(s) for s in one] for one in heard]
        rounds["sala"].append(percentile([1000 * (s.at - sent[_number(s)]) for one in heard for s in one], 0.95))
        bared = [s for w in theirs for s in w.heard() if s.name == "comment.posted"]
        rounds["bare"].append(percentile([1000 * (s.at - sent[_number(s)]) for s in bared], 0.95))
    expected = ROUNDS * POSTS * len(ours)
    every, different = sum(map(len, told)), sum(len(set(one)) for one in told)
    print(json.dumps({**rounds, "expected": expected, "lost": expected - different, "twice": every - different}))


def _body(number: int) -> str:
    return f"ข้อที่ {number} เด็กเดินมาโรงเรียนวัดลำซ่านทางนี้ 140 คนทุกเช้า สวนกับจักรยานและรถเข็นขายของ"


def _number(said: Any) -> int:
    return int(said.payload["body"].split()[1])


def _seats(kind: Any, address: str, room: str) -> list[Any]:
    """Everybody in the room of a server, a few at a time as people come."""
    seats = []
    for _ in range(WATCHERS // 20):
        arriving = [gevent.spawn(kind, address) for _ in range(20)]
        gevent.joinall(arriving, raise_error=True)
        entering = [gevent.spawn(a.value.watch, 1, room) for a in arriving]
        gevent.joinall(entering, raise_error=True)
        if not all(e.value["ok"] for e in entering):
            raise SystemExit(f"a watcher was refused: {entering[0].value}")
        seats += [a.value for a in arriving]
    return seats


def _example(posts: "Poster", watcher: Any) -> dict[str, Any]:
    """What one comment looks like to its watchers, so that the bare broadcast carries as much."""
    posts.send({"body": _body(0)})
    payload: dict[str, Any] = next(s.payload for s in watcher.heard() if s.name == "comment.posted")
    return payload


class Poster:
    """One connection that posts and then waits a little."""

    def __init__(self, address: str, path: str, headers: dict[str, str]):
        self._path = path
        self._headers = headers | {"Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc)

    def send(self, body: dict[str, Any]) -> float:
        """Posts; returns when it began to."""
        began = time.perf_counter()
        self._connection.request("POST", self._path, json.dumps(body).encode(), self._headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status != 201:
            raise SystemExit(f"answered {answer.status}: {said[:300]!r}")
        gevent.sleep(max(0.0, BETWEEN - (time.perf_counter() - began)))
        return began


if __name__ == "__main__":
    _main(*sys.argv[1:])
