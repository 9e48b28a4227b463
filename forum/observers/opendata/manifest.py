"""What the open data feature says to the rest: the API's description of itself, for programs and for people."""

from forum.kernel.feature import Feature
from forum.observers.opendata.api import endpoints
from forum.observers.opendata.routes import pages

FEATURE = Feature(name="opendata", blueprints=(endpoints, pages))
