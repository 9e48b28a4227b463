"""Tokens that a form of ours must bring back: bound to the sign-in, fresh in every page, no cookie for readers.

A visitor without a sign-in gets a token bound to nobody; what protects them is that browsers say where a POST
comes from, which `kernel.web` checks on every one.
"""

import secrets

from forum.kernel import keys

_NONCE = 16
_MAC = 32


def make(binding: str) -> str:
    """A token for the sign-in named by `binding` (empty for nobody); different each time, so that it cannot be
    guessed from compressed sizes.
    """
    nonce = secrets.token_hex(_NONCE // 2)
    return nonce + _mac(binding, nonce)


def check(binding: str, token: str) -> bool:
    """Whether the token was made for this binding; takes the same time either way."""
    nonce, mac = token[:_NONCE], token[_NONCE:]
    return token.isascii() and keys.same(mac, _mac(binding, nonce))


def _mac(binding: str, nonce: str) -> str:
    return keys.keyed("csrf", f"{binding}|{nonce}")[:_MAC]
