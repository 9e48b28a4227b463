from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis as client
import sqlalchemy as sa

from tests.lanes.process import ServiceFailed, free_port
from tests.lanes.services import postgres, redis

pytestmark = pytest.mark.redis


def test_a_postgresql_is_empty_knows_thai_and_is_gone_afterwards() -> None:
    with postgres() as url:
        folder = Path(str(sa.make_url(url).query["host"]))
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            assert sa.inspect(connection).get_table_names() == []
            connection.execute(sa.text("CREATE EXTENSION pg_trgm"))
            assert connection.scalar(sa.text("SELECT similarity('คลองแสนแสบ', 'คลองแสนแส')")) > 0.5
        engine.dispose()
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        assert psutil.pid_exists(pid)
    assert not psutil.pid_exists(pid)
    assert not folder.exists()


def test_two_postgresqls_stand_side_by_side() -> None:
    with postgres() as one, postgres() as other:
        assert one != other


def test_a_redis_taken_away_refuses_and_comes_back_empty_at_the_same_address() -> None:
    with redis() as server, client.Redis.from_url(server.url) as connection:
        connection.set("key", "value")
        server.stop()
        with pytest.raises(client.ConnectionError):
            connection.ping()
        server.start()
        assert connection.get("key") is None


def test_stopping_and_starting_a_redis_twice_changes_nothing() -> None:
    with redis() as server, client.Redis.from_url(server.url) as connection:
        server.start()
        assert connection.ping()
        server.stop()
        server.stop()


@pytest.fixture
def open_folder() -> Iterator[str]:
    """A temporary folder that any user may enter: pytest's own are closed to the servers' user."""
    with tempfile.TemporaryDirectory(prefix="sala-") as folder:
        Path(folder).chmod(0o755)
        yield folder


def test_servers_end_when_whoever_started_them_is_killed(open_folder: str) -> None:
    code = (
        "from tests.lanes.services import postgres, redis\n"
        "with postgres() as url, redis() as server:\n"
        "    print(url, server.url, flush=True)\n"
        "    input()\n"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"TMPDIR": open_folder},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with owner:
        assert owner.stdout is not None
        assert "redis://" in owner.stdout.readline()
        servers = psutil.Process(owner.pid).children(recursive=True)
        assert len(servers) >= 2
        owner.kill()
    _, alive = psutil.wait_procs(servers, timeout=20)
    assert alive == []


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ServiceFailed, match="redis-server is not installed"), redis():
        pass


def test_a_free_port_can_be_listened_on() -> None:
    assert 1024 <= free_port() < 65536
