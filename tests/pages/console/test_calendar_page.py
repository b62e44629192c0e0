"""The calendar's pages: set by office and administrator, refused beside the field, read where it counts."""

from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.people.test_calendar import ICS

from willing.pages.console.calendar_forms import working_week
from willing.people.models import CalendarEntry, School, Sitting
from willing.people.queries import today

PAGE = "/staff/calendar/"


def page(client: Client, where: str = PAGE) -> str:
    return client.get(where).content.decode()


def add(client: Client, kind: str, **said: Any) -> Any:
    return client.post(f"{PAGE}add/{kind}/", {"key": uuid4(), "name": "", **said})


@pytest.mark.parametrize(
    ("country", "days"),
    [("GB", "12345"), ("CN", "12345"), ("EG", "12347"), ("IN", "123456"), ("BQ", "12345")],
)
def test_the_week_that_is_proposed_is_the_countrys(country: str, days: str) -> None:
    assert working_week(country) == days


def test_an_empty_calendar_says_what_holds_until_it_is_set(office: Client) -> None:
    text = page(office)
    assert "Until then every day counts as a school day" in text
    assert "No closed day ahead." in text
    assert text.count("checked") == 5


def test_the_week_is_set_once_for_all_days_with_others_where_they_differ(office: Client, cast: Any) -> None:
    said = {"days": ["1", "3", "5"], "hours": "11:30-12:15", "other_3": "-", "other_5": "11:00-12:00"}
    assert office.post(PAGE, said).status_code == 302
    assert cast.school.weekdays == "135"
    rows = list(Sitting.objects.values_list("weekday", "opens", "closes"))
    assert rows == [(1, time(11, 30), time(12, 15)), (5, time(11), time(12))]
    text = page(office)
    assert 'value="11:00-12:00"' in text
    assert 'value="-"' in text
    assert "Until then every day counts" not in text


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("hours", "noon", "These hours can&#x27;t be read: noon"),
        ("other_1", "13:00-12:00", "each has to close after it opens"),
    ],
)
def test_hours_that_can_not_be_are_said_beside_their_field(
    office: Client, field: str, text: str, says: str
) -> None:
    answer = office.post(PAGE, {"days": ["1"], field: text})
    assert answer.status_code == 422
    assert says in answer.content.decode().split(f'id="weekform-{field}"')[1].split("</div>")[0]
    assert not Sitting.objects.exists()


def test_days_are_added_changed_and_deleted(office: Client, browser: Any, cast: Any) -> None:
    day = today(cast.school)
    soon = day + timedelta(days=3)
    assert add(office, "closed", name="Staff day", first_day=soon).status_code == 302
    entry = CalendarEntry.objects.get()
    assert (entry.first_day, entry.last_day, entry.name) == (soon, soon, "Staff day")
    where = f"{PAGE}{entry.pk}/"
    assert where in page(office)
    text = page(browser("administrator"), where)
    assert f'value="{soon.isoformat()}"' in text
    last = soon + timedelta(days=1)
    said = {"key": uuid4(), "name": "Staff days", "first_day": soon, "last_day": last}
    assert office.post(where, said).status_code == 302
    assert CalendarEntry.objects.get().last_day == last
    assert office.post(f"{where}delete/").status_code == 302
    assert not CalendarEntry.objects.exists()
    assert office.post(where, said).status_code == 409


