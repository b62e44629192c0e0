"""The pages of registers: set up from nothing, taken by a teacher, disputed, closed."""

import re
from typing import Any

import pytest
from tests.attendance.conftest import at
from tests.support.clocks import stopped_at

from willing.attendance.marking import NewMark, record_marks
from willing.attendance.models import CurrentMark, Mark, Register, RegisterGroup
from willing.attendance.queries import find_settings, groups_of, members_on, times_of
from willing.attendance.registers import close_due_here, open_register
from willing.attendance.set_code_queries import Whom
from willing.attendance.set_code_rules import WantedSet
from willing.attendance.set_codes import NewSet, set_code
from willing.people.models import Person, School, YearGroup

TIMES = "08:50 Morning\n13:00 Afternoon"
FORM = {"code_set": "england_2024", "times": TIMES, "open_minutes": "30"}


@pytest.fixture
def morning() -> Any:
    """Ten to nine on a school day in London."""
    School.objects.update(time_zone="Europe/London")
    Person.objects.update(joined_at=at(8, day=1))
    with stopped_at(at(8, 50)):
        yield


@pytest.fixture
def taken(cast: Any, morning: Any, browser: Any) -> Register:
    """The register of 7A this morning, opened by the office."""
    browser("office").post("/staff/registers/settings/", FORM)
    return open_register(cast.school, groups_of(cast.school)[0].id, at(8).date(), 1, by=cast.user("office"))


def form_of(text: str) -> dict[str, str]:
    """Return the hidden fields of a register's form."""
    found = re.findall(r'name="((?:seen|mark)-[^"]+)" value="([^"]*)"', text)
    return {name: value.replace("&#x27;", "'") for name, value in found}


def held() -> dict[str, str]:
    return dict(CurrentMark.objects.values_list("person__given_name", "symbol"))


def test_registers_are_set_up_from_nothing(cast: Any, morning: Any, browser: Any) -> None:
    client = browser("office")
    assert "No registers are taken yet." in client.get("/staff/registers/").content.decode()
    wrong = client.post("/staff/registers/settings/", {**FORM, "times": "early Morning"})
    assert (wrong.status_code, "can&#x27;t be read" in wrong.content.decode()) == (422, True)
    too_long = client.post("/staff/registers/settings/", {**FORM, "open_minutes": "45"})
    assert "for that long" in too_long.content.decode()
    assert find_settings(cast.school) is None
    School.objects.update(country="CN", language="zh-hans")
    assert "08:00 50 第一节" in client.get("/staff/registers/settings/").content.decode()
    School.objects.update(country="GB", language="en")
    assert "08:50 Morning\n13:00 Afternoon" in client.get("/staff/registers/settings/").content.decode()
    assert client.post("/staff/registers/settings/", FORM).status_code == 302
    assert [(str(one.opens), one.name) for one in times_of(cast.school)] == [
        ("08:50:00", "Morning"),
        ("13:00:00", "Afternoon"),
    ]
    shown = client.get("/staff/registers/settings/").content.decode()
    assert "08:50 Morning" in shown
    assert "7A" in shown


def test_lessons_have_their_minutes_and_codes_of_the_district_a_meaning(cast: Any, browser: Any) -> None:
    client = browser("administrator")
    form = {"code_set": "us_minutes", "times": "08:00 50 First\n09:00 50 Second", "open_minutes": "10"}
    client.post("/staff/registers/settings/", {**form, "full_day_minutes": "100", "half_day_minutes": "50"})
    assert [one.minutes for one in times_of(cast.school)] == [50, 50]
    assert "08:00 50 First" in client.get("/staff/registers/settings/").content.decode()
    client.post("/staff/registers/settings/codes/add/", {"symbol": "DR", "label": "Doctor", "meaning": "E"})
    assert "Doctor" in client.get("/staff/registers/settings/").content.decode()
    again = client.post(
        "/staff/registers/settings/codes/add/", {"symbol": "DR", "label": "x", "meaning": "E"}, follow=True
    )
    assert "not in use" in again.content.decode()
    client.post("/staff/registers/settings/codes/retire/", {"symbol": "DR"})
    assert "Doctor" not in client.get("/staff/registers/settings/").content.decode()


