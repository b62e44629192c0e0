"""The pages of a boarding house: set up, an evening, who is missing, the list of the day after."""

import re
from typing import Any
from uuid import uuid4

import pytest
from tests.support.boarding import a_house, at, tonights_list
from tests.support.clocks import stopped_at
from tests.support.leaves import an_agreed_leave
from tests.support.papers import pages_of

from willing.audit.models import Entry
from willing.boarding.evening import NewEveningMark, record_marks
from willing.boarding.models import Boarder, CheckPoint, EveningList, EveningMark, House, HouseWarden
from willing.people.models import Person, School, YearGroup

BOARDING = "/staff/boarding/"
SETTINGS = f"{BOARDING}settings/"
BRAND = 'class="brand-name">Test School<'


@pytest.fixture(autouse=True)
def nine_in_the_evening(cast: Any) -> Any:
    """Nine on a Thursday in London."""
    School.objects.update(time_zone="Europe/London")
    Person.objects.update(joined_at=at(8, day=1))
    with stopped_at(at(21)):
        yield


@pytest.fixture
def house(cast: Any) -> House:
    """North, where Ada, Bo and Wes live; the teacher is its warden."""
    with stopped_at(at(15, day=23)):
        persons = [cast.person(one) for one in ("Ada", "Bo", "Wes")]
        return a_house(cast.school, *persons, by=cast.user("office"), warden=cast.user("teacher"))


def text(client: Any, where: str = BOARDING) -> str:
    return re.sub(r"\s+", " ", client.get(where).content.decode())


def opened(client: Any, house: House) -> str:
    sent = {"house": house.pk, "night": "2026-11-26", "number": "1"}
    answer = client.post(f"{BOARDING}open/", sent)
    return str(answer.headers["Location"])


def form_of(client: Any, where: str) -> dict[str, str]:
    """Return what the form of a list would send: what is chosen, and the hidden fields."""
    page = client.get(where).content.decode()
    hidden = dict(re.findall(r'type="hidden" name="((?:seen|mark)-[^"]+)" value="([^"]*)"', page))
    return hidden | dict(re.findall(r'name="(word-[^"]+)" value="(\w+)" checked', page))


def take(client: Any, where: str, words: dict[Person, str], **more: str) -> Any:
    chosen = {f"word-{person.pk}": word for person, word in words.items()}
    return client.post(where, {**form_of(client, where), **chosen, **more}, follow=True)


def words() -> dict[str, str]:
    rows = EveningMark.objects.order_by("number").select_related("person")
    return {one.person.given_name: one.word for one in rows}


