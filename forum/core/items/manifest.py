"""What the spine says to the rest: pages that lead to any item."""

from forum.core.items import models
from forum.core.items.api import endpoints
from forum.core.items.queries import items_of
from forum.core.items.recount import recount
from forum.core.items.routes import pages
from forum.core.items.service import erase
from forum.kernel.feature import Feature

FEATURE = Feature(
    name=models.Item.__tablename__,
    blueprints=(pages, endpoints),
    personal_data=items_of,
    erase=erase,
    recount=recount,
)
