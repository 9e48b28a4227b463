"""What chats and advertisers hang on a link breaks no page and changes none."""

import re

import pytest
from flask.testing import FlaskClient

from tests.factories import Make

TRACKS = [
    "utm_source=line&utm_medium=chat&utm_campaign=%E0%B8%84%E0%B8%A5%E0%B8%AD%E0%B8%87",
    "fbclid=IwAR0xYz_-123&gclid=Cj0K&msclkid=9",
    "openExternalBrowser=1",
    "utm_source=%ff%fe%80&%f0%28=%c3",
    "a=%00&%00=b",
    "=&&&==&?&%",
    "%",
    "utm_source=%25%32%35<script>alert(1)</script>\"'",
    "utm_source=" + "a" * 4000,
    "&".join(f"p{n}={n}" for n in range(300)),
    "lang[]=th&list[]=x",
    "\xff\xfe\x80=\xe0\xb8\x81",
]
PATHS = [
    *("/", "/c/{slug}", "/c/{slug}/poster", "/k/{short}", "/c/{slug}/talk/discussion", "/t/{thread}", "/i/{thread}"),
    *("/a/{agency}", "/login", "/signup", "/reset", "/r", "/privacy", "/offline", "/feed.atom", "/c/{slug}/feed.atom"),
    *("/c/{slug}/card.png", "/api/docs", "/api/v1/consultations", "/api/v1/consultations/{slug}", "/nowhere"),
]


@pytest.mark.parametrize("track", TRACKS, ids=lambda track: track[:20])
def test_what_hangs_on_a_link_breaks_no_page(client: FlaskClient, make: Make, track: str) -> None:
    agency = make.agency()
    row = make.consultation(agency)
    names = {"slug": row.slug, "short": row.short, "agency": agency.slug, "thread": make.thread(row)}
    for path in (path.format(**names) for path in PATHS):
        bare = client.get(path)
        hung = client.get(path, environ_overrides={"QUERY_STRING": track})
        assert hung.status_code == bare.status_code, path
        assert hung.headers.get("Location", "").partition("?")[0] == bare.headers.get("Location", ""), path
        assert b"<script>alert" not in hung.data, path
        assert title(hung.data) == title(bare.data), path


def title(page: bytes) -> bytes:
    found = re.search(b"<(?:title|h1)[^>]*>.*?</", page, re.S)
    return found[0] if found else b""
