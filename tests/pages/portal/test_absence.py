"""A guardian and a pupil on the page about leave: asked, confirmed, withdrawn; and on whose device."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from tests.leave.conftest import at
from tests.support.clocks import stopped_at
from tests.support.leaves import an_agreed_leave
from tests.support.signing import sign_in

from willing.accounts.models import User
from willing.entitlements.actions import NewEntitlement, grant
from willing.leave.answering import refuse
from willing.leave.desk import sign_back, sign_out
from willing.leave.models import Leave
from willing.people.models import Person, School
from willing.people.queries import local_day


@pytest.fixture(autouse=True)
def this_morning(cast: Any) -> Any:
    """Nine on a Thursday with school."""
    School.objects.update(time_zone="Europe/London", weekdays="12345")
    with stopped_at(at(9)):
        yield


def where(person: Person) -> str:
    return f"/family/child/{person.id}/absence/"


def form(**values: str) -> dict[str, str]:
    day = {"first_day": "2026-11-27", "last_day": "2026-11-27"}
    return {"key": str(uuid4()), "kind": "appointment", **day, **values}


def test_a_guardian_reports_an_illness_and_withdraws_it(cast: Any) -> None:
    client, ada = sign_in(Client(), cast.user("guardian")), cast.person("Ada")
    assert "No absence is planned." in client.get(where(ada)).content.decode()
    key = str(uuid4())
    for _press in range(2):
        page = client.post(f"{where(ada)}ill/", {"key": key}, follow=True).content.decode()
    leave = Leave.objects.get()
    assert "nobody will ask you" in page
    assert (leave.kind, leave.state) == ("illness", "confirmed")
    page = client.post(f"{where(ada)}{leave.id}/withdraw/", follow=True).content.decode()
    assert "the kitchen cooks again" in page
    assert Leave.objects.get().state == "withdrawn"
    assert client.post(f"{where(ada)}ill/", {"key": "no"}).status_code == 400


def test_the_family_reads_that_the_days_meal_is_released(cast: Any) -> None:
    ada, office = cast.person("Ada"), cast.user("office")
    grant(ada, NewEntitlement("sum", "school", local_day(ada.school, at(9)), daily_minor=300), by=office)
    client, page = sign_in(Client(), cast.user("guardian")), f"/family/child/{ada.id}/"
    assert "meal is released" not in client.get(page).content.decode()
    an_agreed_leave(ada, cast.user("guardian"), by=office)
    assert "meal is released, because an absence was agreed." in client.get(page).content.decode()
    User.objects.filter(username="pupil").update(person=ada)
    Person.objects.filter(pk=ada.pk).update(may_sign_in=True)
    phone = sign_in(Client(), cast.user("pupil"))
    assert "meal is released, because an absence was agreed." in phone.get("/family/me/").content.decode()
    assert "no meal is cooked for you" in phone.get("/family/me/absence/").content.decode()


def test_leave_is_asked_for_and_what_is_wrong_is_said_beside_its_field(cast: Any) -> None:
    client, ada = sign_in(Client(), cast.user("guardian")), cast.person("Ada")
    for values, field in (
        ({"last_day": "2026-11-26"}, "last_day"),
        ({"first_day": "2026-11-28", "last_day": "2026-11-29"}, "first_day"),
        ({"first_day": "yesterday"}, "first_day"),
        ({"kind": "trip"}, "kind"),
    ):
        answer = client.post(where(ada), form(**values))
        assert (answer.status_code, set(answer.context["form"].errors)) == (422, {field})
    page = client.post(
        where(ada), form(reason="The dentist", from_time="10:00"), follow=True
    ).content.decode()
    assert "You read here when it has agreed." in page
    assert "The dentist" in page
    assert "10:00" in page


def test_a_pupil_asks_and_in_that_browser_no_guardian_confirms(cast: Any) -> None:
    ada = cast.person("Ada")
    User.objects.filter(username="pupil").update(person=ada)
    Person.objects.filter(pk=ada.pk).update(may_sign_in=True)
    phone = sign_in(Client(), cast.user("pupil"))
    page = phone.post("/family/me/absence/", form(), follow=True).content.decode()
    assert "A parent or guardian has to confirm it" in page
    leave = Leave.objects.get()
    assert phone.post(f"{where(ada)}{leave.id}/answer/", {"answer": "yes"}).status_code == 403
    held = {name: one.value for name, one in phone.cookies.items() if "willing_pupils" in name}
    phone.logout()  # of Django's own, which drops every cookie; a browser keeps the others
    for name, value in held.items():
        phone.cookies[name] = value
    sign_in(phone, cast.user("guardian"))
    assert "use a device of your own" in phone.get(where(ada)).content.decode()
    page = phone.post(f"{where(ada)}{leave.id}/answer/", {"answer": "yes"}, follow=True).content.decode()
    assert "can&#x27;t confirm here" in page
    assert phone.post(where(ada), form(key=str(uuid4()), kind="illness")).status_code == 422
    assert Leave.objects.get().state == "asked"
    own = sign_in(Client(), cast.user("guardian"))
    assert "asked for by your child" in own.get(where(ada)).content.decode()
    assert own.post(f"{where(ada)}{leave.id}/answer/", {"answer": "perhaps"}).status_code == 400
    page = own.post(f"{where(ada)}{leave.id}/answer/", {"answer": "yes"}, follow=True).content.decode()
    assert "Now the school has to agree." in page
    assert Leave.objects.get().state == "confirmed"


def test_the_cookie_of_a_pupils_browser_names_nobody(cast: Any) -> None:
    carl = cast.user("pupil")
    phone = sign_in(Client(), carl)
    phone.get("/family/me/")
    (held,) = [one for name, one in phone.cookies.items() if "willing_pupils" in name]
    assert held["httponly"]
    assert str(carl.person_id) not in held.value
    assert len(held.value) == 32


def test_a_guardian_sees_no_child_of_others_and_a_pupil_no_button_of_guardians(cast: Any) -> None:
    client = sign_in(Client(), cast.user("guardian"))
    assert client.get(where(cast.person("Nia"))).status_code == 409
    pupil = sign_in(Client(), cast.user("pupil"))
    page = pupil.get("/family/me/absence/").content.decode()
    assert "is ill today" not in page
    assert pupil.post(where(cast.person("Carl"))).status_code == 403


def test_what_the_school_said_and_the_desk_noted_is_on_the_page(cast: Any) -> None:
    office, gus, ada = cast.user("office"), cast.user("guardian"), cast.person("Ada")
    leave = an_agreed_leave(ada, gus, by=office)
    sign_out(ada.school, leave.id, by=office)
    client = sign_in(Client(), gus)
    assert "Left the school:" in client.get(where(ada)).content.decode()
    sign_back(ada.school, leave.id, by=office)
    client.post(where(ada), form())
    other = Leave.objects.exclude(pk=leave.pk).get()
    refuse(ada.school, other.id, reason="An examination", by=office)
    page = client.get(where(ada)).content.decode()
    assert "The school writes: An examination" in page
    assert "Not agreed" in page
