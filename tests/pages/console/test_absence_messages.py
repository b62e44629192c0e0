"""The office's page of messages about absence, and the family's: a false alarm, and a real one."""

import re
from typing import Any

import pytest
from django.test import Client
from tests.attendance.conftest import at
from tests.pages.console.test_registers_pages import FORM
from tests.support.absences import hold_over
from tests.support.clocks import stopped_at
from tests.support.mail import Post, post_office
from tests.support.signing import sign_in

from willing.attendance.marking import NewMark, record_marks
from willing.attendance.message_models import AbsenceMessage, ContactTry, MessageRun, MessageSettings
from willing.attendance.queries import groups_of, members_on
from willing.attendance.registers import close_register, open_register
from willing.jobs.actions import run_due
from willing.mail.sending import NewServer, set_mail_server
from willing.people.guardians import add_guardian
from willing.people.models import Guardian, Person, School
from willing.people.queries import contacts_of
from willing.people.school import set_public_address

PAGE = "/staff/registers/messages/"
NOON = at(9, 30)


@pytest.fixture
def post() -> Any:
    with post_office() as found:
        yield found


@pytest.fixture
def closed(cast: Any, browser: Any, post: Post) -> Any:
    """A closed register in which Ada alone is absent; sixty pupils are on the roll."""
    School.objects.update(time_zone="Europe/London")
    cast.school.refresh_from_db()
    Person.objects.update(joined_at=at(8, day=1))
    Guardian.objects.filter(name="Gus").update(email="gus@example.org")
    set_public_address(cast.school, "https://lunch.example.org")
    server = NewServer(host="127.0.0.1", port=post.port, encryption="none", sender="lunch@school.example")
    set_mail_server(cast.school, server, by=cast.user("administrator"))
    with stopped_at(at(8, 50)):
        browser("office").post("/staff/registers/settings/", FORM)
        ada = cast.person("Ada")
        group = next(one for one in groups_of(cast.school) if one.year_group == ada.year_group)
        register = open_register(cast.school, group.id, at(8).date(), 1, by=cast.user("office"))
        here = [NewMark(one.id, "/") for one in members_on(group, at(8).date()) if one != ada]
        if not here:
            pip = Person(school=cast.school, given_name="Pip", till_number=900, joined_at=at(8, day=1))
            pip.year_group = group.year_group
            pip.save()
            here = [NewMark(pip.id, "/")]
        record_marks(register, here, by=cast.user("office"))
        Person.objects.bulk_create(
            Person(school=cast.school, given_name=f"P{one}", till_number=5000 + one) for one in range(60)
        )
    with stopped_at(at(9, 20)):
        close_register(register)
    return register


def text_of(client: Client, **more: Any) -> str:
    return client.get(PAGE, **more).content.decode()


def pressed(client: Client, address: str, **values: Any) -> str:
    return client.post(address, values, follow=True).content.decode()


def test_the_office_reads_both_lacks_messages_the_family_and_undoes_it(
    cast: Any, closed: Any, browser: Any, post: Post
) -> None:
    office = browser("office")
    with stopped_at(NOON):
        page = text_of(office)
        assert "1 unexplained" in page
        assert "Nobody has marked them here today, and no leave, illness, trip or sign-out is known." in page
        assert "absent without a reason, and the family was not asked" in office.get("/").content.decode()
        said = pressed(office, f"{PAGE}stage/", number="1", person=str(cast.person("Ada").id))
        assert "Held for ten minutes" in said
        assert "about 10 minutes" in said
        run = MessageRun.objects.get()
        assert "Undone. Nobody was messaged about 1 pupil." in pressed(office, f"{PAGE}{run.id}/undo/")
    hold_over(cast.school, NOON)
    assert post.came == []


def test_nothing_ticked_or_no_number_messages_nobody(cast: Any, closed: Any, browser: Any) -> None:
    office = browser("office")
    with stopped_at(NOON):
        assert "nobody is ticked" in pressed(office, f"{PAGE}stage/", number="1")
        assert "There is nobody to message" in pressed(office, f"{PAGE}stage/", number="x", person="no")
    assert not MessageRun.objects.exists()


def test_above_the_cap_the_number_on_the_screen_is_typed(cast: Any, closed: Any, browser: Any) -> None:
    office = browser("office")
    Person.objects.filter(given_name__startswith="P").update(left_at=at(8))
    with stopped_at(NOON):
        said = pressed(office, f"{PAGE}stage/", number="1", person=str(cast.person("Ada").id))
        assert "Stopped: this would message 1 family" in said
        run = MessageRun.objects.get()
        confirm = f"{PAGE}{run.id}/confirm/"
        assert "That is not the number of families." in pressed(office, confirm, families="2")
        assert "That is not the number of families." in pressed(office, confirm, families="many")
        assert "Held for ten minutes" in pressed(office, confirm, families="1")


