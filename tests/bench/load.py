"""Requests a second: wrk where it is installed, else a small client of our own in a process beside."""

import http.client
import re
import shutil
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

CONNECTIONS = 4


def requests_per_second(url: str, seconds: int = 3) -> float:
    """How many requests a second a page answers to a few connections; raises when one is not answered 200."""
    return load(url, seconds)[0]


def load(url: str, seconds: int = 3) -> tuple[float, int]:
    """Requests a second, and how many they were."""
    wrk = shutil.which("wrk")
    if wrk is None:
        command = [sys.executable, "-m", "tests.bench.load", url, str(seconds)]
        number = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        return number / seconds, number
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    rate, number = re.search(r"Requests/sec:\s+([\d.]+)", said), re.search(r"(\d+) requests in", said)
    if rate is None or number is None:
        raise RuntimeError(said)
    return float(rate[1]), int(number[1])


def _ask(url: str, until: float, counts: list[int]) -> None:
    where = urlsplit(url)
    path = where.path + (f"?{where.query}" if where.query else "")
    connection = http.client.HTTPConnection(where.netloc)
    done = 0
    while time.monotonic() < until:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{url} answered {answer.status}")
        done += 1
    counts.append(done)


def _main(url: str, seconds: float) -> None:
    counts: list[int] = []
    until = time.monotonic() + seconds
    askers = [threading.Thread(target=_ask, args=(url, until, counts)) for _ in range(CONNECTIONS)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    if len(counts) < CONNECTIONS:
        raise SystemExit(1)
    print(sum(counts))


if __name__ == "__main__":
    _main(sys.argv[1], float(sys.argv[2]))
