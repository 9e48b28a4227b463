"""What people may do with accounts: their own only, and only signed in."""

from typing import Any

from forum.kernel.rules import Actor, Rules, signed_in


def own(actor: Actor, owner_id: Any) -> str | None:
    """It belongs to whoever asks."""
    return None if actor.user_id == owner_id else "not_your_account"


RULES: Rules = {
    "account.see": (signed_in,),
    "account.change": (signed_in,),
    "account.export": (signed_in,),
    "account.erase": (signed_in,),
    "token.make": (signed_in,),
    "token.revoke": (signed_in, own),
    "draft.keep": (signed_in,),
}
