"""What a site is called and where it is reached, for whoever writes to people outside a request."""

from dataclasses import dataclass

from forum.kernel.i18n import LANGUAGES, T, Text, speaking

_NOBODY_NAMED = T("ผู้ดูแลระบบศาลา")


@dataclass(frozen=True)
class Site:
    """The names and addresses that an operator sets; `operator` is in the reader's language until one is named."""

    public_url: str = "http://127.0.0.1:8000"
    name: str = "ศาลา"
    operator: Text | str = ""
    help_phone: str = ""

    def own_names(self) -> set[str]:
        """What the site and its operator are called, in every language."""
        names = {self.name}
        for lang in LANGUAGES:
            with speaking(lang):
                names.add(str(self.operator))
        return names


_site = Site()


def configure(public_url: str, name: str, operator: str, help_phone: str) -> None:
    """Sets them for this process; called once by the app."""
    global _site
    _site = Site(public_url, name, named(operator), help_phone)


def named(operator: str) -> Text | str:
    """An operator's name as it is set; where none is, the words for one."""
    return _NOBODY_NAMED if operator == _NOBODY_NAMED.message else operator


def site() -> Site:
    """This process's site."""
    return _site
