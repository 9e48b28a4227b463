"""What stands on every page, and what the share of a page says."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config import Config
from forum.app import create_app
from forum.kernel import db
from tests.factories import Make

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("path", ["/", "/login", "/r", "/privacy", "/nowhere"])
def test_every_page_says_what_sala_never_asks_for(client: Any, path: str) -> None:
    seen = re.sub("<[^>]+>", "", client.get(path).text)
    assert "ศาลาไม่โทรหรือทักไปขอเลขบัตรประชาชน รหัส OTP หรือเงิน" in seen


def test_the_operator_and_the_help_number_are_settings(config: Any, lent: db.Database) -> None:
    named = create_app(replace(config, operator="สำนักงานทดลอง", help_phone="0 2000 0099"), lent).test_client()
    page = named.get("/").text
    assert "สำนักงานทดลอง" in page
    assert 'href="tel:020000099"' in page


def test_an_english_page_names_the_operator_in_english_until_one_is_set(
    config: Any, lent: db.Database, make: Make
) -> None:
    unnamed = create_app(replace(config, operator=Config().operator), lent).test_client()
    thread = f"/t/{make.thread()}"
    for path in ("/", "/privacy", thread):
        page = unnamed.get(f"{path}?lang=en").text
        assert "The Sala operator" in page, path
        assert "ผู้ดูแลระบบศาลา" not in page, path
        assert "ผู้ดูแลระบบศาลา" in unnamed.get(f"{path}?lang=th").text, path
    named = create_app(replace(config, operator="กรม <b> 100%"), lent).test_client()
    assert "กรม &lt;b&gt; 100%" in named.get(f"{thread}?lang=en").text


def test_a_shared_thread_says_who_asks_until_when_and_whom_to_call(client: Any, make: Make) -> None:
    consultation = make.consultation()
    page = client.get(f"/t/{make.thread(consultation)}").text
    said = re.search(r'property="og:description" content="([^"]*)"', page)
    picture = re.search(r'property="og:image" content="([^"]*)"', page)
    assert said is not None
    assert picture is not None
    assert "สำนักช่างท่าพร้าว" in said[1]
    assert "0 2000 0001" in said[1]
    assert re.search(r"25\d\d", said[1]), "the day is told in the Buddhist era"
    assert picture[1].endswith(f"/c/{consultation.slug}/card.png")


def test_fonts_are_few_small_and_carry_their_licences() -> None:
    fonts = sorted((ROOT / "static" / "fonts").glob("*.woff2"))
    licences = [p.read_text() for p in (ROOT / "static" / "fonts").iterdir() if "OFL" in p.name]
    assert len(fonts) == 6
    assert sum(p.stat().st_size for p in fonts) <= 72 * 1024
    assert len(licences) == 2
    assert all("SIL OPEN FONT LICENSE" in text.upper() for text in licences)


def test_vendored_scripts_carry_their_licences() -> None:
    vendored = list((ROOT / "static" / "vendor").rglob("*.js"))
    assert vendored
    assert all(any("LICENSE" in other.name for other in p.parent.iterdir()) for p in vendored)


RULE = re.compile(r"([^{};]+)\{([^{}]*)\}")
NEW_IN_SELECTORS = (":has(", ":is(", ":where(", ":focus-visible")
TINTS = {"border-color", "background", "box-shadow"}


def rules_of_styles() -> list[tuple[list[str], str]]:
    """Every rule of our styles: its selectors and what it sets."""
    css = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "static" / "css").glob("*.css")))
    found = RULE.findall(re.sub(r"/\*.*?\*/", "", css, flags=re.S))
    return [(re.split(r",(?![^()]*\))", selectors), said) for selectors, said in found]


@pytest.mark.parametrize("new", NEW_IN_SELECTORS)
def test_a_selector_an_old_phone_does_not_know_takes_no_other_down_with_it(new: str) -> None:
    """Chrome 84 drops a whole rule for one selector it cannot read."""
    mixed = [rule for rule, _ in rules_of_styles() if any(new in s for s in rule) and not all(new in s for s in rule)]
    assert mixed == []


def test_a_choice_is_seen_without_the_tint_that_only_new_phones_show() -> None:
    tinted = [said for rule, said in rules_of_styles() if ":has(" in "".join(rule)]
    assert tinted
    for said in tinted:
        assert {line.partition(":")[0].strip() for line in said.split(";") if line.strip()} <= TINTS
    marked = [said for rule, said in rules_of_styles() if ".seg input:checked" in rule]
    assert marked, "the box itself shows what is chosen"
