"""The pages about accounts."""

from forum.core.accounts.routes import entry, own
from forum.core.accounts.routes.blueprint import pages

__all__ = ["entry", "own", "pages"]
