"""What feeds say to the rest: two addresses, nothing kept."""

from forum.kernel.feature import Feature
from forum.observers.feeds.routes import pages

FEATURE = Feature(name="feeds", blueprints=(pages,))
