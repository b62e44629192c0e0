"""People over the API: a look-up that the office allows and the log shows, and the end of a face."""

import json

import pytest
from tests.support.camera import camera, enrol

from willing.audit.models import Entry
from willing.biometrics.models import Template
from willing.core.errors import Refused
from willing.people.persons import NewPerson, add_person
from willing.privacy.readers import OFFICE, views_of
from willing.terminals.devices import allow_look_ups, forbid_look_ups
from willing.terminals.pairing import pair_terminal, start_pairing, unpair_terminal
from willing.till.models import Basket

__all__ = ["camera", "enrol"]


def refused(answer):
    return (answer.status_code, answer.json()["code"])


def views(event="record.viewed"):
    rows = Entry.objects.filter(event=event).order_by("sequence")
    return [(entry.subject, json.loads(bytes(entry.hashed))["facts"]) for entry in rows]


@pytest.fixture
def path(cast, till):
    """A basket at a till that may look people up."""
    allow_look_ups(cast.till, by=cast.user("office"))
    return f"/baskets/{till.basket(cast)['id']}"


def names(answer):
    assert answer.status_code == 200, answer.content
    return [one["name"] for one in answer.json()]


def test_the_cashier_finds_by_name_number_and_card_and_the_pupil_pays(cast, till, path):
    carl = cast.person("Carl")
    for text in ("carl", str(carl.till_number), cast.cards["Carl"]):
        answer = till.post(f"{path}/look-up", {"text": text})
        assert names(answer) == [carl.full_name]
        assert answer.json()[0] == {
            "id": str(carl.id),
            "name": carl.full_name,
            "year": "7A",
            "till_number": None,
        }
    shown = till.post(f"{path}/identify", {"way": "staff", "person": str(carl.id)}).json()
    assert (shown["way"], shown["person"]) == ("staff", {"first_name": "Carl", "year": "7A"})
    assert till.post(f"{path}/confirm").json()["way"] == "staff"
    assert Basket.objects.get().identified_by is None


def test_whom_it_shows_is_in_the_log_once_a_basket_and_families_read_which_till(cast, till, path):
    ada = cast.person("Ada")
    for key in ("a", "a", "b"):
        till.post(f"{path}/look-up", {"text": "ada"}, key=key)
    (seen,) = [facts for subject, facts in views() if subject == ada.id]
    assert (seen["by"], seen["terminal"]) == (None, str(cast.till.id))
    till.post(f"{path}/identify", {"way": "staff", "person": str(ada.id)})
    assert [subject for subject, _facts in views("person.staff_identified")] == [ada.id]
    assert [one["who"] for one in views_of(ada, OFFICE)] == [cast.till.name, cast.till.name]
    till.post(f"{path}/cancel")
    other = till.basket(cast)
    till.post(f"/baskets/{other['id']}/look-up", {"text": "ada"})
    assert [subject for subject, _facts in views()].count(ada.id) == 2


def test_without_the_offices_leave_nobody_is_found_or_named(cast, till):
    path = f"/baskets/{till.basket(cast)['id']}"
    assert "staff" not in till.get("/terminal").json()["ways"]
    person = {"way": "staff", "person": str(cast.person("Carl").id)}
    for answer in (till.post(f"{path}/look-up", {"text": "carl"}), till.post(f"{path}/identify", person)):
        assert refused(answer) == (403, "look_ups_not_allowed")
        assert 'scope="look_up"' in answer["WWW-Authenticate"]
    assert not views()
    allow_look_ups(cast.till, by=cast.user("office"))
    assert till.get("/terminal").json()["scopes"] == ["sell", "look_up"]
    assert "staff" in till.get("/terminal").json()["ways"]
    forbid_look_ups(cast.till, by=cast.user("office"))
    assert refused(till.post(f"{path}/look-up", {"text": "carl"})) == (403, "look_ups_not_allowed")
    assert [facts for _subject, facts in views("terminal.look_ups_allowed")] == [
        {"by": cast.user("office").pk}
    ]


