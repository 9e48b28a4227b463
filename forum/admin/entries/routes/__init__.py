"""The desk's pages about voices that came another way."""

from forum.admin.entries.routes import check, grid, keyed, one, sheets
from forum.admin.entries.routes.blueprint import pages

__all__ = ["check", "grid", "keyed", "one", "pages", "sheets"]
