"""The states of an item, and what a change of state is called from outside. Plain Python."""

SHOWN = ("public",)
"""States in which an item's own text is shown."""

_WAYS: dict[str, tuple[str, ...]] = {
    "draft": ("public", "erased"),
    "public": ("withdrawn", "hidden", "redacted", "removed", "erased"),
    "hidden": ("public", "redacted", "removed", "withdrawn", "erased"),
    "redacted": ("public", "hidden", "removed", "withdrawn", "erased"),
    "removed": ("public", "withdrawn", "erased"),
    "withdrawn": ("erased",),
    "erased": (),
}
_VERBS = {
    "withdrawn": "withdrawn",
    "erased": "withdrawn",
    "hidden": "hidden",
    "removed": "hidden",
    "redacted": "redacted",
}


def may_become(old: str, new: str) -> bool:
    """Whether an item may go from one state to the other; what its author took back never comes again."""
    return new in _WAYS[old]


def verb(old: str, new: str) -> str:
    """The last part of the event's name: `posted`, `restored`, `withdrawn`, `hidden` or `redacted`."""
    if new == "public":
        return "posted" if old == "draft" else "restored"
    return _VERBS[new]


def is_shown(state: str) -> bool:
    """Whether everybody may read the text of an item in this state."""
    return state in SHOWN
