import pytest
from tests.api.caller import Till


@pytest.fixture
def till(cast):
    return Till(cast, cast.till)
