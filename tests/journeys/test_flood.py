"""While guests flood the site, a guest's own device works for a second; the person notices nothing but the wait."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.faults.site import Caller, site
from tests.journeys.browsers import Readers, comment, is_shown
from tests.journeys.test_guest import speak

pytestmark = pytest.mark.browser


def test_a_guests_phone_does_the_work_that_is_asked_for_and_the_comment_goes_out(browser: Browser) -> None:
    with site({"LIMIT_SITE_GUEST_POSTS": "4/minute"}) as here:
        thread = here.thread()
        nobody = Caller(here.url)
        for n in range(3):
            sent = {"body": f"ท่วม {n}", "name": "ใครก็ได้", "consent": True}
            nobody.post(f"/threads/{thread}/comments", sent)
        refused = nobody.ask("POST", f"/threads/{thread}/comments", sent)
        assert (refused.status_code, refused.json()["bits"]) == (429, 16)

        readers = Readers(here, browser)
        guest = readers("desktop")
        answers: list[int] = []
        guest.page.on("response", lambda a: answers.append(a.status) if a.request.method == "POST" else None)
        guest.go(f"/t/{thread}")
        speak(guest, "ขอพูดบ้าง")
        is_shown(comment(guest.page, "ขอพูดบ้าง"))
        assert answers[-2:] == [429, 201]
        assert readers.leave() == []
