"""Settings: a wrong value stops the start with one clear line."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import config as settings
from forum.kernel import db

ROOT = Path(__file__).resolve().parents[2]
FILES = ("sala.db", "sala.db-wal", "sala.db-shm")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "mysql://x/y", "sqlite:///"),
        ("DATABASE_URL", "postgresql://me:secret@host:port/x", "address"),
        ("REDIS_URL", "http://x", "redis://"),
        ("REDIS_URL", "redis://[x", "address"),
        ("PORT", "abc", "from 1 to 65535"),
        ("PORT", "0", "from 1 to 65535"),
        ("PORT", "-1", "from 1 to 65535"),
        ("PORT", "99999", "from 1 to 65535"),
        ("PORT", "80.5", "from 1 to 65535"),
        ("OPERATOR_IS_AGENCY", "yes", "1 or 0"),
        ("OPERATOR_IS_AGENCY", "true", "1 or 0"),
        ("PROXIES", "nan", "number"),
        ("PROXIES", "inf", "number"),
        ("PUBLIC_URL", "ftp://x", "https://"),
        ("SMTP_URL", "http://x", "smtp://"),
        ("SECRET_KEY", "short", "32"),
        ("LOG_LEVEL", "LOUD", "DEBUG"),
        ("PAGE_CACHE_SECONDS", "soon", "number"),
        ("PAGE_CACHE_SECONDS", "-1", "negative"),
        ("KEPT_PIECES", "many", "number"),
        ("KEPT_PIECES", "-1", "negative"),
        ("LIMIT_POSTS", "often", "rate"),
        ("LIMIT_NOTHING", "1/minute", "posts"),
    ],
)
def test_a_wrong_value_stops_the_start_with_one_line_that_names_it(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        settings.load({"DATA_DIR": str(tmp_path), name: value})
    line = str(stopped.value)
    assert line.startswith(f"{name}: ")
    assert said in line
    assert "\n" not in line


def test_limits_may_be_off_on_a_machine_of_ones_own_and_never_on_a_public_site(tmp_path: Path) -> None:
    off = {"DATA_DIR": str(tmp_path), "LIMIT_POSTS": "off"}
    assert settings.load(off).limits == {"posts": "off"}
    with pytest.raises(SystemExit, match="LIMIT_POSTS: off is refused"):
        settings.load(off | {"PUBLIC_URL": "https://sala.example"})


def test_an_empty_value_is_as_good_as_none(tmp_path: Path) -> None:
    empty = settings.load({"DATA_DIR": str(tmp_path), "PORT": "", "HOST": "", "OPERATOR_IS_AGENCY": ""})
    assert (empty.host, empty.port, empty.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert not empty.operator_is_agency


@pytest.mark.parametrize(("value", "meant"), [("0", False), ("1", True)])
def test_the_operator_is_the_agency_or_not(tmp_path: Path, value: str, meant: bool) -> None:
    assert settings.load({"DATA_DIR": str(tmp_path), "OPERATOR_IS_AGENCY": value}).operator_is_agency is meant


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture(params=[False, True], ids=["new", "there already"])
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A folder that is not there yet, and one that everybody may read."""
    path = tmp_path / "over" / "there"
    if request.param:
        path.mkdir(parents=True)
        path.chmod(0o755)
    return path


def test_the_data_are_in_a_folder_for_the_site_alone(folder: Path) -> None:
    settings.open_data_dir(folder)
    assert mode(folder) == 0o700


@pytest.mark.parametrize(("place", "said"), [("file", "is a file"), ("file/below", "cannot be made")])
def test_a_data_dir_that_cannot_be_a_folder_is_refused(tmp_path: Path, place: str, said: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit, match=f"^DATA_DIR: .* {said}"):
        settings.open_data_dir(tmp_path / place)


def test_a_folder_that_others_use_too_is_not_taken_from_them(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    with pytest.raises(SystemExit, match=r"^DATA_DIR: .* shared with others"):
        settings.open_data_dir(tmp_path)
    assert mode(tmp_path) == 0o777


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Path]:
    """A database opened where everybody could read its files, with a write in its log."""
    path = tmp_path / "sala.db"
    for suffix in ("", "-wal", "-shm"):
        (tmp_path / f"sala.db{suffix}").touch(0o644)
    database = db.Database(f"sqlite:///{path}")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        yield path
    database.engine.dispose()


def test_files_of_a_database_that_all_could_read_are_closed_to_them(opened: Path) -> None:
    assert {path.name: mode(path) for path in opened.parent.iterdir()} == dict.fromkeys(FILES, 0o600)


def test_a_new_database_is_readable_by_the_site_alone(tmp_path: Path) -> None:
    database = db.Database(f"sqlite:///{tmp_path / 'sala.db'}")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
    with database.engine.connect():
        assert {path.name: mode(path) for path in tmp_path.iterdir()} == dict.fromkeys(FILES, 0o600)
    database.engine.dispose()


def flask(folder: Path, *words: str, **wrong: str) -> subprocess.CompletedProcess[str]:
    """A command as an operator runs it."""
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder / "data")} | wrong
    command = [sys.executable, "-m", "flask", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("words", [("db", "upgrade"), ("up",), ("user", "create", "a@example.org")])
def test_a_database_out_of_reach_ends_a_command_in_one_line_without_the_password(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = flask(tmp_path, *words, DATABASE_URL="postgresql://sala:hunter22@127.0.0.1:1/x?password=hunter22")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: cannot reach the database postgresql://sala:***@127.0.0.1:1/x: ")
    assert done.stderr.count("\n") == 1
    assert "hunter22" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("name", "value"), [("PORT", "abc"), ("PORT", "99999"), ("DATA_DIR", str(ROOT / "wsgi.py"))])
def test_a_wrong_setting_ends_the_program_in_one_line(tmp_path: Path, name: str, value: str) -> None:
    done = flask(tmp_path, "up", **{name: value})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{name}: ")
    assert done.stderr.count("\n") == 1
