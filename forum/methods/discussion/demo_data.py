"""Invented content to try the site with: the same every time, told relative to today."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

FOLDER = Path(__file__).resolve().parent / "demo"
PASSWORD = "sala-demo-2569"
SIGN_INS = ("citizen", "moderator", "officer")


@dataclass
class DemoLoader:
    """Loads the demo once; `sign_ins` says who may be signed in as."""

    people: dict[str, int] = field(default_factory=dict)

    def load(self, tx: Session) -> None:
        """Writes everything into an empty site."""
        raise NotImplementedError

    def sign_ins(self) -> Iterator[str]:
        """One line a sign-in."""
        yield ""


def read(name: str) -> Any:
    """One of the demo's files: JSON, or JSON a line."""
    path = FOLDER / name
    text = path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else json.loads(text)


__all__ = ["DemoLoader", "random"]
