"""Looking people up away from the office: by whole names, a few at a time, and never unseen."""

import json
from typing import Any

import pytest
from django.test import Client
from tests.support.signing import sign_in

from willing.audit.models import Entry
from willing.core.comparison import fold_name
from willing.people.persons import NewPerson, add_person
from willing.terminals.models import Device
from willing.terminals.pairing import pair_terminal, start_pairing

HTMX = {"hx-request": "true"}


def views(cast: Any) -> list[tuple[Any, int]]:
    rows = Entry.objects.filter(event="record.viewed").order_by("sequence")
    return [(one.subject, json.loads(bytes(one.hashed))["facts"]["by"]) for one in rows]


def found(client: Client, **asked: str) -> str:
    return client.get("/staff/no/", asked).content.decode().split("<main")[1]


@pytest.mark.parametrize("part", ["a", "ad", "Ada", "Agrees", "7A", "da agree", "%", "Ada Agrees 7A"])
def test_a_part_of_a_name_finds_nobody(cast: Any, browser: Any, part: str) -> None:
    assert "row-link" not in found(browser("cashier"), q=part)
    assert views(cast) == []


def test_a_whole_name_is_found_however_it_is_typed(cast: Any, browser: Any) -> None:
    zoe, cashier = add_person(cast.school, NewPerson("Zoë", "O’Brien", year="8B")), browser("cashier")
    for typed in ("Zoë O’Brien", "zoe o'brien", "O'BRIEN ZOE", "  Zoe   Obrien ", "ＺＯＥ O-Brien"):
        assert f"/staff/no/{zoe.id}/" in found(cashier, q=typed), typed
    assert "row-link" not in found(cashier, q="Zoe O'Brien", year="8C")
    assert f"/staff/no/{zoe.id}/" in found(cashier, q="Zoe O'Brien", year="8b")


def test_who_was_looked_up_and_by_whom_stands_in_the_log(cast: Any, browser: Any) -> None:
    ada, cashier = cast.person("Ada"), browser("cashier")
    found(cashier, q="Ada Agrees")
    cashier.get(f"/staff/no/{ada.id}/")
    assert views(cast) == [(ada.id, cast.user("cashier").pk)] * 2


def test_a_cashier_looks_up_a_few_and_the_office_as_many_as_it_has_letters(cast: Any, browser: Any) -> None:
    ada, cashier, office = cast.person("Ada"), browser("cashier"), browser("office")
    where = f"/staff/no/{ada.id}/"
    assert [cashier.get(where).status_code for _ in range(20)] == [200] * 20
    assert "too_many_attempts" in cashier.get(where).content.decode()
    assert len(views(cast)) == 20
    assert "too_many_attempts" in cashier.get("/staff/no/", {"q": "Nia Nay"}).content.decode()
    assert cashier.post(f"{where}record/", {"by": "self"}).status_code == 302  # a no is heard all the same
    assert {office.get(where).status_code for _ in range(30)} == {200}


@pytest.fixture
def till(cast: Any) -> Client:
    """A till whose pupil asked for staff."""
    client = sign_in(Client(), cast.user("cashier"))
    client.cookies["willing_till"] = pair_terminal(
        start_pairing(cast.till), key="k", device=Device.KIOSK
    ).token
    client.post("/till/add/", {"product": str(cast.meal.id)})
    client.post("/till/way/", {"way": "staff"})
    return client


def look(till: Client, typed: str) -> str:
    return till.get("/till/people/", {"text": typed}, headers=HTMX).content.decode()


def test_whom_the_tills_look_up_shows_stands_in_the_log_once_a_basket(cast: Any, till: Client) -> None:
    for typed in ("ad", "ada", "ada"):
        assert "Ada" in look(till, typed)
    assert [one for one, _ in views(cast)].count(cast.person("Ada").id) == 1
    till.get("/till/", {"text": "nia"})  # without script
    assert cast.person("Nia").id in [one for one, _ in views(cast)]


def test_a_till_is_no_roll_to_browse(cast: Any, till: Client) -> None:
    for number in range(62):
        add_person(cast.school, NewPerson(f"Kid{number:02d}", "Xylo"))
    assert look(till, "xylo").count('class="person"') == 8
    answers = [look(till, f"kid{number:02d}") for number in range(62)]
    assert "Too many attempts" not in answers[10]
    assert all("Too many attempts" not in one for one in answers[:50])
    assert len(views(cast)) <= 8 + 60


def test_names_that_differ_stay_apart() -> None:
    assert fold_name("Zoe") != fold_name("Zoey")
    assert fold_name("王小明") != fold_name("王小红")
    assert fold_name("Straße") == fold_name("STRASSE")
