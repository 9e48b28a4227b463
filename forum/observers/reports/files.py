"""Where reports are kept: a folder for each, half made under another name, sealed by the SHA-256 of every file."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PLAIN, THAI = "report.html", "report-thai.html"
LIST = "SHA256SUMS"
TYPES = {
    PLAIN: "text/html",
    THAI: "text/html",
    "report.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "contributions.csv": "text/csv",
    "codebook.csv": "text/csv",
    LIST: "text/plain",
}
"""Every file of a report, in the order in which they are offered."""
BEGINS, ENDS = b"<body>\n", b"</body>\n</html>\n"
"""Between these stands what a page of the site takes out of a report's HTML."""
_PIECE = 64 * 1024
_kept = {"folder": Path("var/reports")}


def keep_in(folder: Path) -> None:
    """Says where this process keeps reports; called once by the app."""
    _kept["folder"] = folder


def path_of(public_id: str, name: str) -> Path:
    """Where a file of a report is; `name` is one of `TYPES`."""
    if name not in TYPES:
        raise KeyError(name)
    return _kept["folder"] / public_id / name


@contextmanager
def alone() -> Iterator[bool]:
    """Whether nobody else makes reports meanwhile: one worker at a time, told by a lock that dies with its process."""
    _kept["folder"].mkdir(mode=0o700, parents=True, exist_ok=True)
    with (_kept["folder"] / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def fresh(public_id: str) -> Path:
    """An empty folder to make a report in; what any that was cut off left behind is gone."""
    for left in (*_kept["folder"].glob("*.part"), _kept["folder"] / public_id):
        shutil.rmtree(left, ignore_errors=True)
    folder = _kept["folder"] / f"{public_id}.part"
    folder.mkdir(mode=0o700)
    return folder


def drop(folder: Path) -> None:
    """Takes away what was half made."""
    shutil.rmtree(folder, ignore_errors=True)


def seal(folder: Path) -> tuple[list[dict[str, Any]], str]:
    """Writes the list of SHA-256, sees to it that all is on the disk, and gives the folder its name.

    Returns each file's name, size and SHA-256, and the SHA-256 of the list.
    """
    made = [_measured(folder / name) for name in TYPES if name != LIST]
    (folder / LIST).write_text("".join(f"{file['sha256']}  {file['name']}\n" for file in made), encoding="utf-8")
    listed = _measured(folder / LIST)
    folder.rename(folder.with_suffix(""))
    return [*made, listed], str(listed["sha256"])


def _measured(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return {"name": path.name, "size": path.stat().st_size, "sha256": digest}


def body_of(public_id: str, name: str) -> Iterator[bytes]:
    """What stands in a report's HTML, piece by piece, without the frame that the file has as one of its own."""
    path = path_of(public_id, name)
    with path.open("rb") as file:
        left = path.stat().st_size - len(ENDS)
        head = file.read(_PIECE)
        begins = head.index(BEGINS) + len(BEGINS)
        yield head[begins : min(len(head), left)]
        left -= len(head)
        while left > 0 and (piece := file.read(min(_PIECE, left))):
            left -= len(piece)
            yield piece
