"""Allergens on the staff pages: declared, signed, a person's entries, the kitchen's list, incidents."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from tests.support.clocks import stopped_at
from tests.support.log import facts_of
from tests.support.signing import sign_in

from willing.allergens.actions import record_allergen
from willing.allergens.events import EventReport, report
from willing.allergens.models import AllergenEvent
from willing.allergens.queries import needs_of
from willing.allergens.table import allergens
from willing.audit.models import Entry
from willing.core.clock import now
from willing.people.queries import today
from willing.people.school_days import next_school_day
from willing.till.declarations import NewDeclaration, declare
from willing.till.products import ProductDetails, add_to_menu

DAY = reverse("console:allergens")


@pytest.fixture
def kitchen(cast: Any) -> Client:
    return sign_in(Client(), cast.user("canteen"))


@pytest.fixture
def office(cast: Any) -> Client:
    return sign_in(Client(), cast.user("office"))


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_kitchen_signs_the_next_school_day_ahead_and_no_other(cast: Any, kitchen: Client) -> None:
    declare(cast.meal, NewDeclaration(("milk",)), by=cast.user("canteen"))
    record_allergen(cast.person("Carl"), "milk", by=cast.user("office"))
    ahead = next_school_day(cast.school, today(cast.school))
    assert ahead is not None
    assert f"?day={ahead.isoformat()}" in text_of(kitchen, DAY)
    page = text_of(kitchen, f"{DAY}?day={ahead.isoformat()}")
    assert "No safe main meal on this day" in page
    assert "1 product</button>" in page
    sign = reverse("console:sign-menu")
    page = kitchen.post(sign, {"day": ahead.isoformat()}, follow=True).content.decode()
    assert "The menu of this day is signed." in page
    assert "Today's menu is signed." not in text_of(kitchen, DAY)
    for wrong in ("", "soon", "2020-01-01"):
        page = kitchen.post(sign, {"day": wrong}, follow=True).content.decode()
        assert "Only today" in page
    assert [one["day"] for one in facts_of("menu.signed")] == [ahead.isoformat()]


def test_the_kitchen_declares_a_product_and_signs_the_day(cast: Any, kitchen: Client) -> None:
    page = text_of(kitchen, DAY)
    assert "Not known" in page
    assert "Nobody is on the list." in page
    address = reverse("console:product-allergens", args=[cast.meal.pk])
    assert "Nobody has entered anything yet" in text_of(kitchen, address)
    said = {
        "milk": "contains",
        "nuts": "may_contain",
        "none_else": "on",
        "own_contains": "Kiwi， celeriac",
        "change": "new sauce",
    }
    page = kitchen.post(address, said, follow=True).content.decode()
    assert "Sign today&#x27;s menu: 1 product" in page or "Sign today's menu: 1 product" in page
    held = cast.meal.declaration
    assert (held.contains, held.may_contain, held.change) == ("milk,=Kiwi,=celeriac", "nuts", "new sauce")
    page = kitchen.post(
        reverse("console:sign-menu"), {"day": today(cast.school).isoformat()}, follow=True
    ).content.decode()
    assert "Signed for today: 1 product." in page
    assert "Last signed for" in text_of(kitchen, address)


def test_words_that_are_none_and_answers_that_are_none_are_refused_beside_the_field(
    cast: Any, kitchen: Client
) -> None:
    address = reverse("console:product-allergens", args=[cast.meal.pk])
    answer = kitchen.post(address, {"milk": "a lot", "none_else": "on", "own_may": "x" * 41})
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"milk", "own_may"})
    assert cast.meal.declaration is None


def test_an_allergen_without_an_answer_is_never_taken_for_a_no(cast: Any, kitchen: Client) -> None:
    address = reverse("console:product-allergens", args=[cast.meal.pk])
    assert "checked" not in text_of(kitchen, address)  # nothing is answered beforehand
    answer = kitchen.post(address, {"milk": "contains", "nuts": "no"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {*allergens()} - {"milk", "nuts"}
    assert cast.meal.declaration is None


def test_a_menu_of_which_nothing_is_declared_is_not_signed(cast: Any, kitchen: Client) -> None:
    page = kitchen.post(
        reverse("console:sign-menu"), {"day": today(cast.school).isoformat()}, follow=True
    ).content.decode()
    assert "has its allergens yet" in page


def test_the_kitchen_reads_before_service_for_whom_nothing_is_safe(cast: Any, kitchen: Client) -> None:
    record_allergen(cast.person("Ada"), "milk", by=cast.user("office"))
    declare(cast.meal, NewDeclaration(("milk",)), by=cast.user("office"))
    assert "No safe main meal today" in text_of(kitchen, DAY)
    assert "1 person has no safe main meal on" in text_of(kitchen, "/")
    rice = add_to_menu(cast.school, ProductDetails("Rice", 240, "meal", is_main_meal=True))
    assert "to be checked:" in text_of(kitchen, DAY)
    declare(rice, NewDeclaration(), by=cast.user("office"))
    assert "No safe main meal today" not in text_of(kitchen, DAY)
    assert "no safe main meal" not in text_of(kitchen, "/")


def test_a_changed_ingredient_leads_to_the_list_of_whom_it_concerns(cast: Any, kitchen: Client) -> None:
    record_allergen(cast.person("Ada"), "milk", by=cast.user("office"))
    with stopped_at(now() - timedelta(days=2)):
        declare(cast.meal, NewDeclaration(("gluten",)), by=cast.user("office"))
    address = reverse("console:ingredient")
    text_of(kitchen, address)
    answer = kitchen.post(address, {"change": "stock", "products": [str(cast.meal.pk)]})
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"contains"})
    said = {"change": "stock", "products": [str(cast.meal.pk)], "contains": ["milk"]}
    page = kitchen.post(address, said, follow=True).content.decode()
    assert "Changed today: whom it concerns" in page
    assert "Ada Agrees" in page
    forged = kitchen.post(address, {**said, "products": [str(uuid4())]})
    assert set(forged.context["form"].errors) == {"products"}


def test_the_office_enters_confirms_and_removes(cast: Any, office: Client) -> None:
    ada = cast.person("Ada")
    address = reverse("console:allergens-of", args=[ada.pk])
    assert "The school knows of no allergy." in text_of(office, address)
    page = office.post(address, {"allergen": "milk", "basis": "care_plan"}, follow=True).content.decode()
    assert "From a care plan" in page
    answer = office.post(address, {"allergen": "=", "words": "a,b", "basis": "care_plan"})
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"words"})
    confirmed = office.post(reverse("console:confirm-allergens", args=[ada.pk]), follow=True)
    assert "Confirmed for this term." in confirmed.content.decode()
    remove = reverse("console:remove-allergen", args=[ada.pk, ada.allergens.get().pk])
    assert "Removed." in office.post(remove, follow=True).content.decode()
    assert "not on the list any more" in office.post(remove, follow=True).content.decode()
    assert not needs_of(ada.pk)


def test_the_office_reports_a_reaction_and_the_officer_reads_it(cast: Any, office: Client) -> None:
    ada = cast.person("Ada")
    record_allergen(ada, "milk", by=cast.user("office"))
    address = reverse("console:report-allergen-event", args=[ada.pk])
    said = {"kind": "reaction", "dish": "=Pasta", "happened_at": "2026-11-02T12:15", "reason": "Rash"}
    assert "Reported." in office.post(address, said, follow=True).content.decode()
    for wrong, field in (({"happened_at": "2199-01-01T12:00"}, "happened_at"), ({"reason": " "}, "reason")):
        answer = office.post(address, said | wrong)
        assert (answer.status_code, set(answer.context["report_form"].errors)) == (422, {field})
    event = AllergenEvent.objects.get()
    assert (event.allergens, event.user) == ("milk", cast.user("office"))
    officer = sign_in(Client(), cast.user("dpo"))
    period = "?first=2026-11-01&last=2026-11-30"
    page = text_of(officer, reverse("console:allergen-events") + period)
    assert "Rash" in page
    rows = officer.get(reverse("console:allergen-events-csv") + period).content.decode("utf-8-sig")
    assert "'=Pasta" in rows, "no spreadsheet runs it"


def test_a_time_without_incidents_and_a_day_that_is_none(cast: Any) -> None:
    officer = sign_in(Client(), cast.user("dpo"))
    address = reverse("console:allergen-events")
    assert "Nothing happened in this time." in text_of(officer, address)
    assert officer.get(f"{address}?first=never&last=2026-11-30").status_code == 422


def test_opening_a_list_of_names_is_in_the_log(cast: Any, kitchen: Client) -> None:
    record_allergen(cast.person("Ada"), "milk", by=cast.user("office"))
    miss = EventReport("near_miss", "Pasta", "Noticed", now())
    report(cast.school, cast.person("Ada"), miss, by=cast.user("office"))
    page = text_of(kitchen, DAY)
    assert "Opening this page has been logged." in page
    assert reverse("console:allergens-of", args=[cast.person("Ada").pk]) not in page, "the office's page"
    entry = Entry.objects.filter(event="record.viewed").latest("sequence")
    assert entry.subject == cast.person("Ada").pk
    assert facts_of("record.viewed") == [{"by": cast.user("canteen").pk}]
