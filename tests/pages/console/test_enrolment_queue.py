"""The desk's queue: three lists with counts, the class, the next person, a scanned card."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve, reverse
from tests.pages.console.test_desk import at, begin, upload
from tests.support.meant import meant
from tests.support.statements import require_at_most, statements

from willing.biometrics.consent_changes import record_consent
from willing.biometrics.enrolment_queue import count_ready, enrolment_queue
from willing.biometrics.queue_rules import QueueList
from willing.consent.permissions import permissions_of
from willing.consent.publishing import notify_guardian
from willing.consent.queries import permission, require_notice
from willing.credentials.cards import issue_card, revoke_cards
from willing.dpia.actions import set_manual_lock
from willing.people.guardians import add_guardian
from willing.people.models import Person
from willing.people.persons import NewPerson, add_person

pytestmark = pytest.mark.face
DESK = "/staff/enrol/"
PAGE = 30


def counts(text: str) -> list[int]:
    """Return how many are ready, waiting for the pupil, waiting for a guardian."""
    return [int(one) for one in re.findall(r'class="value num">(\d+)<', text)]


@pytest.fixture
def waiting(cast: Any) -> Person:
    """Return a pupil whose guardian has said yes and who has not been asked herself."""
    person = add_person(cast.school, NewPerson("Una", "Asked", year="8B"))
    notice = require_notice("canteen", "adult", "en")
    notify_guardian(add_guardian(person, "Uli"), person, notice, channel="link")
    record_consent(cast.says("Una", "yes", guardian="Uli"))
    return person


def test_three_lists_say_how_many_are_ready_and_whom_the_others_wait_for(
    office: Client, cast: Any, waiting: Person
) -> None:
    text = office.get(DESK).content.decode()
    assert counts(text) == [1, 1, 2]  # Ada; Una; Bo and Carl, of whom nobody has a guardian
    assert "Ada Agrees" in text
    assert "Una Asked" not in text
    pupil = office.get(DESK, {"list": "pupil"}).content.decode()
    assert "Una Asked" in pupil
    assert "The person has not said yes yet." in pupil
    assert reverse("console:own-decision", args=[waiting.id, "canteen"]) in pupil
    guardian = office.get(DESK, {"list": "guardian"}).content.decode()
    assert "No guardian is listed." in guardian
    for one in map(meant, (text, pupil, guardian)):
        assert "Nia" not in one  # she said no
        assert "Wes" not in one


def test_a_class_is_chosen_and_nonsense_is_the_first_list_of_everyone(
    office: Client, cast: Any, waiting: Person
) -> None:
    assert waiting.year_group is not None
    chosen = office.get(DESK, {"class": str(waiting.year_group_id), "list": "ready"}).content.decode()
    assert counts(chosen) == [0, 1, 0]
    assert "Nobody is ready to enrol" in chosen
    nonsense = {"class": "x", "list": "all", "page": "-3", "purpose": "gym"}
    assert counts(office.get(DESK, nonsense).content.decode()) == [1, 1, 2]
    assert office.get(DESK, {"person": "x"}).status_code == 409


def test_many_people_at_once_have_the_permission_that_each_has_alone(cast: Any, waiting: Person) -> None:
    record_consent(cast.says("Carl", "yes"))
    persons = list(Person.objects.filter(school=cast.school))
    found = permissions_of(cast.school, persons, "canteen")
    assert found == {one.id: permission(one, "canteen") for one in persons}


READY = "ready at the enrolment desk"


def test_the_front_page_says_how_many_are_ready_until_they_are_enrolled_or_faces_are_locked(
    office: Client, cast: Any, waiting: Person
) -> None:
    def ready() -> int:
        queue = enrolment_queue(cast.school, "canteen")
        assert count_ready(cast.school) == sum(one.list is QueueList.READY for one in queue)
        return count_ready(cast.school)

    assert ready() == 1
    assert f"1 person is {READY}: everyone has agreed" in office.get("/").content.decode()
    record_consent(cast.says("Una", "yes"))
    assert ready() == 2
    record_consent(cast.says("Una", "withdrawn"))
    assert ready() == 1
    record_consent(cast.says("Ada", "no"))
    assert ready() == 0
    assert READY not in office.get("/").content.decode()
    record_consent(cast.says("Una", "yes"))
    set_manual_lock(cast.school, is_locked=True, reason="Broken camera", by=cast.user("dpo"))
    assert READY not in office.get("/").content.decode(), "nobody can be enrolled now"


def test_the_queue_asks_as_few_statements_for_more_people(office: Client, cast: Any) -> None:
    office.get(DESK)
    with statements() as few:
        office.get(DESK, {"list": "guardian"})
    asked = len(few)  # at once: the next request begins a new count
    for number in range(20):
        add_guardian(add_person(cast.school, NewPerson(f"Pupil {number}", "More", year="9C")), f"G {number}")
    with statements() as many:
        office.get(DESK, {"list": "guardian"})
    assert 5 < len(many) <= asked
    require_at_most(PAGE, many)


def test_after_an_enrolment_the_next_who_is_ready_is_one_press_away(
    office: Client, cast: Any, waiting: Person, camera: Any
) -> None:
    record_consent(cast.says("Una", "yes"))
    capture, shots = begin(cast, office), camera("person_a_2.jpg")
    upload(office, capture, *(shots.frame() for _ in range(3)))
    text = office.post(at("finish", capture), follow=True).content.decode()
    assert "Next: Una Asked, 8B" in text
    begun = office.post(reverse("console:start-capture", args=[waiting.id, "canteen"]))
    assert resolve(begun.headers["Location"]).view_name == "console:capture"


def test_a_scanned_card_opens_its_owners_enrolment(office: Client, cast: Any) -> None:
    begun = office.post(f"{DESK}scan/", {"code": cast.cards["Ada"], "keys": ""})
    assert resolve(begun.headers["Location"]).kwargs["person_id"] == cast.person("Ada").id
    keys = " ".join(f"Digit{one}" if one.isdigit() else f"Key{one}" for one in cast.cards["Ada"])
    french = office.post(f"{DESK}scan/", {"code": "", "keys": keys})
    assert french.status_code == 302


def test_a_scanned_card_of_a_person_who_is_not_ready_shows_why(office: Client, cast: Any) -> None:
    shown = office.post(f"{DESK}scan/", {"code": cast.cards["Nia"]}, follow=True)
    assert "The person said no. That counts, whatever adults say." in shown.content.decode()
    assert "start/" not in shown.content.decode()


def test_an_unknown_or_ended_card_is_refused_by_its_cause(office: Client, cast: Any) -> None:
    revoke_cards(cast.person("Ada"))
    for code in (cast.cards["Ada"], "000011112222", "x" * 20):
        answer = office.post(f"{DESK}scan/", {"code": code})
        assert answer.status_code == 422
        assert "No live card of this school has this code." in answer.content.decode()
    empty = office.post(f"{DESK}scan/", {"code": "", "keys": ""})
    assert empty.status_code == 422
    assert "No code arrived." in empty.content.decode()


def test_the_desk_takes_no_share_of_a_card(office: Client, cast: Any) -> None:
    code = issue_card(cast.person("Ada"))
    answer = office.post(f"{DESK}scan/", {"code": f"https://school.example/c#1.{code}.{'A' * 26}"})
    assert answer.status_code == 409
    assert "card_share_sent" in answer.content.decode()


def test_who_needs_a_printed_card_first_is_told_so_and_not_started(
    office: Client, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("willing.pages.console.enrolment_desk.kinds_of", lambda _school: frozenset({"card"}))
    revoke_cards(cast.person("Ada"))
    text = office.get(DESK).content.decode()
    assert "Needs a printed card first" in text
    assert reverse("console:start-capture", args=[cast.person("Ada").id, "canteen"]) not in text


def test_the_queue_is_in_the_desks_order(cast: Any, waiting: Person) -> None:
    names = [one.person.given_name for one in enrolment_queue(cast.school, "canteen")]
    assert names == ["Ada", "Bo", "Carl", "Una"]


def test_nobody_but_the_office_opens_the_desk(browser: Any, cast: Any) -> None:
    for role in ("cashier", "canteen", "teacher", "dpo", "administrator"):
        assert browser(role).post(f"{DESK}scan/", {"code": cast.cards["Ada"]}).status_code == 403