def test_a_house_is_set_up_from_nothing_and_retired(cast: Any, browser: Any) -> None:
    office, teacher = browser("office"), browser("teacher")
    assert BOARDING not in text(office, "/"), "a school without a house sees nothing of it"
    assert "There is no boarding house." in text(office)
    assert "Set up a boarding house" not in text(teacher)
    assert SETTINGS in text(office, "/staff/registers/settings/")
    assert "needs a name" in text_of(office.post(f"{BOARDING}houses/add/", {"name": " "}, follow=True))
    page = office.post(f"{BOARDING}houses/add/", {"name": "North"}, follow=True)
    where = page.request["PATH_INFO"]
    assert BRAND in text_of(page), "the house's name does not stand in for the school's"
    group = YearGroup.objects.create(school=cast.school, name="4A")
    Person.objects.filter(given_name__in=("Ada", "Bo")).update(year_group=group)
    found = text(office, f"{where}?class={group.pk}")
    assert found.count('name="person"') == 2
    assert "Nobody was found" in text(office, f"{where}?q=zzz")
    chosen = [str(cast.person(one).pk) for one in ("Ada", "Bo")]
    moved = office.post(f"{where}in/", {"person": chosen, "room": "3"}, follow=True)
    assert "2 boarders move in" in text_of(moved)
    assert "can live in a house" in text_of(office.post(f"{where}in/", {"person": uuid4()}, follow=True))
    saved = {
        "name": "North wing",
        "warden": cast.user("teacher").pk,
        f"room-{chosen[0]}": "12",
        "out": chosen[1],
    }
    office.post(where, saved)
    assert Boarder.objects.get().room == "12"
    assert HouseWarden.objects.get().user == cast.user("teacher")
    assert "still live in this house" in text_of(office.post(f"{where}retire/", follow=True))
    wrong = office.post(SETTINGS, {"times": "nine", "alert_minutes": "500"})
    assert (wrong.status_code, set(wrong.context["form"].errors)) == (422, {"times", "alert_minutes"})
    twice = office.post(SETTINGS, {"times": "21:00 a\n21:00 b", "alert_minutes": "20"})
    assert "at the same time" in text_of(twice)
    office.post(SETTINGS, {"times": "00:30 Late\n21：15 Evening", "alert_minutes": "20"})
    assert [(one.name, one.at.minute) for one in CheckPoint.objects.all()] == [("Evening", 15), ("Late", 30)]
    assert BOARDING in text(office, "/")
    office.post(where, {"name": "North wing", "out": chosen[0]})
    office.post(f"{where}retire/", follow=True)
    assert BOARDING not in text(office, "/")


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_an_evening_is_taken_with_one_press_closed_and_corrected_with_a_reason(
    cast: Any, browser: Any, house: House
) -> None:
    with stopped_at(at(12)):
        an_agreed_leave(cast.person("Ada"), cast.user("guardian"), by=cast.user("office"))
    warden = browser("teacher")
    where = opened(warden, house)
    assert opened(warden, house) == where, "opened twice it is one"
    assert "1 boarder is away with leave" in text(warden, where)
    assert words() == {}, "leave only proposes"
    page = take(warden, where, {cast.person("Wes"): "absent"}, rest="here")
    assert words() == {"Ada": "leave", "Bo": "here", "Wes": "absent"}
    assert "In the house: 1. On leave: 1. Missing: 1. Not marked: 0." in text_of(page)
    assert 'name="rest"' not in text_of(page)
    closed = warden.post(f"{where}close/", follow=True)
    assert "a change from now on needs a reason" in text_of(closed).lower()
    refused = take(warden, where, {cast.person("Wes"): "late"})
    assert (refused.status_code, "write down why" in text_of(refused)) == (422, True)
    assert f'name="word-{cast.person("Wes").pk}" value="late" checked' in text_of(refused)
    assert 'evening-reason-error" aria-invalid="true"' in text_of(refused)
    take(warden, where, {cast.person("Wes"): "late"}, reason="the last bus did not come")
    assert words()["Wes"] == "late"
    with stopped_at(at(8, day=27)):
        unusual = text(browser("teacher"), f"{BOARDING}unusual/")
    assert "Was missing, accounted for later" in unusual
    assert "the last bus did not come" in unusual
    assert cast.person("Bo").full_name not in unusual
    logged = b"".join(bytes(one.hashed) for one in Entry.objects.filter(event__startswith="evening_list"))
    assert b"bus" not in logged
    assert str(cast.person("Wes").pk).encode() not in logged


def test_who_is_missing_waits_on_the_front_page_of_the_warden_and_the_office(
    cast: Any, browser: Any, house: House
) -> None:
    warden, office, other = browser("teacher"), browser("office"), browser("canteen")
    assert "1 evening list is not complete" in text(warden, "/")
    found = tonights_list(house, by=cast.user("office"))
    marks = [
        NewEveningMark(cast.person(one).id, word)
        for one, word in (("Ada", "here"), ("Bo", "here"), ("Wes", "absent"))
    ]
    record_marks(found, marks, by=cast.user("office"))
    for client in (warden, office):
        assert "1 boarder is not accounted for tonight" in text(client, "/")
        assert "marked missing by Office at 21:00" in text(client)
    assert "boarder" not in text(other, "/")
    assert "You are a warden of no house." in text(other)
    assert cast.person("Wes").full_name not in text(other)


def test_a_list_is_open_to_nobody_but_the_wardens_of_its_house_and_the_office(
    cast: Any, browser: Any, house: House
) -> None:
    where = opened(browser("teacher"), house)
    other = browser("canteen")
    for answer in (other.get(where), other.post(where), other.post(f"{where}close/")):
        assert answer.status_code == 409
        assert cast.person("Ada").full_name not in answer.content.decode()
    assert opened(other, house) == BOARDING
    assert other.post(f"{BOARDING}open/", {"house": "x"}).headers["Location"] == BOARDING
    assert "No list was taken" in text(other, f"{BOARDING}unusual/?night=2026-11-26")
    assert browser("office").get(where).status_code == 200


def test_what_two_wardens_marked_differently_is_decided_on_the_list(
    cast: Any, browser: Any, house: House
) -> None:
    warden, office = browser("teacher"), browser("office")
    where, ada = opened(warden, house), cast.person("Ada")
    stale = form_of(office, where)
    take(warden, where, {ada: "here"}, rest="here")
    answer = office.post(where, {**stale, f"word-{ada.pk}": "absent"}, follow=True)
    assert "has marked 1 boarder differently meanwhile" in text_of(answer)
    assert "was marked differently by two people" in text_of(answer)
    assert "differently" in text_of(warden.post(f"{where}close/", follow=True))
    take(warden, where, {ada: "here"})
    warden.post(f"{where}close/")
    assert EveningList.objects.get().closed_at is not None


