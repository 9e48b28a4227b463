"""Features without an app around them: what services and forms ask, at a tenth of the time."""

import pytest

from forum.app import FEATURES
from forum.kernel import feature


@pytest.fixture
def features() -> None:
    """The features of the site, registered."""
    feature.register(FEATURES)
