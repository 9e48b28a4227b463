"""People write Thai; on a page in another language what they wrote is marked, so that it is read aloud as Thai."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.factories import Make


def unmarked(page: str) -> list[str]:
    """Thai that is read aloud and that nothing around it says is Thai."""
    found, inside = [], []
    body = re.sub(r"<(script|template|style|title)\b.*?</\1>", "", page[page.index("<main") :], flags=re.S)
    for piece in re.findall(r"<[^>]*>|[^<]+", body):
        if piece.startswith("</"):
            while inside and inside.pop()[0] != piece[2:-1]:
                pass
        elif piece.startswith("<") and not re.match(r"<(input|br|img|meta|link|hr|use|path|circle|rect|!)", piece):
            inside.append((re.match(r"<(\w+)", piece)[1], bool(re.search(' lang="th"|aria-hidden="true"', piece))))  # type: ignore[index]
        elif re.search(r"[\u0e01-\u0e5b]", piece) and not any(thai for _name, thai in inside):
            found.append(piece.strip())
    return found


@pytest.fixture
def said(make: Make, client: FlaskClient) -> dict[str, Any]:
    consultation = make.consultation(make.agency())
    thread = make.thread(consultation, stance="agree")
    given = {"body": "ทางแคบไป คนเดินไม่ได้", "name": "ป้าริมคลอง", "consent": True}
    posted = client.post(f"/api/v1/threads/{thread}/comments", json=given)
    assert posted.status_code == 201
    return {"slug": consultation.slug, "thread": thread}


@pytest.mark.parametrize("path", ["/", "/c/{slug}", "/t/{thread}"])
def test_what_people_wrote_in_thai_is_marked_on_an_english_page(
    client: FlaskClient, said: dict[str, Any], path: str
) -> None:
    answer = client.get(path.format(**said) + "?lang=en")
    assert answer.status_code == 200, "a page of an error holds nothing that people wrote"
    assert unmarked(answer.text) == []


def test_a_thai_page_needs_no_mark(client: FlaskClient, said: dict[str, Any]) -> None:
    page = client.get(f"/t/{said['thread']}").text
    assert page.count(' lang="th"') == 1
