"""Pages of official answers: what was said of one contribution, and the desk on which offices answer."""

from forum.core.answers.routes import deciding, listing, writing
from forum.core.answers.routes.desk import desk
from forum.core.answers.routes.public import pages

__all__ = ["deciding", "desk", "listing", "pages", "writing"]
