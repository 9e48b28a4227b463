"""Styles, scripts, fonts and pictures: read once, named by the digest of them all, kept by browsers for a year."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, request

from forum.kernel.errors import NotFound

_TYPES = {
    ".woff2": "font/woff2",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_BESIDE_PAGES = "js/away.js"
_ALREADY_SMALL = (".woff2", ".png", ".jpg", ".webp", ".ttf")


@dataclass(frozen=True)
class File:
    """One file as it is sent: its bytes, and the same compressed where that helps."""

    data: bytes
    packed: bytes | None
    type: str


class Shelf:
    """The folder of static files in memory; its `digest` changes when any of them does."""

    def __init__(self, folder: Path):
        paths = sorted(p for p in folder.rglob("*") if p.is_file())
        self.files = {p.relative_to(folder).as_posix(): _read(p) for p in paths}
        every = hashlib.sha256()
        for name, file in self.files.items():
            every.update(name.encode() + b"\0" + file.data)
        self.digest = every.hexdigest()[:10]

    def url(self, name: str) -> str:
        """Where a file is found; raises KeyError when there is none, so that no page links to nothing."""
        self.files[name]
        return f"/static/{self.digest}/{name}"


def _read(path: Path) -> File:
    data = path.read_bytes()
    packed = None if path.suffix in _ALREADY_SMALL else gzip.compress(data, 9, mtime=0)
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return File(data, packed, kind)


def serve(app: Flask, folder: Path) -> Shelf:
    """Serves the folder under /static/<digest>/; an old digest still answers, without being kept."""
    shelf = Shelf(folder)

    def static_file(digest: str, name: str) -> Response:
        """One static file."""
        file = shelf.files.get(name)
        if file is None:
            raise NotFound
        packed = file.packed is not None and "gzip" in request.headers.get("Accept-Encoding", "")
        response = Response(file.packed if packed and file.packed else file.data, mimetype=file.type)
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        if name == _BESIDE_PAGES:
            response.headers["Service-Worker-Allowed"] = "/"
        fresh = digest == shelf.digest
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fresh else "no-cache"
        return response

    app.add_url_rule("/static/<digest>/<path:name>", "static_file", static_file)
    return shelf
