from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from tests.lanes.gateway import configuration, gateway
from tests.lanes.process import free_port

pytestmark = pytest.mark.redis


class Web(BaseHTTPRequestHandler):
    """Answers every path with its own port, so that one sees who answered."""

    def do_GET(self) -> None:
        assert isinstance(self.server, ThreadingHTTPServer)
        port = str(self.server.server_port).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(port)))
        self.end_headers()
        self.wfile.write(port)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Quiet."""


@pytest.fixture
def webs() -> Iterator[list[ThreadingHTTPServer]]:
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Web) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
    yield servers
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def url(webs: list[ThreadingHTTPServer]) -> Iterator[str]:
    port = free_port()
    with gateway(port, [server.server_port for server in webs]):
        yield f"http://127.0.0.1:{port}"


def test_pages_come_from_every_process_and_set_no_cookie(url: str) -> None:
    answers = [requests.get(f"{url}/t/abc") for _ in range(10)]
    assert len({answer.text for answer in answers}) == 2
    assert not any(answer.cookies for answer in answers)


def test_a_socket_comes_back_to_the_process_it_began_in(url: str) -> None:
    for _ in range(5):
        with requests.Session() as visitor:
            answered = {visitor.get(f"{url}/socket.io/?EIO=4").text for _ in range(6)}
            assert len(answered) == 1
            assert [(cookie.name, cookie.path) for cookie in visitor.cookies] == [("node", "/socket.io")]


def test_new_sockets_are_spread_over_the_processes(url: str) -> None:
    answered = {requests.get(f"{url}/socket.io/?EIO=4").text for _ in range(40)}
    assert len(answered) == 2


def test_a_cookie_naming_no_process_is_replaced(url: str) -> None:
    answer = requests.get(f"{url}/socket.io/?EIO=4", headers={"Cookie": "node=../../evil"})
    assert answer.status_code == 200
    assert answer.cookies["node"] in {"web0", "web1"}


def test_when_one_process_is_gone_the_other_answers_everything(url: str, webs: list[ThreadingHTTPServer]) -> None:
    gone, left = webs
    gone.shutdown()
    gone.server_close()
    for path in ("/", "/socket.io/?EIO=4"):
        for node in ("web0", "web1"):
            answer = requests.get(f"{url}{path}", headers={"Cookie": f"node={node}"})
            assert answer.text == str(left.server_port)


def test_the_shares_of_three_processes_leave_nobody_out() -> None:
    text = configuration(8000, [1, 2, 3])
    assert "33% web0; 33% web1; * web2;" in text
