"""What insights say to the rest: how the site runs, for whoever runs it."""

from forum.kernel.feature import Feature
from forum.observers.insights.routes import pages

FEATURE = Feature(name="insights", blueprints=(pages,))
