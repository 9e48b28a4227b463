"""Starting threads."""

from sqlalchemy.orm import Session

from forum.commons.comments.service import NewThread, make_thread
from forum.core.consultations.compute import UNOPENED
from forum.core.consultations.models import Consultation
from forum.core.consultations.queries import ActivityNow
from forum.core.consultations.sign_offs import ask_again
from forum.core.items.models import Item
from forum.kernel.rules import Actor, require
from forum.methods.discussion.queries import room
from forum.methods.discussion.rules import AGENCY_VOICES, RULES


def start_thread(tx: Session, actor: Actor, place: ActivityNow, form: NewThread) -> Item:
    """A new thread in a discussion; emits `thread.posted`. Only the agency may ask for stances."""
    require(RULES, "thread.start", actor, room(place))
    if form.stance != "off":
        require(RULES, "thread.stance", actor, room(place))
    ours = actor.has_any(AGENCY_VOICES, place.consultation.agency_id)
    if place.consultation.state in UNOPENED:
        # Whoever agrees to open it agrees to its topics: one more is asked for anew.
        ask_again(tx, actor, tx.get_one(Consultation, place.consultation.id))
    return make_thread(
        tx,
        form,
        consultation_id=place.consultation.id,
        agency_id=place.consultation.agency_id,
        activity_id=place.id,
        author_id=actor.user_id,
        voice="agency" if ours else "member",
    )
