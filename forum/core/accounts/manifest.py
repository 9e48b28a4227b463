"""What accounts say to the rest."""

from forum.core.accounts import models, queries, service
from forum.core.accounts.api import KeptDraft, Me, NewToken, Token, Typed, endpoints
from forum.core.accounts.routes import pages
from forum.core.accounts.rules import RULES
from forum.kernel import web
from forum.kernel.feature import Feature
from forum.kernel.i18n import T

web.add_reasons(
    {"not_your_account": T("สิ่งนี้เป็นของคนอื่น")},
    {"not_your_account": T("เข้าสู่ระบบด้วยบัญชีที่เป็นเจ้าของ")},
)

FEATURE = Feature(
    name="accounts",
    blueprints=(pages, endpoints),
    rules=RULES,
    events=(
        "account.signed_up",
        "account.signed_out",
        "account.signed_out_everywhere",
        "account.password_changed",
        "account.email_changed",
        "account.name_changed",
        "account.token_made",
        "account.token_revoked",
        "account.consent_given",
        "account.consent_withdrawn",
        "account.erased",
    ),
    mails=service.MAILS,
    personal_data=queries.personal_data,
    erase=service.erase,
    tick=service.forget_what_is_over,
    schemas={s.__name__: s for s in (Me, NewToken, Token, Typed, KeptDraft)},
)

__all__ = ["FEATURE", "models"]
