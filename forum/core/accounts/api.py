"""One's own account for programs: who am I, tokens, and what is being typed."""

from typing import Annotated, Any

import msgspec
from flask import Blueprint, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.accounts import forms, queries, service
from forum.core.accounts.models import ApiToken, Draft
from forum.core.accounts.rules import RULES
from forum.kernel import api, web
from forum.kernel.api import describe
from forum.kernel.clock import iso
from forum.kernel.db import reading, transaction
from forum.kernel.errors import NotFound
from forum.kernel.rules import require

endpoints = Blueprint("accounts_api", __name__, url_prefix="/api/v1")


class Me(msgspec.Struct):
    """Whoever asks. `roles` are the kinds of role held anywhere."""

    id: str
    name: str
    email: str | None
    lang: str
    created_at: str
    roles: list[str]


class NewToken(msgspec.Struct, forbid_unknown_fields=True):
    """A token to be made: what its owner calls it."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Token(msgspec.Struct, omit_defaults=True):
    """A token; `token` is the secret, only in the answer to its making."""

    id: str
    name: str
    created_at: str
    token: str | None = None


class Typed(msgspec.Struct, forbid_unknown_fields=True):
    """What is being typed, 20,000 bytes at most."""

    text: Annotated[str, msgspec.Meta(max_length=forms.LONGEST_DRAFT)]


class KeptDraft(msgspec.Struct):
    """What was being typed in a place, and when it was kept."""

    place: str
    text: str
    saved_at: str


def _caller(action: str) -> int:
    require(RULES, action, web.actor(), web.actor().user_id)
    return web.actor().user_id or 0


@endpoints.get("/me")
@describe("Whoever asks", returns=Me, auth="required", errors=(401,))
def me() -> Response:
    """The account of the caller."""
    user_id = _caller("account.see")
    with reading() as tx:
        user = queries.account(tx, user_id)
    roles = sorted({role for _scope, role in web.actor().roles})
    return api.answer(Me(user.public_id, user.name or "", user.email, user.lang, iso(user.created_at), roles))


@endpoints.post("/tokens")
@describe(
    "Makes a token; its secret is in this answer alone, and not in that to a repeat",
    body=NewToken,
    returns=Token,
    status=201,
    auth="required",
    idempotent=True,
    errors=(401, 422),
)
def make_token() -> Response:
    """A new token of the caller."""
    user_id = _caller("token.make")
    name = forms.token_name(api.body(NewToken).name)

    def work(tx: Session) -> tuple[int, str, Any]:
        public_id, secret = service.make_token(tx, user_id, name)
        return 201, public_id, _token(tx, user_id, public_id, secret)

    return api.answer(*api.once(work, lambda tx, made: _token(tx, user_id, made)))


def _token(tx: Session, user_id: int, public_id: str, secret: str | None = None) -> Token:
    found = select(ApiToken).where(ApiToken.user_id == user_id, ApiToken.public_id == public_id)
    row = tx.execute(found).scalar_one_or_none()
    if row is None:
        raise NotFound
    return Token(row.public_id, row.name, iso(row.created_at), secret)


@endpoints.delete("/tokens/<public_id>")
@describe("Revokes one of the caller's tokens", status=204, auth="required", errors=(401, 404))
def revoke_token(public_id: str) -> Response:
    """Ends a token."""
    with transaction() as tx:
        service.revoke_token(tx, web.actor(), public_id)
    return api.no_content()


@endpoints.get("/drafts/<path:place>")
@describe("What the caller was typing in a place", returns=KeptDraft, auth="required", errors=(401, 404, 422))
def draft(place: str) -> Response:
    """A draft."""
    user_id = _caller("draft.keep")
    where, _text = forms.draft(place, "")
    with reading() as tx:
        found = queries.draft_at(tx, user_id, where)
    if found is None:
        raise NotFound
    return api.answer(_draft(found))


@endpoints.put("/drafts/<path:place>")
@describe(
    "Keeps what the caller is typing in a place, for 30 days",
    body=Typed,
    returns=KeptDraft,
    auth="required",
    errors=(401, 422),
)
def save_draft(place: str) -> Response:
    """Keeps a draft in the stead of the one before."""
    user_id = _caller("draft.keep")
    where, typed = forms.draft(place, api.body(Typed).text)
    with transaction() as tx:
        at = service.save_draft(tx, user_id, where, typed)
    return api.answer(KeptDraft(where, typed, iso(at)))


@endpoints.delete("/drafts/<path:place>")
@describe("Forgets what the caller was typing in a place", status=204, auth="required", errors=(401, 422))
def drop_draft(place: str) -> Response:
    """Forgets a draft; one that is not there is no error."""
    user_id = _caller("draft.keep")
    where, _text = forms.draft(place, "")
    with transaction() as tx:
        service.drop_draft(tx, user_id, where)
    return api.no_content()


def _draft(row: Draft) -> KeptDraft:
    return KeptDraft(row.place, row.text, iso(row.saved_at))
