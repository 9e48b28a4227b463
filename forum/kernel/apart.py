"""Work that would keep every other request waiting is done beside them, in the hub's native threads."""

from collections.abc import Callable
from contextvars import copy_context
from typing import TypeVar, cast

import gevent
from gevent import monkey

Result = TypeVar("Result")


def apart(work: Callable[[], Result]) -> Result:
    """What the work gives or raises, in the reader's language; never inside a transaction, which would stay open.

    Under gevent other requests go on meanwhile; anywhere else it is simply done.
    """
    if not monkey.is_module_patched("threading"):
        return work()
    done, error = gevent.get_hub().threadpool.apply(copy_context().run, (_outcome, work))
    if error is not None:
        raise error
    return cast(Result, done)


def _outcome(work: Callable[[], Result]) -> tuple[Result | None, Exception | None]:
    """What the work gives, or its error as an answer: what is raised in its threads the hub also prints."""
    try:
        return work(), None
    except Exception as error:  # noqa: BLE001  whoever asked is given it
        return None, error