@pytest.mark.parametrize("end", [unpair_terminal, lambda till: pair_terminal(start_pairing(till), key="b")])
def test_the_right_to_look_up_ends_with_the_pairing(cast, till, path, end):
    end(cast.till)
    assert not cast.till.may_look_up


def test_a_browser_is_given_no_right_over_the_api(cast):
    with pytest.raises(Refused, match="not_an_api_till"):
        allow_look_ups(cast.till, by=cast.user("office"))


def test_a_person_whom_this_basket_has_not_shown_is_not_named(cast, till, path):
    till.post(f"{path}/look-up", {"text": "ada"})
    person = {"way": "staff", "person": str(cast.person("Carl").id)}
    assert refused(till.post(f"{path}/identify", person)) == (409, "person_unknown")


def test_only_an_open_basket_with_something_in_it_is_a_reason_to_look(cast, till, path):
    till.post(f"{path}/identify", {"way": "card", "code": cast.cards["Carl"]})
    assert refused(till.post(f"{path}/look-up", {"text": "ada"})) == (409, "already_identified")
    till.post(f"{path}/cancel")
    assert refused(till.post(f"{path}/look-up", {"text": "ada"})) == (409, "basket_closed")
    assert not views()


def test_a_letter_and_a_mark_find_nobody_and_a_class_at_most_eight(cast, till, path):
    for number in range(12):
        add_person(cast.school, NewPerson(f"Kid{number:02d}", "Xylo"))
    assert names(till.post(f"{path}/look-up", {"text": "x"})) == []
    assert names(till.post(f"{path}/look-up", {"text": "%%"})) == []
    assert len(names(till.post(f"{path}/look-up", {"text": "xylo"}))) == 8


def test_two_of_one_name_and_class_are_told_apart_by_their_number(cast, till, path):
    twins = [add_person(cast.school, NewPerson("Kim", "Xylo")) for _ in range(2)]
    found = till.post(f"{path}/look-up", {"text": "kim xylo"}).json()
    assert {one["till_number"] for one in found} == {one.till_number for one in twins}


def test_a_till_is_no_roll_to_browse(cast, till, path):
    for number in range(62):
        add_person(cast.school, NewPerson(f"Kid{number:02d}", "Xylo"))
    answers = [till.post(f"{path}/look-up", {"text": f"kid{number:02d}"}) for number in range(62)]
    assert all(answer.status_code == 200 for answer in answers[:60])
    assert refused(answers[61]) == (429, "too_many_attempts")
    assert int(answers[61]["Retry-After"]) > 0
    assert len(views()) <= 60


@pytest.mark.face
def test_a_face_is_stopped_once_and_the_answer_proves_it(cast, till, enrol):
    enrol("Ada", "person_a_1.jpg")
    path = f"/baskets/{till.basket(cast)['id']}"
    shown = till.post(f"{path}/identify", {"way": "card", "code": cast.cards["Ada"]}).json()
    assert shown["may_stop_face"] is True
    done = till.post(f"{path}/stop-face", key="s").json()
    assert not Template.objects.exists()
    entry = Entry.objects.get(event="face.erased")
    assert done["log_entry"] == entry.sequence
    assert (done["basket"]["state"], done["basket"]["may_stop_face"]) == ("identified", False)
    assert till.post(f"{path}/stop-face", key="s").json() == done
    assert refused(till.post(f"{path}/stop-face", key="t")) == (409, "no_face_to_erase")
    assert till.post(f"{path}/confirm").status_code == 200


def test_a_face_is_stopped_for_the_person_shown_only(cast, till):
    path = f"/baskets/{till.basket(cast)['id']}"
    assert refused(till.post(f"{path}/stop-face")) == (409, "not_identified")
    shown = till.post(f"{path}/identify", {"way": "card", "code": cast.cards["Carl"]}).json()
    assert shown["may_stop_face"] is False
    assert refused(till.post(f"{path}/stop-face")) == (409, "no_face_to_erase")