def test_what_does_not_belong_into_a_list_is_passed_over_or_refused(
    cast: Any, browser: Any, house: House
) -> None:
    warden = browser("teacher")
    where, nia = opened(warden, house), cast.person("Nia")
    sent = {f"seen-{nia.pk}": "0 ", f"mark-{nia.pk}": uuid4(), f"word-{nia.pk}": "here"}
    assert "does not live in this house" in text_of(warden.post(where, sent))
    for wrong in ({"seen-x": "0 ", "word-x": "here", "mark-x": "y"}, {**sent, f"seen-{nia.pk}": "²"}):
        assert warden.post(where, wrong).status_code == 302
    assert words() == {}
    for night in ("x", "2026-99-99", "2030-01-01"):
        assert warden.get(f"{BOARDING}unusual/?night={night}").status_code == 200
    too_early = {"house": house.pk, "night": "2026-11-27", "number": "1"}
    assert "Only a list of tonight" in text_of(warden.post(f"{BOARDING}open/", too_early, follow=True))


def test_a_guardian_reads_the_childs_own_marks_in_words_and_nobody_elses(
    cast: Any, browser: Any, house: House
) -> None:
    ada, bo = cast.person("Ada"), cast.person("Bo")
    guardian = browser("guardian")
    where = f"/family/child/{ada.pk}/evenings/"
    assert where in text(guardian, f"/family/child/{ada.pk}/")
    assert "No mark is kept." in text(guardian, where)
    found = tonights_list(house, by=cast.user("office"))
    for number, word in enumerate(("absent", "late")):
        record_marks(found, [NewEveningMark(ada.pk, word, number)], by=cast.user("office"))
    page = text(guardian, where)
    assert "Came late" in page
    assert "Missing" not in page, "only what holds"
    assert BRAND in page
    assert guardian.get(f"/family/child/{bo.pk}/evenings/").status_code == 409
    Boarder.objects.filter(person=ada).delete()
    assert "Came late" in text(guardian, where), "as long as it is kept"
    assert browser("pupil").get("/family/me/evenings/").status_code == 404, "Carl is no boarder"


def test_tonights_lists_are_printed_with_what_is_known_and_what_is_marked(
    cast: Any, browser: Any, house: House
) -> None:
    ada, bo, teacher = cast.person("Ada"), cast.person("Bo"), cast.user("teacher")
    an_agreed_leave(ada, cast.user("guardian"), by=cast.user("office"), reason="a funeral")
    where = f"{BOARDING}paper.pdf"

    def sheets(role: str) -> list[str]:
        return [" ".join(one.split()) for one in pages_of(browser(role).get(where).content)]

    assert 'href="/staff/boarding/paper.pdf"' in text(browser("teacher"))
    (before,) = sheets("teacher")
    assert "North · Evening, 21:00" in before
    assert f"1 {ada.full_name} On leave 1 {bo.full_name}" in before, "boxes are drawn, not written"
    assert "funeral" not in before
    assert not EveningList.objects.exists(), "nobody has opened one"
    record_marks(tonights_list(house, by=teacher), [NewEveningMark(bo.id, "late")], by=teacher)
    assert f"1 {bo.full_name} Came late" in sheets("office")[0]
    assert ada.full_name not in sheets("canteen")[0], "a warden of no house"
    seen = Entry.objects.filter(event="record.viewed", subject=ada.id).count()
    assert seen == 2


def test_many_who_are_missing_stand_below_tonights_lists_and_are_counted_above(
    cast: Any, browser: Any, house: House
) -> None:
    opened(browser("teacher"), house)
    with stopped_at(at(22)):
        page = text(browser("teacher"))
    assert page.index('id="missing-title"') < page.index("Take the list"), "three names stand on top"
    with stopped_at(at(15, day=23)):
        added = [
            Person(school=cast.school, given_name="Ab", family_name=f"Sent {one}", till_number=9000 + one)
            for one in range(9)
        ]
        for one in added:
            one.save()
            Boarder.objects.create(person=one, house=house, first_night=at(15, day=23).date())
    with stopped_at(at(22)):
        page = text(browser("teacher"))
    assert "12 boarders are not accounted for</a>" in page
    assert page.index("#missing-title") < page.index("Take the list") < page.index('id="missing-title"')


def test_a_whole_class_is_shown_however_many_it_has(cast: Any, browser: Any, house: House) -> None:
    group = YearGroup.objects.create(school=cast.school, name="4A")
    for one in range(61):
        Person.objects.create(
            school=cast.school,
            given_name="Ab",
            family_name=f"Sent {one}",
            till_number=9000 + one,
            year_group=group,
        )
    page = text(browser("office"), f"{BOARDING}houses/{house.pk}/?class={group.pk}")
    assert page.count('name="person"') == 61
    assert page.count('class="kept-at-hand"') == 2, "what ends a long list stays in sight"
