"""Who leaves: the face is erased at once, cards end, money and the person stay."""

from uuid import uuid4

from willing.audit.models import Entry
from willing.audit.verify_database import verify_log
from willing.biometrics.erasure import erase_unpermitted_faces
from willing.biometrics.models import GalleryState, Template
from willing.consent.models import Decision
from willing.credentials.cards import find_card_owner, issue_card
from willing.credentials.leavers import record_leavers
from willing.keys.actions import create_person_key, key_exists
from willing.ledger.queries import available_minor
from willing.people.guardians import add_guardian


def give_face(person):
    """Give a person a template as enrolment writes it, without the engine."""
    key_id, _ = create_person_key(person.id)
    own = Decision.objects.get(person=person, guardian=None, answer="yes")
    return Template.objects.create(
        person=person,
        purpose="canteen",
        sealed=b"x",
        key_id=key_id,
        model_id="m",
        references=3,
        own_decision=own,
    )


def test_who_leaves_loses_face_and_cards_at_once_and_keeps_the_money(cast):
    ada, carl = cast.person("Ada"), cast.person("Carl")
    issue_card(ada, key=uuid4())
    face = give_face(ada)
    left = record_leavers([ada.id, carl.id])
    assert (left.persons, left.cards, left.faces) == (2, 3, 1)
    assert not key_exists(face.key_id)
    assert not Template.objects.exists()
    assert GalleryState.objects.get().generation == 1
    assert find_card_owner(cast.school, cast.cards["Ada"]) is None
    assert available_minor(cast.person("Ada")) == 2000
    assert Entry.objects.get(event="face.erased").subject == ada.id
    assert verify_log().ok


def test_leaving_twice_is_leaving_once(cast):
    ada = cast.person("Ada")
    record_leavers([ada.id])
    before = Entry.objects.count()
    left = record_leavers([ada.id])
    assert (left.persons, left.cards, left.faces) == (0, 0, 0)
    assert Entry.objects.count() == before


def test_only_faces_without_a_permission_are_erased_after_guardians_change(cast):
    ada = cast.person("Ada")
    give_face(ada)
    assert erase_unpermitted_faces([ada.id], cause="roster") == 0
    add_guardian(ada, "Gil")  # not told yet, so the permission is suspended
    assert erase_unpermitted_faces([ada.id], cause="roster") == 1
    assert not Template.objects.exists()
