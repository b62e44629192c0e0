"""How many statements the till's screen asks of the databases: a budget that only a reason may raise."""

from typing import Any

import pytest
from django.urls import reverse
from tests.pages.kiosk.test_access import at
from tests.support.statements import require_at_most, statements

SCREEN = 20


@pytest.mark.parametrize("stage", ["empty", "choose", "identified"])
def test_the_tills_screen_stays_within_its_budget(cast: Any, stage: str) -> None:
    client = at(cast.till, cast)
    client.get(reverse("kiosk:screen"), headers={"HX-Request": "true"})
    if stage != "empty":
        client.post(reverse("kiosk:add"), {"product": cast.meal.id})
    if stage == "identified":
        client.post(reverse("kiosk:card"), {"code": cast.cards["Carl"]})
    with statements() as counted:
        answer = client.get(reverse("kiosk:screen"), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    require_at_most(SCREEN, counted)
