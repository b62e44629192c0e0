"""The demo's evening list is taken at any hour at which somebody tries the demo."""

from datetime import datetime
from typing import Any

import pytest
from tests.support.clocks import stopped_at

from willing.demo import boarding
from willing.demo.school import DemoSchool


# London, in winter: before noon the night is the last one, whose list was due at nine.
@pytest.mark.parametrize("hour", ["00:00", "08:30", "11:59", "12:00", "20:59", "21:00", "21:01", "23:59"])
def test_at_any_hour_one_list_is_taken_and_found_again(
    cast: Any, monkeypatch: pytest.MonkeyPatch, hour: str
) -> None:
    monkeypatch.setattr(boarding, "LIVES", ("Ada", "Wes", "Carl"))
    monkeypatch.setattr(boarding, "IS_MISSING", "Carl")
    demo = DemoSchool(cast.school, {}, {}, {})
    with stopped_at(datetime.fromisoformat(f"2026-11-28T{hour}+00:00")):
        for _telling in range(2):
            assert boarding.take_evening_list(demo).outcome == "2 in Willow House, 1 missing"