def test_the_family_answers_and_the_office_reads_it_and_says_that_the_child_is_here(
    cast: Any, closed: Any, browser: Any, post: Post
) -> None:
    office, family = browser("office"), sign_in(Client(), cast.user("guardian"))
    ada = cast.person("Ada")
    with stopped_at(NOON):
        office.post(f"{PAGE}stage/", {"number": "1", "person": str(ada.id)})
    end = hold_over(cast.school, NOON)
    assert [str(one["To"]) for one in post.came] == ["gus@example.org"]
    with stopped_at(end):
        assert "The school asks where Ada is" in family.get("/family/").content.decode()
        page = family.get(f"/family/child/{ada.id}/absence-messages/").content.decode()
        assert "has not heard why" in page
        one = ContactTry.objects.get()
        answered = family.post(
            f"/family/child/{ada.id}/absence-messages/{one.id}/", {"answer": "should_be_there"}, follow=True
        ).content.decode()
        assert "You answered: should be at school." in answered
        wrong = family.post(
            f"/family/child/{ada.id}/absence-messages/{one.id}/", {"answer": "no"}, follow=True
        )
        assert "Please choose one of the answers." in wrong.content.decode()
        shown = text_of(office)
        assert "Look for them now" in shown
        assert "There is no other contact" in pressed(
            office, f"/staff/registers/message/{one.message_id}/next/"
        )
        assert "you reached the family" in pressed(
            office, f"/staff/registers/message/{one.message_id}/reached/"
        )
        here = pressed(office, f"/staff/registers/message/{one.message_id}/here/")
        assert "1 person who was messaged gets a correction." in here
        run_due()
        assert "was marked wrongly, is here" in text_of(office)
        assert (
            "Our earlier message was wrong"
            in family.get(f"/family/child/{ada.id}/absence-messages/").content.decode()
        )
    assert AbsenceMessage.objects.get().state == "cleared"
    assert "is at school" in str(post.came[-1]["Subject"])


def test_another_guardian_reads_nothing_of_it(cast: Any, closed: Any, browser: Any) -> None:
    ada = cast.person("Ada")
    other = add_guardian(ada, "Eve")
    cast.user("guardian").__class__.objects.filter(pk=cast.user("guardian").pk).update(guardian=other)
    with stopped_at(NOON):
        browser("office").post(f"{PAGE}stage/", {"number": "1", "person": str(ada.id)})
    hold_over(cast.school, NOON)
    with stopped_at(NOON):
        family = sign_in(Client(), cast.user("guardian"))
        assert (
            "No messages about absence."
            in family.get(f"/family/child/{ada.id}/absence-messages/").content.decode()
        )
        assert "The school asks where" not in family.get("/family/").content.decode()


def test_contacts_are_confirmed_by_the_family_or_by_the_office(cast: Any, closed: Any, browser: Any) -> None:
    office, family = browser("office"), sign_in(Client(), cast.user("guardian"))
    with stopped_at(NOON):
        assert "Does this still reach you?" in family.get("/family/").content.decode()
        assert "Thank you." in family.post("/family/contact/still/", follow=True).content.decode()
        assert "Does this still reach you?" not in family.get("/family/").content.decode()
        page = office.get("/staff/registers/contacts/").content.decode()
        waits = re.findall(r"/staff/registers/contacts/([0-9a-f-]{36})/", page)
        for one in set(waits):
            office.post(f"/staff/registers/contacts/{one}/")
        assert "/staff/registers/contacts/0" not in office.get("/staff/registers/contacts/").content.decode()


def test_how_families_are_messaged_is_set(cast: Any, closed: Any, browser: Any) -> None:
    office = browser("office")
    with stopped_at(NOON):
        assert "Saved." in pressed(office, f"{PAGE}settings/", automatic="on", next_minutes="30")
        assert "5 to 240 minutes" in pressed(office, f"{PAGE}settings/", next_minutes="3")
    held = MessageSettings.objects.get()
    assert (held.is_automatic, held.next_minutes) == (True, 30)


def test_without_registers_the_page_says_so(cast: Any, browser: Any) -> None:
    assert "No registers are taken yet." in text_of(browser("office"))


def test_the_office_chooses_who_is_reached_first(cast: Any, browser: Any) -> None:
    office, ada = browser("office"), cast.person("Ada")
    before = contacts_of([ada.id])[ada.id]
    eve = add_guardian(ada, "Eve")
    page = pressed(office, f"/staff/people/{ada.id}/guardians/{eve.id}/first/")
    assert "Reached first from now on." in page
    assert contacts_of([ada.id])[ada.id] == [eve, *before]
    assert page.index("Eve") < page.index("Gus"), "listed in that order"
