"""What pages and API share when somebody speaks: limits, consent, and work asked of guests in a flood."""

import hashlib

from sqlalchemy.orm import Session

from forum.commons.comments.forms import NOT_AGREED
from forum.core.accounts.models import PUBLIC_POSTING
from forum.core.accounts.queries import has_consent
from forum.core.accounts.service import record_consent
from forum.kernel import proof, throttle, web
from forum.kernel.errors import Invalid, TooMany


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


def agree(tx: Session, ticked: bool, *, by_token: bool = False) -> None:
    """Who speaks from a page has agreed, now or before, that it becomes public; raises `Invalid` on `consent`.

    A guest agrees with each comment, and whoever made an API token agreed by making it.
    """
    actor = web.actor()
    if actor.user_id is None or (by_token and not ticked) or has_consent(tx, actor.user_id, PUBLIC_POSTING):
        return
    if not ticked:
        raise Invalid({"consent": NOT_AGREED})
    record_consent(tx, actor.user_id, None, PUBLIC_POSTING, True)
