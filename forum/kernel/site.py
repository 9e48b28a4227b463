"""What a site is called and where it is reached, for whoever writes to people outside a request."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Site:
    """The names and addresses that an operator sets."""

    public_url: str = "http://127.0.0.1:8000"
    name: str = "ศาลา"
    operator: str = ""
    help_phone: str = ""


_site = Site()


def configure(public_url: str, name: str, operator: str, help_phone: str) -> None:
    """Sets them for this process; called once by the app."""
    global _site
    _site = Site(public_url, name, operator, help_phone)


def site() -> Site:
    """This process's site."""
    return _site
