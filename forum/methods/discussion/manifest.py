"""What the discussion method says to the rest."""

from typing import Any

from sqlalchemy.orm import Session

from forum.kernel import web
from forum.kernel.feature import Feature, Method
from forum.kernel.i18n import T
from forum.methods.discussion.api import endpoints
from forum.methods.discussion.queries import summaries
from forum.methods.discussion.routes import pages
from forum.methods.discussion.rules import RULES

web.add_reasons(
    {"agency_starts": T("หัวข้อในเรื่องนี้หน่วยงานเป็นผู้ตั้ง คุณออกความเห็นในหัวข้อที่มีได้")},
    {"agency_starts": T("เลือกหัวข้อที่มีอยู่ แล้วออกความเห็นในนั้น")},
)


def _path(_tx: Session, activity: Any) -> str:
    return f"/c/{activity.slug}/talk/{activity.key}"


FEATURE = Feature(
    name="discussion",
    blueprints=(pages, endpoints),
    rules=RULES,
    methods=(
        Method(
            kind="discussion",
            label=T("พูดคุย"),
            actions=("thread.start", "comment.post", "comment.edit", "comment.withdraw", "comment.react"),
            path=_path,
            summary=summaries,
            needs_topics=True,
        ),
    ),
)
