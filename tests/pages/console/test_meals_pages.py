"""The office's pages about meals: entitlements, forecast, census, carried meals, balances below zero."""

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.support.signing import sign_in
from tests.support.till import pay

from willing.audit.models import Entry
from willing.entitlements.models import Entitlement, UnspentRules
from willing.people.guardians import add_guardian
from willing.people.models import YearGroup
from willing.people.queries import today


@pytest.fixture
def office(client, cast):
    sign_in(client, cast.user("office"))
    return client


def at(name, *args):
    return reverse(f"console:{name}", args=args)


def said(cast, **changes):
    return {"kind": "free", "source": "school", "first_day": str(today(cast.school)), **changes}


def test_a_free_meal_is_granted_checked_and_stopped_on_the_persons_page(office, cast):
    bo = cast.person("Bo")
    page = at("entitlements-of", bo.id)
    assert "The school pays nothing" in office.get(page).content.decode()
    assert office.post(page, said(cast)).status_code == 302
    held = Entitlement.objects.get()
    assert (held.kind, held.family_minor, held.person) == ("meal", 0, bo)
    assert "A free main meal a day" in office.get(page).content.decode()
    assert "A main meal a day" in office.get(at("person", bo.id)).content.decode()
    again = office.post(page, said(cast))
    assert again.status_code == 422
    assert "already one of this source" in again.content.decode()
    soon = str(today(cast.school) + timedelta(days=20))
    office.post(at("check-entitlement", bo.id, held.id), {"check_on": soon, "last_day": ""})
    held.refresh_from_db()
    assert str(held.check_on) == soon
    assert bo.full_name in office.get(at("entitlements")).content.decode()
    office.post(at("end-entitlement", bo.id, held.id), {"last_day": str(today(cast.school))})
    held.refresh_from_db()
    assert held.last_day == today(cast.school)
    assert Entry.objects.filter(event="record.viewed", subject=bo.id).exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "sum"}, "Please enter an amount."),
        ({"kind": "reduced", "amount": "x"}, "error"),
        ({"kind": "sum", "amount": "99999999999"}, "too large"),
        ({"source": "other"}, "name another source"),
        ({"last_day": "2020-01-01"}, "before the first day"),
        ({"source": "sponsor"}, "error"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_said_beside_the_field(office, cast, changes, words):
    answer = office.post(at("entitlements-of", cast.person("Bo").id), said(cast, **changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Entitlement.objects.exists()


def test_a_whole_class_is_granted_a_reduced_meal(office, cast):
    group = cast.person("Bo").year_group
    answer = office.post(
        at("grant-entitlements"),
        said(cast, kind="reduced", amount="0.40", classes=[str(group.pk)]),
        follow=True,
    ).content.decode()
    assert "Granted to 5 pupils." in answer
    assert set(Entitlement.objects.values_list("family_minor", flat=True)) == {40}
    answer = office.post(at("grant-entitlements"), said(cast, classes=[str(group.pk)]), follow=True)
    assert "5 had it from this source already." in answer.content.decode()
    assert office.post(at("grant-entitlements"), said(cast)).status_code == 422


def test_the_office_decides_what_happens_to_the_unspent(office):
    new = {"rule": "breakfast", "days_max": "5", "breakfast_until": "08:30"}
    assert office.post(at("unspent-rules"), new).status_code == 302
    assert UnspentRules.objects.get().rule == "breakfast"
    assert office.post(at("unspent-rules"), {**new, "days_max": "0"}).status_code == 422


def test_englands_sources_are_not_offered_elsewhere(office, cast):
    page = at("entitlements-of", cast.person("Bo").id)
    assert "Universal infant" in office.get(page).content.decode()
    school = cast.school
    school.country = "CN"
    school.save()
    assert "Universal infant" not in office.get(page).content.decode()


def test_the_forecast_is_honest_with_too_few_weeks_and_says_how_it_is_made(office, client, cast):
    text = office.get(at("meals")).content.decode()
    assert "no such day yet" in text
    assert "How this is worked out" in text
    csv = office.get(at("forecast-csv"))
    assert csv["Content-Type"].startswith("text/csv")
    assert len(csv.content.decode().splitlines()) == 6
    assert at("arrears") in text
    sign_in(client, cast.user("canteen"))
    assert at("arrears") not in client.get(at("meals")).content.decode()


def test_census_days_are_kept_and_listed_in_england_only(office, cast):
    group = cast.person("Bo").year_group
    assert "No class is marked" in office.get(at("census")).content.decode()
    office.post(at("class-infants", group.pk), {"is_infant": "on"})
    assert YearGroup.objects.get(pk=group.pk).is_infant
    pay(cast, "Carl")
    day = str(today(cast.school))
    assert office.post(at("census"), {"day": "x"}).status_code == 422
    text = office.post(at("census"), {"day": day}, follow=True).content.decode()
    assert "Carl Cardholder" in text
    lines = office.get(f"{at('census-csv')}?day={day}").content.decode().splitlines()
    assert lines[1].endswith("Carl Cardholder,yes,no")
    office.post(at("delete-census-day"), {"day": day})
    assert "No census day yet" in office.get(at("census")).content.decode()
    school = cast.school
    school.country = "DE"
    school.save()
    assert office.get(at("census")).status_code == 409
    assert at("census") not in office.get(at("meals")).content.decode()
    assert "Year 1" not in office.get(at("class", group.pk)).content.decode()


def test_carried_meals_are_listed_with_a_file(office, cast):
    assert "The school carried no meal" in office.get(at("carried")).content.decode()
    while not pay(cast, "Bo").carried_minor:
        pass
    text = office.get(at("carried")).content.decode()
    assert "Bo Broke" in text
    assert "Bo Broke" in office.get(at("carried-csv")).content.decode()
    assert "Bo Broke" not in office.get(f"{at('carried')}?first=2020-01-01&last=2020-02-01").content.decode()


def test_balances_below_zero_get_letters_and_the_log_says_for_whom(office, cast):
    assert "No balance is below zero" in office.get(at("arrears")).content.decode()
    assert office.post(at("arrears-letters")).status_code == 302
    bo = cast.person("Bo")
    add_guardian(bo, "Lin")
    pay(cast, "Bo")
    assert "Bo Broke" in office.get(at("arrears")).content.decode()
    assert "Bo Broke" in office.get(at("arrears-csv")).content.decode()
    for chosen in ({}, {"person": str(bo.id)}):
        pdf = office.post(at("arrears-letters"), chosen)
        assert pdf["Content-Type"] == "application/pdf"
        assert pdf.content.startswith(b"%PDF")
    assert Entry.objects.filter(event="arrears.letter_printed", subject=bo.id).count() == 2
    assert office.post(at("arrears-letters"), {"person": "x"}).status_code == 409
    text = office.post(at("arrears-mails"), follow=True).content.decode()
    assert "0 e-mails are on their way" in text
