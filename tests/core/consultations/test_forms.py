"""What is read of a consultation, and everything that is refused, by the path of its field."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.core.consultations.forms import Plan, read
from forum.kernel.errors import Invalid
from forum.kernel.text import too_many_marks
from tests.core.consultations.plans import complete

pytestmark = pytest.mark.usefixtures("features")


def raw(**values: Any) -> dict[str, Any]:
    body = complete("x", **values)
    del body["agency"]
    return body


def wrong(**values: Any) -> set[str]:
    with pytest.raises(Invalid) as caught:
        read(raw(**values))
    return set(caught.value.errors)


def phase(**values: Any) -> dict[str, Any]:
    given = {"title": "คุย", "starts_at": "2026-11-01", "ends_at": "2026-11-30", "activities": ["discussion"]}
    return given | values


def test_a_complete_plan_lacks_nothing() -> None:
    assert read(raw()).missing() == []


def test_a_day_without_an_hour_closes_at_its_end_and_opens_at_its_beginning() -> None:
    plan = read(raw(opens_at="2026-11-01", closes_at="2026-11-30", answer_by="2026-12-30"))
    assert plan.opens_at == datetime(2026, 10, 31, 17, tzinfo=UTC)
    assert plan.closes_at == datetime(2026, 11, 30, 17, tzinfo=UTC)
    assert plan.answer_by == date(2026, 12, 30)


def test_a_key_that_is_not_named_is_the_kind() -> None:
    assert read(raw()).activities[0].key == "discussion"


def test_plain_texts_stand_for_lists_and_a_contact() -> None:
    plan = read(raw(can_change="ก\n\nข\n", contact="กองช่าง โทร ๐ ๒๐๐๐ ๐๐๑๑"))
    assert plan.can_change == ("ก", "ข")
    assert plan.contact == {"office": "กองช่าง โทร ๐ ๒๐๐๐ ๐๐๑๑", "phone": "0 2000 0011"}


def test_fields_not_sent_stay_as_they_were() -> None:
    before = read(raw())
    after = read({"summary": "ใหม่"}, onto=before)
    assert after.summary == "ใหม่"
    assert after.phases == before.phases


def test_phases_may_overlap_where_they_open_different_things() -> None:
    assert len(read(raw(phases=[phase(), phase(starts_at="2026-11-15", activities=[])])).phases) == 2


def test_one_thing_to_do_is_open_in_one_phase_at_a_time() -> None:
    early = phase(ends_at="2026-11-14")
    assert wrong(phases=[phase(), phase(starts_at="2026-11-15")]) == {"phases.1.starts_at"}
    assert len(read(raw(phases=[early, phase(starts_at="2026-11-15")])).phases) == 2, "one ends as the other begins"
    later = phase(starts_at="2026-12-01", ends_at="2026-12-31")
    assert wrong(phases=[early, phase(starts_at="2026-11-15"), later | {"starts_at": "2026-11-30"}]) == {
        "phases.2.starts_at"
    }


@pytest.mark.parametrize("code", ["99", "1", "104", "10490", "กท", "9999"])
def test_a_code_of_no_place_is_named(code: str) -> None:
    assert wrong(area_codes=["10", code]) == {"area_codes.1"}


def test_a_place_is_kept_once() -> None:
    assert read(raw(area_codes=["10", "1011", "10"])).area_codes == ("10", "1011")


def test_all_that_is_wrong_is_told_at_once() -> None:
    found = wrong(title=" ", law_url="http://x.example.org", closes_at="2020-01-01", slug="ไทย")
    assert found == {"title", "law_url", "closes_at", "slug"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "\u200b \u3164"),
        ("title", "ก" * 201),
        ("title", "ก" + "\u0e48" * 9),
        ("summary", "ก" * 601),
        ("body", "ก" * 20_001),
        ("slug", "a"),
        ("slug", "-ab"),
        ("slug", "Ab"),
        ("slug", "a b"),
        ("slug", "../x"),
        ("slug", "new"),
        ("slug", "agency"),
        ("slug", "abcdefghjk"),  # looks like the public id of a thread
        ("slug", "a" * 61),
        ("law_url", "http://law.example.org"),
        ("law_url", "javascript:alert(1)"),
        ("law_url", "https://"),
        ("law_url", "https://user@evil.example.org"),
        ("can_change", ["ก"] * 21),
        ("opens_at", "พรุ่งนี้"),
        ("opens_at", "2026-11-01T09:00"),
        ("opens_at", "2569-11-01"),
        ("opens_at", "2026-02-30"),
        ("opens_at", "9999-12-31"),
        ("closes_at", "0001-01-01T00:00:00+14:00"),
        ("answer_by", "31/12/2569"),
        ("phases", [phase()] * 21),
    ],
)
def test_one_field_that_will_not_do_is_named(field: str, value: Any) -> None:
    assert field in wrong(**{field: value})


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("closes_at", {"opens_at": "2026-12-01", "closes_at": "2026-11-01"}),
        ("closes_at", {"opens_at": "2026-11-01T00:00:00Z", "closes_at": "2026-11-01T00:00:00Z"}),
        ("answer_by", {"closes_at": "2030-11-30", "answer_by": "2030-11-29"}),
        ("phases.0.ends_at", {"phases": [phase(ends_at="2026-10-01")]}),
        ("phases.0.title", {"phases": [phase(title=" ")]}),
        ("phases.0.starts_at", {"phases": [phase(starts_at="soon")]}),
        ("phases.1.starts_at", {"phases": [phase(), phase(starts_at="2026-10-01")]}),
        ("phases.0.activities", {"phases": [phase(activities=["map"])]}),
        ("activities.0.kind", {"activities": [{"kind": "ballot", "title": "ลงคะแนน"}]}),
        ("activities.0.title", {"activities": [{"kind": "discussion", "title": ""}]}),
        ("activities.0.key", {"activities": [{"kind": "discussion", "title": "ก", "key": "ก"}]}),
        ("activities.1.key", {"activities": [{"kind": "discussion", "title": "ก"}] * 2}),
        (
            "activities.0.settings",
            {"activities": [{"kind": "discussion", "title": "ก", "settings": {"x": "y" * 5000}}]},
        ),
        ("documents.0.url", {"documents": [{"title": "แบบ", "url": "http://a.example.org/x.pdf"}]}),
        ("documents.0.title", {"documents": [{"title": "", "url": "https://a.example.org"}]}),
        ("documents.0.size_kb", {"documents": [{"title": "แบบ", "url": "https://a.example.org", "size_kb": -1}]}),
        ("documents.0.date", {"documents": [{"title": "แบบ", "url": "https://a.example.org", "date": "เมื่อวาน"}]}),
        ("announcements.0.channel", {"announcements": [{"channel": ""}]}),
        ("contact.phone", {"contact": {"phone": "โทรมา"}}),
        ("contact.email", {"contact": {"email": "ไม่มี"}}),
        ("can_change.1", {"can_change": ["ก", "ข" * 301]}),
    ],
)
def test_a_fault_inside_a_list_is_named_by_its_path(path: str, values: dict[str, Any]) -> None:
    assert path in wrong(**values)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_title_is_kept_as_one_line_without_edges(title: str) -> None:
    kept = read({"title": "ก" + title[:190]}).title if fits(title) else ""
    assert "\n" not in kept
    assert kept == kept.strip()


def fits(title: str) -> bool:
    """Whether a title is one that nothing but its form could spoil."""
    return not too_many_marks("ก" + title)


def test_a_new_title_forgets_where_the_old_one_broke() -> None:
    old = Plan(title="ก ข", title_phrases=("ก ", "ข"))
    assert read({"title": "ค"}, onto=old).title_phrases == ()
    assert read({"title": "ก ข"}, onto=old).title_phrases == ("ก ", "ข")


INSIDE = [
    *("localhost", "LOCALHOST", "localhost.", "app.localhost", "printer", "intranet", "nas.local", "db.internal"),
    *("files.lan", "router.home.arpa", "pc.localdomain", "x.corp", "x.intranet", "x.home"),
    *("127.0.0.1", "10.0.0.8", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "8.8.8.8"),
    *("127.1", "127.0.1", "10.8", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "0xA.0x8"),
    *("127.0.0.1.", "[::1]", "[fd00::1]", "[::ffff:10.0.0.1]", "[fe80::1%25eth0]", "a.0x", "1.2.3.4.5"),
]


@pytest.mark.parametrize("host", INSIDE)
@pytest.mark.parametrize("rest", ["", "/a.pdf", ":443/a", "?a=1", "#a"])
def test_a_link_into_somebodys_own_network_is_refused_and_says_so(host: str, rest: str) -> None:
    for where, fields in (
        ("law_url", {"law_url": f"https://{host}{rest}"}),
        ("documents.0.url", {"documents": [{"title": "แบบ", "url": f"HTTPS://{host}{rest}"}]}),
    ):
        with pytest.raises(Invalid) as caught:
            read({"title": "ก"} | fields)
        assert set(caught.value.errors) == {where}
        assert "เครือข่ายภายใน" in str(caught.value.errors[where])


@pytest.mark.parametrize(
    "address",
    [
        "https://user@10.0.0.1/",
        "https://10.0.0.1@a.example.org/",
        "https://a.example.org:8443/x",
        "https://a.example.org:22",
        "https://a.example.org:0",
        "https://a.example.org:99999",
        "https://127。0。0。1/",
        "https://①②⑦.0.0.1/",
        "https://%31%32%37.0.0.1/",
        "https://10.0.0.1\\@a.example.org/",
        "https:///a.example.org",
        "https:10.0.0.1",
        "https://a_b.example.org:443:8/",
    ],
)
def test_a_link_that_hides_where_it_leads_is_refused(address: str) -> None:
    assert wrong(law_url=address) == {"law_url"}


@pytest.mark.parametrize(
    "address",
    [
        "https://www.example.go.th/a.pdf",
        "https://www.example.go.th:443/a.pdf",
        "https://10.example.org/",
        "https://local.example.org/?u=http://10.0.0.1",
        "https://localhost.example.org/#10.0.0.1",
        "https://xn--12c1fe0br.xn--o3cw4h/",
        "https://a1.b2.c3",
    ],
)
def test_a_link_that_everybody_can_open_is_kept(address: str) -> None:
    assert read({"title": "ก", "law_url": address}).law_url == address