def test_a_group_has_teachers_and_members_and_is_retired(cast: Any, taken: Register, browser: Any) -> None:
    client, teacher, ada = browser("office"), cast.user("teacher"), cast.person("Ada")
    answer = client.post("/staff/registers/groups/add/", {"name": "Choir"})
    client.post(answer["Location"], {"teacher": [teacher.pk], "member": [ada.pk]})
    choir = RegisterGroup.objects.get(name="Choir")
    assert list(members_on(choir, at(8).date())) == [ada]
    page = browser("teacher").get("/staff/registers/").content.decode()
    assert page.index("Your registers") < page.index("Choir") < page.index("All other registers")
    doubled = client.post("/staff/registers/groups/add/", {"name": "choir"}, follow=True)
    assert "no other group has" in doubled.content.decode()
    client.post(f"/staff/registers/groups/{choir.id}/retire/")
    assert "Choir" not in client.get("/staff/registers/").content.decode()


def test_a_teacher_takes_a_class_with_two_presses_and_an_exception(
    cast: Any, taken: Register, browser: Any
) -> None:
    client, ada = browser("teacher"), cast.person("Ada")
    day = client.get("/staff/registers/").content.decode()
    assert "Not taken yet" in day
    opened = client.post(
        "/staff/registers/open/", {"group": taken.group_id, "day": "2026-11-26", "number": "1"}
    )
    assert opened["Location"] == f"/staff/registers/{taken.id}/"
    page = client.get(opened["Location"]).content.decode()
    form = form_of(page)
    sent = {**form, f"code-{ada.id}": "I"}
    assert client.post(opened["Location"], sent).status_code == 302
    client.post(opened["Location"], sent)  # pressed twice: one mark
    client.post(f"{opened['Location']}everyone/")
    assert held() == {"Ada": "I", "Bo": "/", "Carl": "/", "Nia": "/", "Wes": "/"}
    assert Mark.objects.filter(person=ada).count() == 1
    assert "Taken" in client.get("/staff/registers/").content.decode()


def test_late_has_the_minutes_of_the_clock_or_those_that_are_typed(
    cast: Any, taken: Register, browser: Any
) -> None:
    client, url = browser("teacher"), f"/staff/registers/{taken.id}/"
    ada, bo, wes = (cast.person(name).id for name in ("Ada", "Bo", "Wes"))
    with stopped_at(at(9, 2)):
        form = form_of(client.get(url).content.decode())
        marks = {f"code-{ada}": "L", f"code-{bo}": "L", f"minutes-{bo}": "5", f"other-{wes}": "M"}
        client.post(url, {**form, **marks})
        minutes = dict(Mark.objects.values_list("person_id", "minutes_late"))
        assert minutes == {ada: 12, bo: 5, wes: None}
        form = form_of(client.get(url).content.decode())
        wrong = client.post(url, {**form, f"code-{wes}": "L", f"minutes-{wes}": "soon"})
    assert (wrong.status_code, "from 1 to 720" in wrong.content.decode()) == (422, True)
    assert re.search(rf'name="code-{wes}" value="L" checked', wrong.content.decode()), "nothing typed is lost"


def test_after_the_close_a_mark_needs_a_reason(cast: Any, taken: Register, browser: Any) -> None:
    client, url, ada = browser("office"), f"/staff/registers/{taken.id}/", cast.person("Ada")
    early = client.post(f"{url}close/", follow=True)
    assert "closes then, by itself" in early.content.decode()
    record_marks(taken, [NewMark(cast.person("Bo").id, "/")], by=cast.user("office"))
    with stopped_at(at(9, 20)):
        assert close_due_here() == 1
        assert held()["Ada"] == "N"
        page = client.get(url).content.decode()
        assert "Why a mark is changed" in page
        change = {**form_of(page), f"code-{ada.id}": "U", f"minutes-{ada.id}": "40"}
        assert "Please write down why" in client.post(url, change).content.decode()
        assert client.post(url, {**change, "reason": "Bus was late"}).status_code == 302
        assert "Closed." in client.post(f"{url}close/", follow=True).content.decode()
    assert held()["Ada"] == "U"


