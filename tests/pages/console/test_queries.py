"""How many statements the busiest staff pages ask of the databases: budgets that only a reason may raise."""

from typing import Any

from django.test import Client
from tests.support.statements import require_at_most, statements

PERSON, DAY = 40, 25


def test_a_persons_page_stays_within_its_budget(office: Client, cast: Any, sell: Any) -> None:
    for _ in range(3):
        sell("Ada", "pin")
    path = f"/staff/people/{cast.person('Ada').id}/"
    office.get(path)
    with statements() as counted:
        answer = office.get(path)
    assert answer.status_code == 200
    require_at_most(PERSON, counted)


def test_the_days_page_stays_within_its_budget(office: Client, sell: Any) -> None:
    for name, way in (("Carl", "card"), ("Ada", "pin"), ("Carl", "pin")):
        sell(name, way)
    office.get("/staff/today/")
    with statements() as counted:
        answer = office.get("/staff/today/")
    assert answer.status_code == 200
    require_at_most(DAY, counted)
