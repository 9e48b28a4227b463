"""Hours: told wherever a closing day is, unless it is the end of that day; and the clock alone opens and closes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from tests.factories import Make

OPENS = datetime(2027, 1, 4, 17, tzinfo=UTC)
HOUR = datetime(2027, 1, 30, 9, 30, tzinfo=UTC)
DAY = datetime(2027, 1, 30, 17, tzinfo=UTC)


@pytest.mark.parametrize(("closes", "told"), [(HOUR, True), (DAY, False)])
@pytest.mark.parametrize("after", [False, True])
def test_every_page_tells_the_closing_hour_where_it_is_not_the_days_end(
    client: Any, make: Make, closes: datetime, told: bool, after: bool
) -> None:
    with time_machine.travel(closes + timedelta(days=3) if after else OPENS + timedelta(days=9), tick=False):
        agency = make.agency()
        row = make.consultation(agency, opens_at=OPENS, closes_at=closes)
        thread = make.thread(row)
        paths = [f"/c/{row.slug}", f"/t/{thread}", f"/a/{agency.slug}", f"/c/{row.slug}/talk/discussion"]
        pages = {path: client.get(path, follow_redirects=True).text for path in (*paths, *(() if after else ("/",)))}
    naming = {path: text for path, text in pages.items() if "30 ม.ค." in text}
    assert set(naming) >= {f"/t/{thread}"} | (set() if after else {"/", f"/c/{row.slug}", f"/a/{agency.slug}"})
    for path, text in naming.items():
        assert ("30 ม.ค. 2570 เวลา 16.30 น." in text) == told, path
        assert "00.00" not in text


def test_the_clock_alone_opens_and_closes(client: Any, make: Make) -> None:
    with time_machine.travel(OPENS - timedelta(seconds=1), tick=False) as travel:
        row = make.consultation(opens_at=OPENS, closes_at=HOUR)
        thread = make.thread(row)
        token = {"Authorization": f"Bearer {make.token(make.user())}"}
        seen = []
        for moment in (OPENS - timedelta(seconds=1), OPENS, HOUR - timedelta(seconds=1), HOUR):
            travel.move_to(moment)
            status = client.get(f"/api/v1/consultations/{row.slug}").json["status"]
            body = {"body": "พูดได้ไหม", "consent": True}
            answer = client.post(f"/api/v1/threads/{thread}/comments", json=body, headers=token)
            seen.append((status, answer.status_code, (answer.json or {}).get("reason")))
    assert seen == [
        ("announced", 403, "not_open_yet"),
        ("open", 201, None),
        ("soon", 201, None),
        ("considering", 403, "closed"),
    ]
