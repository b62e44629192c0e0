"""A face that the school alone could open is sealed with its owner's card, when that is shown at the desk."""

import secrets

import pytest
from tests.support.card_faces import (
    Held,
    card_id_of,
    enrol_with_card,
    look_with_card,
    make_siblings,
    pair_as_kiosk,
    seal,
)

from willing.audit.models import Entry
from willing.biometrics import card_processes
from willing.biometrics.capture import begin_sealing, find_capture, finish_capture, start_capture
from willing.biometrics.card_sealing import SealedShare
from willing.biometrics.consent_changes import record_consent
from willing.biometrics.laws import change_law
from willing.biometrics.models import Template
from willing.biometrics.school_policy import decide_kinds
from willing.biometrics.template_ageing import due_for_reenrolment
from willing.core.errors import Refused
from willing.keys.actions import key_exists
from willing.people.models import School


@pytest.fixture(autouse=True)
def no_process_left():
    yield
    card_processes.close_all()


@pytest.fixture
def stored(cast, enrol):
    """Ada's face, which the school alone could open until it came under a stricter law."""
    pair_as_kiosk()
    template = enrol("Ada", "person_a_2.jpg")
    change_law(cast.school, "strict", by=cast.user("dpo").pk)
    for guardian in (None, "Gus"):
        record_consent(cast.says("Ada", "yes", guardian=guardian))
    return template


def seal_with_card(cast, siblings=()):
    user, share = cast.user("office"), secrets.token_bytes(16)
    capture = start_capture(cast.person("Ada"), "canteen", user=user)
    assert find_capture(capture, user=user).is_resealing
    key = begin_sealing(capture, user=user)
    others = [
        SealedShare(card_id_of(cast, one), seal(key.public, info, said))
        for (one, said), info in zip(siblings, key.siblings, strict=False)
    ]
    own = SealedShare(card_id_of(cast, "Ada"), seal(key.public, key.info, share))
    return Held(finish_capture(capture, user=user, card=own, siblings=others), share)


def test_it_is_used_again_without_a_picture_and_the_schools_own_key_is_destroyed(cast, stored, camera):
    [due] = due_for_reenrolment(School.objects.get())
    assert (due.person, due.reasons) == (cast.person("Ada"), ("card",))
    held = seal_with_card(cast)
    row = Template.objects.get()
    assert (row.holder, row.mode, row.issue, row.suspended_at) == ("card", "verify", 2, None)
    assert (row.enrolled_at, row.references) == (stored.enrolled_at, stored.references)
    assert not key_exists(stored.key_id)
    assert due_for_reenrolment(School.objects.get()) == []
    assert look_with_card(cast, camera("person_a_1.jpg"), held.share).state == "matched"
    for event in ("face.resealed", "face.erased"):
        assert Entry.objects.get(event=event).subject == cast.person("Ada").id


def test_a_stranger_is_not_confirmed_by_it(cast, stored, camera):
    held = seal_with_card(cast)
    assert look_with_card(cast, camera("impostor_1.jpg"), held.share).state == "unknown"


def test_without_the_card_it_stays_as_it_is(cast, stored):
    capture = start_capture(cast.person("Ada"), "canteen", user=cast.user("office"))
    with pytest.raises(Refused, match="card_needed"):
        finish_capture(capture, user=cast.user("office"))
    assert Template.objects.get().pk == stored.pk
    assert key_exists(stored.key_id)


def test_what_is_suspended_for_another_reason_is_not_sealed_anew(cast, stored):
    Template.objects.update(suspended_for="wrong_person")
    with pytest.raises(Refused, match="already_enrolled"):
        start_capture(cast.person("Ada"), "canteen", user=cast.user("office"))


def test_what_changed_while_the_card_was_read_is_refused(cast, stored):
    user = cast.user("office")
    capture = start_capture(cast.person("Ada"), "canteen", user=user)
    key = begin_sealing(capture, user=user)
    own = SealedShare(card_id_of(cast, "Ada"), seal(key.public, key.info, bytes(16)))
    Template.objects.update(suspended_for="wrong_person")
    with pytest.raises(Refused, match="face_not_usable"):
        finish_capture(capture, user=user, card=own)
    assert key_exists(Template.objects.get().key_id)


def test_a_sibling_is_compared_there_too(cast, enrol, camera):
    pair_as_kiosk()
    decide_kinds(cast.school, "both", by=cast.user("dpo"))
    enrol("Ada", "person_a_2.jpg")
    make_siblings(cast)
    wes = enrol_with_card(cast, camera, "Wes", "person_a_1.jpg")
    with pytest.raises(Refused, match="sibling_needed"):
        seal_with_card(cast)
    with pytest.raises(Refused, match="looks_alike"):
        seal_with_card(cast, [("Wes", wes.share)])
    assert set(Template.objects.values_list("holder", "suspended_for")) == {
        ("central", "alike"),
        ("card", "alike"),
    }
