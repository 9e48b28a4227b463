"""Settings: a wrong value stops the start with one clear line."""

from pathlib import Path

import pytest

import config as settings


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "mysql://x/y", "sqlite:///"),
        ("REDIS_URL", "http://x", "redis://"),
        ("PUBLIC_URL", "ftp://x", "https://"),
        ("SMTP_URL", "http://x", "smtp://"),
        ("SECRET_KEY", "short", "32"),
        ("LOG_LEVEL", "LOUD", "DEBUG"),
        ("PAGE_CACHE_SECONDS", "soon", "number"),
        ("PAGE_CACHE_SECONDS", "-1", "negative"),
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
