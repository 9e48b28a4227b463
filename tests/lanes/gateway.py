"""nginx in front of several web processes, for the trial cluster and for tests of it.

A socket has to come back to the process it began in. The cookie that brings it back is sent on /socket.io
only and names the process, not the person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException

from tests.lanes.process import Server, find_program, own_folder, run_as, unprivileged_owner

_CONFIGURATION = """
daemon off; pid nginx.pid; error_log stderr warn; worker_processes 1;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_max_body_size 2m;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  upstream any {{ {servers} }}
  {nodes}
  split_clients $request_id $drawn {{ {shares} }}
  map $cookie_node $node {{ default $drawn; {known} }}
  map $cookie_node $new_node {{ default "node=$drawn; Path=/socket.io; HttpOnly; SameSite=Lax"; {silent} }}
  map $http_upgrade $connection_kind {{ default upgrade; "" ""; }}
  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Host $http_host;
  # All of them here: a location with a header of its own would inherit none of these.
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_kind;
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://any; }}
    location /socket.io/ {{
      proxy_pass http://$node;
      proxy_buffering off;
      proxy_read_timeout 75s;
      add_header Set-Cookie $new_node;
    }}
  }}
}}
"""


@contextmanager
def gateway(port: int, webs: Sequence[int]) -> Iterator[Server]:
    """nginx on that port in front of the web processes on those; a process that is gone is passed over."""
    owner = unprivileged_owner()
    with own_folder("sala-nginx-", owner) as folder:
        (folder / "nginx.conf").write_text(configuration(port, webs))
        command = [find_program("nginx"), "-p", f"{folder}/", "-c", "nginx.conf", "-e", "stderr"]
        server = Server(run_as(owner, command, death="TERM"), folder)
        server.start(lambda: answers(port, "/healthz"))
        try:
            yield server
        finally:
            server.stop()


def configuration(port: int, webs: Sequence[int]) -> str:
    """nginx's configuration: pages from anyone, sockets from the process their cookie names."""
    names = [f"web{number}" for number in range(len(webs))]
    shares = [f"{100 // len(webs)}% {name};" for name in names[:-1]] + [f"* {names[-1]};"]
    return _CONFIGURATION.format(
        port=port,
        servers=" ".join(f"server 127.0.0.1:{web};" for web in webs),
        nodes="\n  ".join(_node(name, web, webs) for name, web in zip(names, webs, strict=True)),
        shares=" ".join(shares),
        known=" ".join(f"{name} {name};" for name in names),
        silent=" ".join(f'{name} "";' for name in names),
    )


def answers(port: int, path: str) -> bool:
    """Whether a page of this machine answers 200 by now."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _node(name: str, web: int, webs: Sequence[int]) -> str:
    others = " ".join(f"server 127.0.0.1:{other} backup;" for other in webs if other != web)
    return f"upstream {name} {{ server 127.0.0.1:{web}; {others} }}"
