"""What reports say to the rest."""

from sqlalchemy.orm import Session

from forum.kernel.feature import Duty, Feature
from forum.kernel.web import add_reasons
from forum.observers.reports import making, queries, service
from forum.observers.reports.routes import pages
from forum.observers.reports.rules import HELPS, REASONS, RULES

add_reasons(REASONS, HELPS)
_LOOK_EVERY = 1.0


def _erase(tx: Session, user_id: int, _keep_posts: bool) -> None:
    service.forget_person(tx, user_id)


FEATURE = Feature(
    name="reports",
    blueprints=(pages,),
    rules=RULES,
    events=("report.asked", "report.published"),
    duties=(Duty(making.make_next, _LOOK_EVERY),),
    personal_data=queries.of_person,
    erase=_erase,
)
