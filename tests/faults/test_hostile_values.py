"""Every hostile value in every field of every page, as every role: the long form of tests/config."""

from typing import Any

import pytest
from tests.config.hostile import ALONE, TOGETHER, opens, pages, walk

from willing.accounts.models import Role

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("who", ["nobody", "outsider", *Role.Kind.values])
def test_no_value_breaks_any_page_for_anybody(cast: Any, who: str) -> None:
    mine = [one for one in pages() if opens(one[1], who)]
    theirs = [one for one in pages() if not opens(one[1], who)]
    assert walk(cast, who, mine, together=TOGETHER, alone=ALONE) == []
    assert walk(cast, who, theirs, together=TOGETHER[:1], alone=()) == []