def test_after_its_day_a_register_that_nobody_took_asks_for_a_reason_too(
    cast: Any, taken: Register, browser: Any
) -> None:
    url, ada, office = f"/staff/registers/{taken.id}/", cast.person("Ada"), cast.user("office")
    bus = WantedSet("Y1", at(8).date(), at(8).date(), "Bus 4 did not run", numbers=frozenset({1}))
    set_code(cast.school, NewSet(bus, Whom(person_ids=frozenset({ada.id}))), by=office)
    client = browser("office")
    assert "Why a mark is changed" not in client.get(url).content.decode()
    with stopped_at(at(9, day=27)):
        client = browser("office")
        page = client.get(url).content.decode()
        assert "The day is over." in page
        change = {**form_of(page), f"code-{ada.id}": "/"}
        assert "Please write down why" in client.post(url, change).content.decode()
        assert client.post(url, {**change, "reason": "She came on foot"}).status_code == 302
    assert held()["Ada"] == "/"


def test_the_list_of_the_day_says_what_is_not_taken_and_what_is_disputed(
    cast: Any, taken: Register, browser: Any
) -> None:
    client, ada = browser("office"), cast.person("Ada")
    record_marks(taken, [NewMark(ada.id, "/")], by=cast.user("office"))
    url = f"/staff/registers/{taken.id}/"
    teacher = browser("teacher")
    form = {**form_of(teacher.get(url).content.decode()), f"seen-{ada.id}": "0 ", f"code-{ada.id}": "N"}
    said = teacher.post(url, form, follow=True).content.decode()
    assert "differently meanwhile" in said
    page = client.get("/staff/registers/").content.decode()
    assert "Marked differently by two people" in page
    assert "Reason not yet known" in page
    form = {**form_of(client.get(url).content.decode()), f"code-{ada.id}": "L"}
    client.post(url, form)
    assert "Marked differently" not in client.get("/staff/registers/").content.decode()
    with stopped_at(at(13, 5)):
        page = browser("office").get("/staff/registers/").content.decode()
        assert "1 register has begun and is not taken yet" in page


def test_in_a_large_school_a_class_is_found_by_name_and_the_pages_are_above_the_registers(
    cast: Any, taken: Register, browser: Any
) -> None:
    client, search = browser("office"), 'role="search"'
    assert search not in client.get("/staff/registers/").content.decode(), "a few are seen at once"
    YearGroup.objects.bulk_create(YearGroup(school=cast.school, name=f"C{one}") for one in range(30))
    client.post("/staff/registers/settings/", FORM)
    page = client.get("/staff/registers/").content.decode()
    assert page.index("Lists of attendance") < page.index("others-title"), (
        "below 60 registers nobody reads it"
    )
    assert search in page

    def found(text: str) -> set[str]:
        shown = client.get("/staff/registers/", {"day": "2026-11-26", "q": text}).content.decode()
        assert f'name="q" value="{text}"' in shown
        return set(re.findall(r"<li>\s*<span><strong>(\w+)</strong>", shown))

    assert found("c17") == {"C17"}
    assert found("c17 AFTERNOON") == {"C17"}
    assert found("C99") == set()
    assert "No register found" in client.get("/staff/registers/?q=C99").content.decode()


def test_a_day_off_has_no_registers_and_hostile_addresses_change_nothing(
    cast: Any, taken: Register, browser: Any
) -> None:
    client = browser("teacher")
    School.objects.update(weekdays="12345")
    assert "No school on this day." in client.get("/staff/registers/?day=2026-11-28").content.decode()
    for day in ("2026-13-40", "x", "2026-1-1"):
        assert client.get(f"/staff/registers/?day={day}").status_code == 200
    for sent in (
        {},
        {"group": "x", "day": "2026-11-26", "number": "1"},
        {"group": taken.group_id, "day": "2026-11-28", "number": "1"},
        {"group": taken.group_id, "day": "2026-11-26", "number": "9"},
    ):
        assert client.post("/staff/registers/open/", sent)["Location"] == "/staff/registers/"
    url = f"/staff/registers/{taken.id}/"
    client.post(url, {"seen-x": "0 ", "code-x": "/", f"seen-{cast.person('Ada').id}": "y ", "code-": "/"})
    assert not Mark.objects.exists()


def test_the_pages_of_a_large_school_take_few_statements(
    cast: Any, taken: Register, browser: Any, django_assert_max_num_queries: Any
) -> None:
    YearGroup.objects.bulk_create(YearGroup(school=cast.school, name=f"C{one}") for one in range(50))
    client = browser("office")
    client.post("/staff/registers/settings/", FORM)
    client.get("/staff/registers/")
    with django_assert_max_num_queries(25):
        client.get("/staff/registers/")
    with django_assert_max_num_queries(25):
        client.get(f"/staff/registers/{taken.id}/")
