"""Sites for the fault tests: those that are only looked at are shared, those that are broken are made anew."""

from collections.abc import Iterator

import pytest

from tests.faults.site import Site, site


@pytest.fixture(scope="module")
def here() -> Iterator[Site]:
    """A running site that the tests of one file share; none of them breaks it."""
    with site() as running:
        yield running


@pytest.fixture
def thread(here: Site) -> str:
    """A thread of the test's own."""
    return here.thread()
