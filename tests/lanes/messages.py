"""`python -m tests.lanes.messages`: brings both catalogues in line with the texts of code and templates."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS = {"T": None, "Text": None, "_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
Said = tuple[str | tuple[str, ...], str | None]


def said() -> set[Said]:
    """Every message of the code and the templates, with its context."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]
    found = extract_from_dir(ROOT, methods, options, KEYWORDS, directory_filter=_is_searched)
    return {(message, context) for _file, _line, message, _comments, context in found}


def _is_searched(folder: str) -> bool:
    """Babel by itself would leave out folders that begin with a low line, such as our macros."""
    return not Path(folder).name.startswith(".") and Path(folder).name != "var"


def catalogue(lang: str) -> Path:
    """Where a language's messages are."""
    return ROOT / "translations" / lang / "LC_MESSAGES" / "messages.po"


def bring_in_line(lang: str, messages: set[Said]) -> list[str]:
    """Adds what is new, drops what nobody says any more; returns what has no translation yet.

    Thai is the source: there each message is its own translation.
    """
    path = catalogue(lang)
    with path.open("rb") as file:
        before = read_po(file, locale=lang)
    now = Catalog(locale=lang)
    for message, context in messages:
        old = before.get(message if isinstance(message, str) else message[0], context)
        string = old.string if old is not None and old.string else ""
        if lang == "th":
            string = message if isinstance(message, str) else (message[0],)
        now.add(message, string, context=context)
    head = path.read_text(encoding="utf-8").partition("\n\n")[0]
    path.write_text(f"{head}\n\n{_written(now)}", encoding="utf-8")
    return sorted(str(m.id) for m in now if m.id and not _is_full(m.string))


def _written(messages: Catalog) -> str:
    out = BytesIO()
    write_po(out, messages, width=0, no_location=True, omit_header=True, sort_output=True)
    return out.getvalue().decode().lstrip("\n")


def _is_full(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return bool(string and all(string))


def main() -> None:
    """Tells what is left to translate."""
    messages = said()
    for lang in ("th", "en"):
        for missing in bring_in_line(lang, messages):
            print(f"{lang}: {missing}")


if __name__ == "__main__":
    main()
