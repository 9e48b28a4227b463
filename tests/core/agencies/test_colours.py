"""An agency's two colours: only such as can be read by everybody, on a light page and on a dark one."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from forum.core.agencies import compute, forms
from forum.kernel.errors import Invalid
from tests.factories import Make

NAMED = {"name_th": "สำนักช่าง"}


def test_contrast_is_what_wcag_says_it_is() -> None:
    assert compute.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert compute.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert compute.contrast("#0e5a4f", "#0e5a4f") == 1


def test_the_grounds_are_those_of_the_pages() -> None:
    tokens = (Path(__file__).parents[3] / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    assert all(f"--ground:{ground};" in tokens for ground in compute.GROUNDS)


@pytest.mark.parametrize("typed", ["#0e5a4f", "0E5A4F", " #0e5a4f "])
def test_a_colour_is_read_however_it_is_typed(typed: str) -> None:
    assert forms.read(NAMED | {"colour_band": typed}, True).colour_band == "#0e5a4f"


@pytest.mark.parametrize("typed", ["red", "#fff", "#12345g", "url(x)", "#0e5a4f;}body{", "<script>"])
def test_what_is_no_colour_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as caught:
        forms.read(NAMED | {"colour_band": typed, "colour_line": typed}, True)
    assert set(caught.value.errors) == {"colour_band", "colour_line"}


@pytest.mark.parametrize(
    ("field", "colour", "ratio"),
    [("colour_band", "#ffd400", "1.4"), ("colour_line", "#10201c", "1.1"), ("colour_line", "#f4e7d2", "1.1")],
)
def test_what_is_too_faint_is_refused_with_its_contrast(field: str, colour: str, ratio: str) -> None:
    with pytest.raises(Invalid) as caught:
        forms.read(NAMED | {field: colour}, True)
    assert ratio in str(caught.value.errors[field])


def test_an_agencys_page_wears_its_colours_and_others_do_not(client: FlaskClient, make: Make) -> None:
    dressed = make.agency(colour_band="#0e5a4f", colour_line="#8a6a4b")
    plain = make.agency()
    assert f"/a/{dressed.slug}/colours.css" in client.get(f"/a/{dressed.slug}").text
    assert "colours.css" not in client.get(f"/a/{plain.slug}").text
    said = client.get(f"/a/{dressed.slug}/colours.css")
    assert said.mimetype == "text/css"
    assert said.text == ":root{--agency-band:#0e5a4f;--agency-line:#8a6a4b;}\n"
    assert client.get("/a/nobody/colours.css").status_code == 404


def test_an_agencys_page_tells_how_it_keeps_its_word(client: FlaskClient, make: Make) -> None:
    row = make.consultation()
    agency = make.agency_of(row)
    make.heard(row, 3)
    make.heard(row, 2, answered="on_time")
    make.heard(row, 1, answered="late")
    text = client.get(f"/a/{agency.slug}").text
    told = text[text.index('id="h-heard"') : text.index("</dl>")]
    in_time, late, unanswered = (part.split("</dd>")[0] for part in told.split("<dd>")[1:])
    assert (in_time, late) == ("2 ข้อ", "1 ข้อ")
    assert unanswered.startswith("3 ข้อ ")
    assert "ยังไม่ถึงกำหนดทุกข้อ" in unanswered


def test_an_agency_that_heard_nothing_tells_no_numbers(client: FlaskClient, make: Make) -> None:
    row = make.consultation()
    assert "h-heard" not in client.get(f"/a/{make.agency_of(row).slug}").text
