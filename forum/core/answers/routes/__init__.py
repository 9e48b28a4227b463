"""Pages of official answers: what was said of one contribution, and the desk on which offices answer."""

from forum.core.answers.routes.public import pages

__all__ = ["pages"]
