"""What people agreed to, each time it was given or taken back: purpose, version of the words, moment."""

from datetime import datetime

from sqlalchemy.orm import Session

from forum.core.accounts.models import PRIVACY_VERSION, Consent
from forum.kernel import clock, events


def record_consent(
    tx: Session,
    user_id: int | None,
    item_id: int | None,
    purpose: str,
    given: bool,
    at: datetime | None = None,
) -> None:
    """Writes down one word on a purpose: by an account, or (without one) with the item it was given for."""
    tx.add(
        Consent(
            user_id=user_id,
            item_id=item_id,
            purpose=purpose,
            version=PRIVACY_VERSION,
            given=given,
            at=at or clock.now(),
        )
    )
    tx.flush()
    name = "account.consent_given" if given else "account.consent_withdrawn"
    events.emit(tx, name, subject_id=user_id, item_id=item_id, purpose=purpose)
