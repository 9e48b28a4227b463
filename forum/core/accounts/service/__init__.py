"""Writing accounts. No function commits, and the web hashes passwords before it opens a transaction."""

from forum.core.accounts.queries import has_consent
from forum.core.accounts.service.changes import (
    ask_new_address,
    ask_reset,
    change_address,
    change_password,
    reset_password,
)
from forum.core.accounts.service.codes import Refused
from forum.core.accounts.service.consents import record_consent
from forum.core.accounts.service.erasure import (
    copy_of_everything,
    erase,
    erase_account,
    forget_what_is_over,
)
from forum.core.accounts.service.kept import drop_draft, keep_text, save_draft, take_text
from forum.core.accounts.service.letters import MAILS
from forum.core.accounts.service.names import change_name, require_free, reserve_names
from forum.core.accounts.service.passwords import hash_password, verify_password
from forum.core.accounts.service.sign_ins import SIGNED_IN_FOR, sign_in, sign_out, sign_out_elsewhere
from forum.core.accounts.service.sign_ups import (
    Confirmed,
    ask_sign_up,
    confirm_sign_up,
    create_confirmed_user,
    send_again,
    waiting_password,
)
from forum.core.accounts.service.tokens import make_token, revoke_token

__all__ = [
    "MAILS",
    "SIGNED_IN_FOR",
    "Confirmed",
    "Refused",
    "ask_new_address",
    "ask_reset",
    "ask_sign_up",
    "change_address",
    "change_name",
    "change_password",
    "confirm_sign_up",
    "copy_of_everything",
    "create_confirmed_user",
    "drop_draft",
    "erase",
    "erase_account",
    "forget_what_is_over",
    "has_consent",
    "hash_password",
    "keep_text",
    "make_token",
    "record_consent",
    "require_free",
    "reserve_names",
    "reset_password",
    "revoke_token",
    "save_draft",
    "send_again",
    "sign_in",
    "sign_out",
    "sign_out_elsewhere",
    "take_text",
    "verify_password",
    "waiting_password",
]