def test_pressed_twice_an_entry_is_added_once(office: Client) -> None:
    key = uuid4()
    for _ in range(2):
        answer = office.post(f"{PAGE}add/closed/", {"key": key, "name": "", "first_day": "2026-12-24"})
        assert answer.status_code == 302
    assert CalendarEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "said", "field", "says"),
    [
        ("closed", {}, "first_day", "This field is required"),
        ("closed", {"first_day": "2026-12-24", "last_day": "2026-12-23"}, "last_day", "before the first"),
        ("closed", {"first_day": "0026-12-24"}, "first_day", "between 2000 and 2100"),
        ("term", {"first_day": "2026-09-01", "last_day": "2028-07-01"}, "last_day", "longer than a school"),
        ("opened", {"first_day": "2026-12-26", "as_weekday": "8"}, "as_weekday", "valid choice"),
    ],
)
def test_days_that_can_not_be_are_refused_beside_their_field(
    office: Client, kind: str, said: dict[str, str], field: str, says: str
) -> None:
    answer = add(office, kind, **said)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert says in text.split(f'name="{field}"')[1].split("</div>")[0]
    assert not CalendarEntry.objects.exists()


def test_a_saturday_is_opened_with_a_fridays_hours(office: Client) -> None:
    answer = add(office, "opened", first_day="2026-12-26", as_weekday="5")
    assert answer.status_code == 302
    assert CalendarEntry.objects.get().as_weekday == 5
    assert office.get(f"{PAGE}add/other/").status_code == 404


def test_the_end_of_the_last_term_is_announced(office: Client, cast: Any) -> None:
    day = today(cast.school)
    add(office, "term", name="Autumn", first_day=day, last_day=day + timedelta(days=30))
    text = page(office)
    assert "no day is in a term" in text
    assert "Today is a school day." in text
    assert "Autumn" in text
    CalendarEntry.objects.update(last_day=day + timedelta(days=31))
    assert "no day is in a term" not in page(office)


def test_what_is_over_is_kept_out_of_the_way(office: Client, cast: Any) -> None:
    add(office, "closed", name="Long ago", first_day="2020-01-01")
    text = page(office)
    assert "1 entry that is over" in text
    assert "No closed day ahead." in text


def test_holidays_are_imported_after_a_look_without_those_that_are_unticked(office: Client) -> None:
    file = SimpleUploadedFile("holidays.ics", ICS)
    text = office.post(f"{PAGE}import/", {"file": file}).content.decode()
    assert text.count('type="checkbox"') == 3
    assert "This repeats." in text
    assert not CalendarEntry.objects.exists()
    kept = ["2026-12-25/2026-12-26/Christmas", "2027-01-01/2027-01-01/A / B"]
    assert office.post(f"{PAGE}import/", {"answer": "import", "days": kept}).status_code == 302
    assert list(CalendarEntry.objects.values_list("first_day", "name")) == [
        (date(2026, 12, 25), "Christmas"),
        (date(2027, 1, 1), "A / B"),
    ]
    again = office.post(f"{PAGE}import/", {"file": SimpleUploadedFile("a.ics", ICS)}).content.decode()
    assert again.count('type="checkbox"') == 1
    assert "In the calendar already" in again


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\x03\x04"])
def test_a_file_that_is_none_is_refused_beside_its_field(office: Client, content: bytes) -> None:
    answer = office.post(f"{PAGE}import/", {"file": SimpleUploadedFile("a.ics", content)})
    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()


@pytest.mark.parametrize("days", ["x", "2026-12-25/2026-13-25/", "2026-12-25"])
def test_ticks_that_no_page_wrote_are_refused(office: Client, days: str) -> None:
    assert office.post(f"{PAGE}import/", {"answer": "import", "days": days}).status_code == 400
    assert not CalendarEntry.objects.exists()


def test_a_day_without_sales_says_that_it_was_closed(office: Client, cast: Any) -> None:
    assert "Payments appear here as they are made." in page(office, "/staff/today/")
    add(office, "closed", name="Snow", first_day=today(cast.school))
    text = page(office, "/staff/today/")
    assert "no school (Snow)" in text
    assert "The calendar has no school on this day." in text


def test_the_page_is_the_same_in_chinese(office: Client, cast: Any) -> None:
    add(office, "closed", name="Snow", first_day=today(cast.school))
    School.objects.update(language="zh-hans")
    text = office.get(PAGE, headers={"accept-language": "zh-hans"}).content.decode()
    assert "校历" in text
    assert "Closed" not in text
