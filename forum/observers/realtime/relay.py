"""From one web process to the others, over Redis: the same is said in the rooms of each.

A plain channel of our own and not Socket.IO's queue, which drops what Redis does not take and says nothing
of it. Here a publish that fails raises, so the delivery keeps waiting; and whoever listens again after a
while away is told so, because what was published meanwhile is gone.
"""

import json
import logging
import time
import uuid
from collections.abc import Callable
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from forum.kernel.events import NotNow

log = logging.getLogger(__name__)

_CONNECT_SECONDS = 1.0
_ANSWER_SECONDS = 2.0
_QUIET_SECONDS = 5.0
_AGAIN_AFTER = 0.5

Message = dict[str, Any]


class Relay:
    """One process's ear and mouth on the site's channel."""

    def __init__(self, url: str, channel: str):
        self.channel = channel
        self.is_listening = False
        self._me = uuid.uuid4().hex
        self._redis: Redis = Redis.from_url(
            url,
            socket_connect_timeout=_CONNECT_SECONDS,
            socket_timeout=_ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 1),
        )

    def publish(self, message: Message) -> None:
        """Hands a message to the other processes; raises `NotNow` when Redis does not take it."""
        try:
            self._redis.publish(self.channel, json.dumps(message | {"from": self._me}))
        except (RedisError, OSError) as error:
            raise NotNow from error

    def listen(self, hear: Callable[[Message], None], turned: Callable[[], None]) -> None:
        """Hears the others for as long as the process lives; `turned` is called when it grows deaf or hears again."""
        while True:
            try:
                self._listen_once(hear, turned)
            except (RedisError, OSError) as error:
                if self.is_listening:
                    log.warning("live waits for Redis: %s", type(error).__name__)
                    self.is_listening = False
                    turned()
            time.sleep(_AGAIN_AFTER)

    def _listen_once(self, hear: Callable[[Message], None], turned: Callable[[], None]) -> None:
        with self._redis.pubsub() as ear:  # type: ignore[no-untyped-call]
            ear.subscribe(self.channel)
            heard = time.monotonic()
            while True:
                message = ear.get_message(timeout=1.0)
                now = time.monotonic()
                if message is not None:
                    heard = now
                    self._take(message, hear, turned)
                elif now - heard > 2 * _QUIET_SECONDS:
                    raise TimeoutError
                elif now - heard > _QUIET_SECONDS:
                    ear.ping()

    def _take(self, message: Message, hear: Callable[[Message], None], turned: Callable[[], None]) -> None:
        if message["type"] == "subscribe":
            self.is_listening = True
            turned()
        elif message["type"] == "message":
            self._hand_on(message["data"], hear)

    def _hand_on(self, data: bytes, hear: Callable[[Message], None]) -> None:
        try:
            message = json.loads(data)
            if message["from"] != self._me:
                hear(message)
        except Exception:
            log.exception("a message of another process could not be heard")
