"""Where it is about, chosen without a script: a province, then one of its districts or all of it, several times."""

from typing import Any

from forum.admin.setup.boxes import Form, Values
from forum.core.consultations import areas
from forum.core.consultations.forms import Plan
from forum.kernel import i18n

WHOLE = "all"
"""Chosen in place of a district: all of the province."""


def typed(form: Form) -> Values:
    """The places that stay ticked, and the one that is being chosen."""
    return {
        "area": form.get("area", ""),
        "area_codes": form.getlist("area_codes"),
        "province": form.get("province", ""),
        "district": form.get("district", ""),
    }


def shown(plan: Plan) -> Values:
    """The places of a plan."""
    return {"area": plan.area, "area_codes": list(plan.area_codes), "province": "", "district": ""}


def codes_of(values: Values) -> list[str]:
    """All that were chosen, each once; one that was chosen and not added yet counts as well."""
    codes = dict.fromkeys(values["area_codes"])
    chosen = _chosen(values)
    return list(codes | {chosen: None} if chosen else codes)


def _chosen(values: Values) -> str:
    province, district = values["province"], values["district"]
    chosen = province if district == WHOLE else district
    return chosen if areas.is_code(chosen) and chosen.startswith(province) else ""


def add(values: Values) -> Values:
    """The form once more with what was chosen among the places, or with the districts to choose from."""
    if not _chosen(values):
        return values
    return values | {"area_codes": codes_of(values), "province": "", "district": ""}


def choices(values: Values) -> dict[str, Any]:
    """What the page offers: the provinces, the districts of the one that was chosen, the names of those kept."""
    lang, province = i18n.language(), values["province"]
    return {
        "provinces": areas.provinces(lang),
        "districts": areas.districts(province, lang),
        "names": {code: areas.name_of(code, lang) for code in values["area_codes"]},
        "source": areas.SOURCE,
        "source_url": areas.SOURCE_URL,
    }
