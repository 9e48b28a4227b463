"""What pages and API share when somebody speaks: limits, and work asked of guests while the site is flooded."""

import hashlib

from forum.kernel import proof, throttle, web
from forum.kernel.errors import TooMany


class WorkNeeded(TooMany):
    """The site is flooded: a guest's device must do `challenge` first."""

    def __init__(self, challenge: str):
        super().__init__(60)
        self.challenge = challenge
        self.extra = {"work": challenge, "bits": proof.BITS}


def count_post(thread_public_id: str, body: str, answer: str | None) -> None:
    """Counts a post against its caller's limit; while guests flood the site, asks their devices for work.

    The work is asked for this text in this thread, so that what was done for one post serves no other.
    """
    if not web.actor().is_nobody:
        throttle.hit("posts", web.caller())
        return
    throttle.hit("guest_posts", web.address())
    post = f"{thread_public_id}|{hashlib.sha256(body.encode(errors='replace')).hexdigest()}"
    if throttle.is_flooded("site_guest_posts") and not proof.is_done(post, answer or ""):
        raise WorkNeeded(proof.challenge(post))
    throttle.hit("site_guest_posts")
