"""Atom feeds (RFC 4287): plain XML made with ElementTree."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from forum.kernel import clock

_ATOM = "http://www.w3.org/2005/Atom"
# XML 1.0 takes neither these two nor lone surrogates; controls never get into what is stored.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Entry:
    """One thing in a feed; `html` is sanitised already."""

    path: str
    title: str
    html: str
    author: str
    at: datetime


def feed(base: str, path: str, title: str, entries: Iterable[Entry]) -> bytes:
    """A feed as bytes; `base` is the site's own address, under which every path lies."""
    entries = list(entries)
    root = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "th"})
    _say(root, "id", base + path)
    _say(root, "title", title)
    ET.SubElement(root, "link", {"rel": "self", "href": base + path})
    ET.SubElement(root, "link", {"href": base + path.removesuffix("feed.atom")})
    _say(root, "updated", clock.iso(max((e.at for e in entries), default=datetime(2026, 1, 1, tzinfo=UTC))))
    for entry in entries:
        _entry(root, base, entry)
    made: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _entry(root: ET.Element, base: str, entry: Entry) -> None:
    node = ET.SubElement(root, "entry")
    _say(node, "id", base + entry.path)
    _say(node, "title", entry.title)
    ET.SubElement(node, "link", {"href": base + entry.path})
    _say(node, "updated", clock.iso(entry.at))
    _say(ET.SubElement(node, "author"), "name", entry.author)
    _say(node, "content", entry.html).set("type", "html")


def _say(parent: ET.Element, tag: str, text: str) -> ET.Element:
    node = ET.SubElement(parent, tag)
    node.text = _NOT_XML.sub("", text)
    return node
