"""What the spine says to the rest: pages that lead to any item."""

from forum.core.items import models
from forum.core.items.api import endpoints
from forum.core.items.routes import pages
from forum.kernel.feature import Feature

FEATURE = Feature(name=models.Item.__tablename__, blueprints=(pages, endpoints))
