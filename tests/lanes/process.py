"""Child processes for tests: an unprivileged owner, a folder, an end that comes with the parent's."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

READY_SECONDS = 60.0


class ServiceFailed(RuntimeError):
    """A server is not installed or did not start; the message says which and what it printed."""


class Server:
    """One child process with its output in a file; can be started again after it was stopped."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        environment: Mapping[str, str] | None = None,
        name: str = "server",
        cwd: Path | None = None,
    ) -> None:
        self._command = command
        self._environment = plain_environment() if environment is None else environment
        self._log = folder / f"{name}.log"
        self._folder = cwd or folder
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The running process's number, for whoever wants to signal or weigh it."""
        if self._process is None:
            raise ServiceFailed(f"{self._command[0]} is not running")
        return self._process.pid

    def start(self, ready: Callable[[], bool]) -> None:
        """Start it and wait until it answers; a running one is left as it is."""
        if self._process is not None:
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
            )
        try:
            self._wait(self._process, ready)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it and wait until it is gone; one that is not running is left as it is."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(self._stop_signal)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def printed(self) -> str:
        """The last it printed."""
        return self._log.read_text(errors="replace")[-2000:]

    def _wait(self, process: subprocess.Popen[bytes], ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise ServiceFailed(f"{' '.join(self._command)} did not start:\n{self.printed()}")
            time.sleep(0.02)


@contextmanager
def own_folder(prefix: str, owner: pwd.struct_passwd | None = None) -> Iterator[Path]:
    """A new folder outside the repository, that user's, removed with all that is in it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        if owner is not None:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unprivileged_owner() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: whom to run it as then, else nobody but the caller."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServiceFailed("PostgreSQL cannot run as root, and there is no user postgres or nobody")


def run_as(owner: pwd.struct_passwd | None, command: list[str], death: str | None = None) -> list[str]:
    """The command run as that user, and sent the signal `death` when its parent dies."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return command if owner is None else ["runuser", "-u", owner.pw_name, "--", *command]
    options = [] if owner is None else [f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    options += [] if death is None else [f"--pdeathsig={death}"]
    return [setpriv, *options, "--", *command] if options else command


def plain_environment() -> dict[str, str]:
    """Only what every program needs: none of the caller's settings, messages in English."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def find_program(name: str) -> str:
    """Where a program is; servers are often off an ordinary user's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        raise ServiceFailed(f"{name} is not installed")
    return found


def free_port() -> int:
    """A port of this machine that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
