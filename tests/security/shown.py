"""A page as somebody sees it who filled in a form: what stands in its boxes, and which mistakes are named."""

from html.parser import HTMLParser

HERE = "."
"""The address of a form that says none: its own page."""
Attributes = list[tuple[str, str | None]]


class Shown(HTMLParser):
    """Reads one page."""

    def __init__(self, page: str):
        super().__init__()
        self.forms: dict[str, dict[str, list[str]]] = {}
        """For each form by its address: every box, with what a browser would send for it."""
        self.boxes: dict[str, set[str]] = {}
        self.ids: set[str] = set()
        self.mistakes: dict[str, str] = {}
        """What the summary says, by the field it leads to; the whole form's is under ""."""
        self._form, self._text, self._select, self._link = "", "", "", ""
        self._in_summary = False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: Attributes) -> None:
        at = {name: value or "" for name, value in attributes}
        self.ids.add(at.get("id", ""))
        if tag == "form":
            self._form = at.get("action", HERE)
            self.forms.setdefault(self._form, {})
            self.boxes.setdefault(self._form, set())
        if at.get("id") == "errors":
            self._in_summary = True
        if tag in ("input", "textarea", "select", "button") and self._form and at.get("name"):
            self._box(tag, at)
        if tag == "option" and self._select and "selected" in at:
            self._put(self._select, at.get("value", ""))
        if self._in_summary and tag in ("a", "p"):
            self._link, self._text = at.get("href", "").removeprefix("#f-"), "|"

    def _box(self, tag: str, at: dict[str, str]) -> None:
        self.boxes[self._form].add(at["name"])
        if tag == "select":
            self._select = at["name"]
        elif tag == "textarea":
            self._link, self._text = at["name"], "|"
        elif tag == "input" and (at.get("type") not in ("checkbox", "radio") or "checked" in at):
            self._put(at["name"], at.get("value", ""))

    def _put(self, name: str, value: str) -> None:
        self.forms[self._form].setdefault(name, []).append(value)

    def handle_data(self, data: str) -> None:
        if self._text:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._form:
            self._put(self._link, self._text[1:].removeprefix("\n"))
            self._text = ""
        elif self._in_summary and tag in ("a", "p"):
            self.mistakes[self._link] = self._text[1:]
            self._text = ""
        elif self._in_summary and tag == "ul":
            self._in_summary = False
        elif tag == "form":
            self._form = ""
        elif tag == "select":
            self._select = ""
