"""Names of places: all of today's, none of yesterday's, in the order people look them up."""

import subprocess
import sys
import time

import pytest
from geothai.abolished import abolished_areas

from forum.core.consultations import areas
from forum.kernel.thai import sort_key


def test_there_are_77_provinces_in_the_order_of_the_dictionary() -> None:
    found = areas.provinces()
    names = [name for _code, name in found]
    assert len(found) == len(set(found)) == 77
    assert names == sorted(names, key=sort_key)
    assert (names[0], names[-1]) == ("กระบี่", "อุบลราชธานี")
    assert names.index("เชียงใหม่") < names.index("ตรัง"), "a leading vowel counts after its consonant"
    assert all(len(code) == 2 and code.isdigit() for code, _name in found)


def test_there_are_928_districts_each_in_its_province() -> None:
    found = [code for province, _name in areas.provinces() for code, _ in areas.districts(province)]
    assert len(found) == len(set(found)) == 928
    assert all(len(code) == 4 and code.isdigit() for code in found)
    assert len(areas.districts("10")) == 50
    names = [name for _code, name in areas.districts("50")]
    assert names == sorted(names, key=sort_key)


@pytest.mark.parametrize(
    ("code", "thai", "english"),
    [
        ("10", "กรุงเทพมหานคร", "Bangkok"),
        ("1021", "เขตบางขุนเทียน กรุงเทพมหานคร", "Bang Khun Thian, Bangkok"),
        ("20", "จังหวัดชลบุรี", "Chon Buri"),
        ("2002", "อำเภอบ้านบึง จังหวัดชลบุรี", "Ban Bueng, Chon Buri"),
        ("5001", "อำเภอเมืองเชียงใหม่ จังหวัดเชียงใหม่", "Mueang Chiang Mai, Chiang Mai"),
    ],
)
def test_a_place_is_named_in_full(code: str, thai: str, english: str) -> None:
    assert areas.is_code(code)
    assert areas.name_of(code, "th") == thai
    assert areas.name_of(code, "en") == english


@pytest.mark.parametrize("code", ["", "1", "00", "99", "100", "9999", "102101", "๑๐", " 10", "10\n", "กท", "10%"])
def test_what_is_no_code_has_no_name_and_no_districts(code: str) -> None:
    assert not areas.is_code(code)
    assert areas.name_of(code, "th") == areas.name_of(code, "en") == ""
    assert areas.districts(code) == []


def test_abolished_places_are_not_offered() -> None:
    gone = [area.code for area in abolished_areas() if area.level != "subdistrict"]
    assert len(gone) > 10
    assert not any(areas.is_code(code) for code in gone)


def test_an_english_reader_finds_places_by_the_alphabet() -> None:
    names = [name for _code, name in areas.provinces("en")]
    assert (names[0], names[-1], len(names)) == ("Amnat Charoen", "Yasothon", 77)
    assert ("1021", "Bang Khun Thian") in areas.districts("10", "en")


def test_the_names_are_loaded_by_the_first_question_and_say_whose_they_are() -> None:
    ask = "import sys, forum.core.consultations.areas; print('geothai' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert "GeoThai" in str(areas.SOURCE)
    assert "CC BY 4.0" in str(areas.SOURCE)


def test_asking_again_costs_no_reading() -> None:
    areas.provinces()
    begun = time.perf_counter()
    for _ in range(50):
        areas.districts("10")
    assert time.perf_counter() - begun < 1
