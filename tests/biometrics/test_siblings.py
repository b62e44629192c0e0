"""Brothers and sisters of one age, whose faces only cards open: compared at the desk."""

import secrets
from datetime import date, timedelta

import pytest
from tests.support.card_faces import Held, enrol_with_card, look_with_card, make_siblings, pair_as_kiosk

from willing.audit.models import Entry
from willing.biometrics import card_processes
from willing.biometrics.consent_changes import record_consent
from willing.biometrics.lookalikes import lookalike_pairs
from willing.biometrics.models import Template
from willing.biometrics.retention import purge_faces
from willing.biometrics.school_policy import decide_kinds, decide_mode
from willing.biometrics.siblings import known_siblings
from willing.biometrics.suspension import resume_face, suspend_face
from willing.core import clock
from willing.core.errors import Refused
from willing.credentials.cards import issue_card, replay_revoked_cards, revoke_cards
from willing.credentials.models import Card
from willing.keys.actions import key_exists
from willing.keys.models import PersonKey
from willing.people.models import Person


@pytest.fixture(autouse=True)
def no_process_left():
    yield
    card_processes.close_all()


@pytest.fixture
def desk(cast):
    """Both Ada and Wes may be enrolled; nobody has said yet that they are of one family."""
    pair_as_kiosk()
    decide_kinds(cast.school, "both", by=cast.user("dpo"))
    record_consent(cast.says("Wes", "yes", guardian="Gwen"))
    return cast


def events(event):
    return sorted(Entry.objects.filter(event=event).values_list("subject", flat=True))


def test_a_sibling_who_looks_alike_is_not_enrolled_and_the_other_pays_by_card_and_pin(desk, camera):
    ada = enrol_with_card(desk, camera)
    with pytest.raises(Refused, match="looks_alike"):
        enrol_with_card(desk, camera, "Wes", "person_a_1.jpg", siblings=[("Ada", ada.share)])
    row = Template.objects.get()
    assert (row.person, row.suspended_for) == (desk.person("Ada"), "alike")
    assert [key.person_id for key in PersonKey.objects.all()] == [desk.person("Ada").id]
    assert events("face.lookalike_found") == sorted([desk.person("Ada").id, desk.person("Wes").id])
    assert events("face.suspended") == [desk.person("Ada").id]
    assert resume_face(desk.person("Ada"), by=desk.user("office")) == 0
    with pytest.raises(Refused, match="face_not_usable"):
        look_with_card(desk, camera("person_a_1.jpg"), ada.share)


def test_a_sibling_who_does_not_look_alike_is_enrolled(desk, camera):
    ada = enrol_with_card(desk, camera)
    make_siblings(desk)
    wes = enrol_with_card(desk, camera, "Wes", "impostor_1.jpg", siblings=[("Ada", ada.share)])
    assert Template.objects.filter(suspended_at=None).count() == 2
    assert look_with_card(desk, camera("impostor_1.jpg"), wes.share, "Wes").state == "matched"


def test_a_sibling_of_the_same_age_whom_the_school_knows_of_is_not_left_out(desk, camera):
    ada = enrol_with_card(desk, camera)
    make_siblings(desk)
    assert [row.person for row in known_siblings(desk.person("Wes"), "canteen")] == [desk.person("Ada")]
    with pytest.raises(Refused, match="sibling_needed"):
        enrol_with_card(desk, camera, "Wes", "impostor_1.jpg")
    born = date(2014, 5, 1)
    Person.objects.filter(given_name="Ada").update(birth_date=born)
    Person.objects.filter(given_name="Wes").update(birth_date=born + timedelta(days=700))
    assert known_siblings(desk.person("Wes"), "canteen") == []
    assert Template.objects.get().pk == ada.template.pk


@pytest.mark.parametrize(
    ("card", "times", "is_share_right", "code"),
    [
        ("Carl", 1, True, "sibling_without_face"),
        ("Wes", 1, True, "sibling_without_face"),
        ("Ada", 1, False, "card_needed"),
        ("Ada", 5, True, "too_many_siblings"),
    ],
)
def test_a_card_that_opens_no_face_or_the_wrong_secret_compares_nobody(
    desk, camera, card, times, is_share_right, code
):
    ada = enrol_with_card(desk, camera)
    share = ada.share if is_share_right else secrets.token_bytes(16)
    with pytest.raises(Refused, match=code):
        enrol_with_card(desk, camera, "Wes", "impostor_1.jpg", siblings=[(card, share)] * times)
    assert Template.objects.get().suspended_at is None


def purged_after(days: int) -> int:
    later = clock.now() + timedelta(days=days)
    with clock.running(lambda: later):
        return purge_faces().overdue


def test_what_looks_like_a_sibling_is_deleted_after_a_term_whatever_it_was_suspended_for_before(desk, camera):
    ada = enrol_with_card(desk, camera)
    suspend_face(desk.person("Ada"), reason="office", by=desk.user("office"))
    with pytest.raises(Refused, match="looks_alike"):
        enrol_with_card(desk, camera, "Wes", "person_a_1.jpg", siblings=[("Ada", ada.share)])
    for days, overdue in ((119, 0), (121, 1)):
        assert purged_after(days) == overdue
    assert not key_exists(ada.template.key_id)


def test_a_face_that_can_be_searched_leaves_the_search_where_the_newcomer_of_a_card_looks_alike(
    desk, enrol, camera
):
    decide_mode(desk.school, "identify", reason="asked for", by=desk.user("dpo"))
    enrol("Ada", "person_a_2.jpg")
    enrol_with_card(desk, camera, "Wes", "person_a_1.jpg")
    assert set(Template.objects.values_list("holder", "mode")) == {("central", "verify"), ("card", "verify")}
    assert lookalike_pairs(desk.school).count() == 1


def revoke_by_hand(cast: object, held: Held) -> None:
    revoke_cards(held.template.person)


def revoke_again_after_a_restore(cast: object, held: Held) -> None:
    assert held.template.card_id is not None
    replay_revoked_cards([held.template.card_id])


@pytest.mark.parametrize("revoke", [revoke_by_hand, revoke_again_after_a_restore])
def test_a_face_goes_with_the_card_that_opened_it(desk, camera, revoke):
    held = enrol_with_card(desk, camera)
    wes = enrol_with_card(desk, camera, "Wes", "impostor_1.jpg")
    revoke(desk, held)
    assert [row.pk for row in Template.objects.all()] == [wes.template.pk]
    assert not key_exists(held.template.key_id)
    entry = Entry.objects.get(event="face.erased")
    assert b'"cause":"card.revoked"' in bytes(entry.hashed)
    assert entry.subject == desk.person("Ada").id
    desk.cards["Ada"] = issue_card(desk.person("Ada"))
    again = enrol_with_card(desk, camera)
    assert (again.template.issue, again.template.card_id == held.template.card_id) == (2, False)
    assert Card.objects.exclude(revoked_at=None).get().pk == held.template.card_id
