"""Settings from the environment, checked once at start; a wrong value stops the start with one clear line."""

import math
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from limits import parse
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from forum.kernel.throttle import DEFAULTS


class BadSetting(SystemExit):
    """A setting that cannot be used; ends the process with one line."""

    def __init__(self, name: str, why: str):
        super().__init__(f"{name}: {why}")


@dataclass(frozen=True)
class Config:
    """Everything an operator may set."""

    data_dir: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = 8000
    database_url: str = ""
    redis_url: str | None = None
    secret_key: str | None = None
    public_url: str = "http://127.0.0.1:8000"
    smtp_url: str | None = None
    mail_from: str = "sala@localhost"
    log_level: str = "INFO"
    site_name: str = "ศาลา"
    operator: str = "ผู้ดูแลระบบศาลา"
    operator_is_agency: bool = False
    help_phone: str = ""
    page_cache_seconds: float = 2.0
    kept_pieces: int = 2000
    proxies: int = 0
    metrics_token: str | None = None
    notice_days: int = 15
    running_days: int = 15
    running_days_law: int = 30
    limits: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_https(self) -> bool:
        """Whether people reach this site over TLS."""
        return self.public_url.startswith("https://")


def load(env: Mapping[str, str] = os.environ) -> Config:
    """Reads and checks the environment."""
    data_dir = Path(env.get("DATA_DIR") or "var").resolve()
    port = _port(env)
    config = Config(
        data_dir=data_dir,
        host=env.get("HOST") or "127.0.0.1",
        port=port,
        database_url=_database(env, data_dir),
        redis_url=_url(env, "REDIS_URL", ("redis", "rediss", "unix")),
        secret_key=_secret(env),
        public_url=(_url(env, "PUBLIC_URL", ("http", "https")) or f"http://127.0.0.1:{port}").rstrip("/"),
        smtp_url=_url(env, "SMTP_URL", ("smtp", "smtps")),
        mail_from=env.get("MAIL_FROM", "sala@localhost"),
        log_level=_level(env),
        site_name=env.get("SITE_NAME", "ศาลา"),
        operator=env.get("OPERATOR", "ผู้ดูแลระบบศาลา"),
        operator_is_agency=_yes(env, "OPERATOR_IS_AGENCY"),
        help_phone=env.get("HELP_PHONE", ""),
        page_cache_seconds=_number(env, "PAGE_CACHE_SECONDS", 2.0),
        kept_pieces=int(_number(env, "KEPT_PIECES", 2000)),
        proxies=int(_number(env, "PROXIES", 0)),
        metrics_token=_metrics_token(env),
        notice_days=int(_number(env, "NOTICE_DAYS", 15)),
        running_days=int(_number(env, "RUNNING_DAYS", 15)),
        running_days_law=int(_number(env, "RUNNING_DAYS_LAW", 30)),
        limits={k.removeprefix("LIMIT_").lower(): v for k, v in env.items() if k.startswith("LIMIT_")},
    )
    _check_limits(config)
    return config


def open_data_dir(folder: Path) -> None:
    """Makes DATA_DIR where it is missing and closes it to everybody but the site's own account on this machine."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError:
        raise BadSetting("DATA_DIR", f"{folder} is a file; it must be a folder") from None
    except OSError as error:
        raise BadSetting("DATA_DIR", f"{folder} cannot be made: {error.strerror}") from None
    if folder == folder.parent or folder.stat().st_mode & stat.S_ISVTX:
        # Closing the root or /tmp would take the machine away from everybody else on it.
        raise BadSetting("DATA_DIR", f"{folder} is shared with others; name a folder of the site's own")
    with suppress(PermissionError):
        folder.chmod(0o700)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise BadSetting("DATA_DIR", f"{folder} cannot be written")


def _database(env: Mapping[str, str], data_dir: Path) -> str:
    url = env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'sala.db'}"
    if _scheme(url, "DATABASE_URL").partition("+")[0] not in ("sqlite", "postgresql", "postgres"):
        raise BadSetting("DATABASE_URL", "must begin with sqlite:/// or postgresql://")
    try:
        make_url(url)
    except (ArgumentError, ValueError):
        raise BadSetting("DATABASE_URL", "cannot be read as an address") from None
    return url


def _scheme(url: str, name: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise BadSetting(name, "cannot be read as an address") from None
    return parts.scheme


def _port(env: Mapping[str, str]) -> int:
    value = env.get("PORT") or "8000"
    port = int(value) if value.isascii() and value.isdecimal() else 0
    if not 1 <= port <= 65535:
        raise BadSetting("PORT", "must be a whole number from 1 to 65535")
    return port


def _yes(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "")
    if value not in ("", "0", "1"):
        raise BadSetting(name, "must be 1 or 0")
    return value == "1"


def _url(env: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    value = env.get(name)
    if not value:
        return None
    if _scheme(value, name) not in schemes:
        raise BadSetting(name, f"must begin with {' or '.join(s + '://' for s in schemes)}")
    return value


def _secret(env: Mapping[str, str]) -> str | None:
    value = env.get("SECRET_KEY")
    if value is not None and len(value) < 32:
        raise BadSetting("SECRET_KEY", "must have at least 32 characters")
    return value


def _metrics_token(env: Mapping[str, str]) -> str | None:
    value = env.get("METRICS_TOKEN")
    if value is not None and (len(value) < 16 or not value.isascii()):
        raise BadSetting("METRICS_TOKEN", "must have at least 16 ASCII characters")
    return value


def _level(env: Mapping[str, str]) -> str:
    value = env.get("LOG_LEVEL", "INFO").upper()
    if value not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise BadSetting("LOG_LEVEL", "must be DEBUG, INFO, WARNING or ERROR")
    return value


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    try:
        value = float(env.get(name, default))
    except ValueError:
        raise BadSetting(name, "must be a number") from None
    if not math.isfinite(value):
        raise BadSetting(name, "must be a number")
    if value < 0:
        raise BadSetting(name, "must not be negative")
    return value


def _check_limits(config: Config) -> None:
    for name, rate in config.limits.items():
        setting = f"LIMIT_{name.upper()}"
        if name not in DEFAULTS:
            raise BadSetting(setting, f"no such limit; there are {', '.join(sorted(DEFAULTS))}")
        if rate == "off":
            if config.is_https:
                raise BadSetting(setting, "off is refused when PUBLIC_URL is https")
            continue
        try:
            parse(rate)
        except ValueError:
            raise BadSetting(setting, "must be a rate such as 10/minute, or off") from None
