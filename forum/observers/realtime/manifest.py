"""What realtime says to the rest: it hears whatever some feature tells live."""

from forum.kernel.events import Observer
from forum.kernel.feature import Feature
from forum.observers.realtime.sayings import live_names
from forum.observers.realtime.service import sockets, tell

FEATURE = Feature(
    name="realtime",
    observers=(Observer(name="realtime", where="web", wants=live_names, handle=tell),),
    figures={"sockets": sockets},
)
