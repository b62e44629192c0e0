"""The front page says what waits for each role, one press away, and is calm when nothing does."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import escape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from tests.attendance.conftest import ENGLAND, at
from tests.support.clocks import stopped_at
from tests.support.school import Cast
from tests.support.statements import require_at_most, statements

from willing.accounts.models import Role
from willing.attendance.marking import mark_everyone_present
from willing.attendance.queries import groups_of
from willing.attendance.registers import open_register
from willing.attendance.set_up import add_class_groups, set_attendance, set_teachers
from willing.complaints.actions import ComplaintAnswer, NewComplaint, answer_complaint, raise_complaint
from willing.complaints.models import Complaint
from willing.core.clock import now
from willing.credentials.cards import revoke_cards
from willing.credentials.models import Pin
from willing.credentials.print_models import PrintedItem, PrintRun
from willing.ops.condition import Condition
from willing.pages.console import waiting
from willing.pages.console.roles import READS_PROTECTION
from willing.pages.console.waiting import FAULT_PAGES, KINDS, waiting_for
from willing.people.models import Person, School
from willing.people.queries import require_school

ROLES = ("office", "canteen", "teacher", "dpo", "administrator", "cashier")
# What the front page may ask of the databases: half of it is what Health asks.
FRONT = 60
OFFICE_ALONE = 60


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that lets as much of every kind of work wait."""

    def let_wait(count: int) -> None:
        kinds = [
            waiting.WaitingKind(
                one.key, one.roles, one.url_name, lambda _school: count, one.label, one.is_urgent
            )
            for one in KINDS
        ]
        monkeypatch.setattr(waiting, "KINDS", tuple(kinds))
        broken = [Condition(code, False, f"{code} is broken.", "Ask.") for code in (*FAULT_PAGES, "disk")]
        monkeypatch.setattr(waiting, "conditions", lambda _school: broken if count else [])

    return let_wait


@pytest.mark.parametrize("role", ROLES)
def test_each_line_leads_with_one_press_to_a_page_that_the_role_may_open(
    role: str, browser: Callable[[str], Client], counts: Callable[[int], None]
) -> None:
    counts(3)
    client = browser(role)
    page = client.get("/")
    lines = page.context["waiting"]
    faults = [*FAULT_PAGES, "disk"] if role in READS_PROTECTION else []
    assert {one.key for one in lines} == {*faults, *(one.key for one in KINDS if role in one.roles)}
    for one in lines:
        assert f'href="{escape(one.url)}"' in page.content.decode()
        assert client.get(one.url).status_code == 200, (role, one.key)
    urgent = [one.is_urgent for one in lines]
    assert urgent == sorted(urgent, reverse=True), "what is urgent comes first"


@pytest.mark.parametrize("role", ROLES)
def test_the_page_is_calm_when_nothing_waits(
    role: str, browser: Callable[[str], Client], counts: Callable[[int], None], sell: Any
) -> None:
    sell()
    counts(0)
    text = browser(role).get("/").content.decode()
    assert "Nothing waits." in text


def test_every_role_of_staff_has_work_and_a_cashier_as_a_warden_of_a_house() -> None:
    served = {role for one in KINDS for role in one.roles}
    assert served == {"office", "canteen", "teacher", "dpo", "administrator", "cashier"}, (
        "what Health finds is theirs too"
    )
    assert served < set(Role.Kind.values)


def test_a_message_of_a_family_waits_until_it_is_answered(cast: Cast, office: Client) -> None:
    raised = raise_complaint(cast.person("Ada"), NewComplaint("other", said="Hello"))
    assert "1 complaint or request to answer" in office.get("/").content.decode()
    Complaint.objects.update(raised_at=now() - timedelta(days=40))
    late = office.get("/").content.decode()
    assert "1 answer to a family is overdue" in late
    assert "complaint or request to answer" not in late, "it is counted once"
    answer_complaint(raised.id, ComplaintAnswer(False, "Thank you.", cast.user("office")))
    assert "overdue" not in office.get("/").content.decode()


def test_a_pupil_without_card_and_pin_waits_and_one_with_a_pin_does_not(cast: Cast, office: Client) -> None:
    assert "neither card nor PIN" not in office.get("/").content.decode()
    revoke_cards(cast.person("Carl"), by=cast.user("office"))
    assert "neither card nor PIN" not in office.get("/").content.decode()
    Pin.objects.filter(person=cast.person("Carl")).delete()
    assert "1 person has neither card nor PIN" in office.get("/").content.decode()


def test_registers_wait_for_the_office_and_for_their_own_teacher(
    cast: Cast, browser: Callable[[str], Client]
) -> None:
    School.objects.update(time_zone="Europe/London")
    Person.objects.update(joined_at=at(8, day=1))
    school = require_school()
    with stopped_at(at(8, 51)):
        office, teacher = browser("office"), browser("teacher")
        set_attendance(school, ENGLAND, by=cast.user("administrator"))
        add_class_groups(school, by=cast.user("administrator"))
        groups = groups_of(school)
        assert registers_waiting(office) == len(groups), "the afternoon's have not begun"
        assert registers_waiting(teacher) == 0
        set_teachers(school, groups[0].id, [cast.user("teacher")], by=cast.user("office"))
        assert registers_waiting(teacher) == 1
        register = open_register(school, groups[0].id, at(8).date(), 1, by=cast.user("teacher"))
        assert registers_waiting(teacher) == 1, "opened, and no one marked"
        mark_everyone_present(register, by=cast.user("teacher"))
        assert registers_waiting(teacher) == 0


def registers_waiting(client: Client) -> int:
    found = re.search(r"(\d+) registers? of today", client.get("/").content.decode())
    return int(found[1]) if found else 0


def test_sheets_wait_until_someone_says_that_they_came_out(cast: Cast, office: Client) -> None:
    run = PrintRun.objects.create(
        id=uuid4(),
        school=cast.school,
        kind="pins",
        layout="a4",
        by=cast.user("office"),
        total=1,
        ready_at=now(),
    )
    PrintedItem.objects.create(run=run, number=1, sheet=1, person=cast.person("Ada"))
    assert "1 printing to confirm" in office.get("/").content.decode()
    PrintedItem.objects.update(state=PrintedItem.State.CONFIRMED)
    assert "to confirm: did" not in office.get("/").content.decode()


def test_a_line_is_there_in_chinese(cast: Cast, office: Client) -> None:
    raise_complaint(cast.person("Ada"), NewComplaint("other", said="Hello"))
    text = office.get("/", headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "待办事项" in text
    assert "1 条家长反馈待答复" in text


def test_the_front_page_stays_within_its_budget(cast: Cast, office: Client, sell: Any) -> None:
    sell()
    raise_complaint(cast.person("Ada"), NewComplaint("other", said="Hello"))
    office.get("/")
    with statements() as counted:
        assert office.get("/").status_code == 200
    require_at_most(OFFICE_ALONE, counted)
    with statements() as counted:
        waiting_for(frozenset(ROLES), cast.school, cast.user("office"))
    require_at_most(FRONT, counted)


def test_a_cashiers_front_page_and_every_header_lead_back_to_the_till(
    browser: Callable[[str], Client],
) -> None:
    client = browser("cashier")
    for page in ("/", "/staff/today/"):
        answer = client.get(page, follow=True)
        assert answer.status_code == 200
        assert 'href="/till/"' in answer.content.decode(), page
