"""Words that held personal data leave the pages that are open, wherever they stand on them, and nothing moves."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.faults.site import Caller, Site
from tests.journeys.browsers import Readers, comment, is_shown

pytestmark = pytest.mark.browser
PRIVATE = "0812345678"
AT_ONCE = 2000


def test_words_that_held_personal_data_leave_an_open_page_at_once(here: Site, reader: Readers, thread: str) -> None:
    writer = Caller(here.url, here.person("writer@example.org", "--name", "ยายแก้ว")["token"])
    top = writer.post(f"/threads/{thread}/comments", {"body": "ทางเดินแคบ"})
    made = writer.post(f"/threads/{thread}/comments", {"body": f"โทร {PRIVATE}", "parent": top["id"]})
    here.speaker.post(f"/threads/{thread}/comments", {"body": "โทรไปแล้ว", "parent": made["id"]})
    someone = reader("desktop")
    with someone.page.expect_websocket() as opened:
        page = someone.go(f"/t/{thread}?sort=newest&lang=en")
    opened.value.wait_for_event("framereceived", lambda frame: '"ok":true' in str(frame))
    is_shown(comment(page, "โทรไปแล้ว"))
    assert page.content().count(PRIVATE) == 2, "the words and their quotation"

    edit = {"body": "โทรมาได้ **เสมอ**", "version": made["version"], "personal_data": True}
    writer.ask("PATCH", f"/comments/{made['id']}", edit)
    place = page.locator(f"#c-{made['id']}")
    expect(place.locator(".prose")).to_have_text("โทรมาได้ เสมอ", timeout=AT_ONCE)
    expect(place.locator("[data-purged]")).to_have_text("Edited, the earlier text was removed")
    expect(comment(page, "โทรไปแล้ว").locator(".quote")).to_contain_text("“โทรมาได้ เสมอ”")
    assert PRIVATE not in page.content()

    writer.ask("DELETE", f"/comments/{made['id']}")
    expect(page.locator(f"#c-{made['id']}.stub")).to_have_count(1, timeout=AT_ONCE)
    assert "โทรมาได้" not in page.content()
    assert someone.wrong == []
