"""Keys that live outside the database: made once into DATA_DIR/keys, mode 600."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

_master: bytes = b""


def load(data_dir: Path, given: str | None = None) -> str:
    """The site's secret: the one given by setting, else the one in DATA_DIR/keys, made when absent."""
    global _master
    secret = given or _from_file(data_dir / "keys" / "secret")
    _master = secret.encode()
    return secret


def _from_file(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as out:
        out.write(secrets.token_urlsafe(48))
    return path.read_text().strip()


def keyed(purpose: str, text: str) -> str:
    """HMAC-SHA256 of the text under the key for one purpose, in hex."""
    if not _master:
        raise RuntimeError("no keys: call forum.kernel.keys.load first")
    key = hmac.digest(_master, purpose.encode(), hashlib.sha256)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def same(a: str, b: str) -> bool:
    """Compares two secrets in constant time."""
    return hmac.compare_digest(a.encode(), b.encode())
