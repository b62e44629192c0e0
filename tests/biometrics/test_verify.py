"""Card, code or PIN plus face (1:1): what it confirms, what it never stops, and where it is the rule."""

import dataclasses
import json

import pytest
from django.db import IntegrityError, transaction
from tests.support.camera import look

from willing.audit.models import Entry
from willing.biometrics import school_policy
from willing.biometrics.capture import add_capture_frame, finish_capture, start_capture
from willing.biometrics.consent_changes import record_consent
from willing.biometrics.erasure import erase_faces
from willing.biometrics.gallery import held_persons, live_gallery
from willing.biometrics.laws import change_law
from willing.biometrics.lookalikes import lookalike_pairs
from willing.biometrics.models import FacePolicy, FaceSession, Template
from willing.biometrics.queries import filing_of, mode_of
from willing.biometrics.rules import Filing, decide_filing
from willing.biometrics.suspension import resume_face, suspend_face
from willing.consent.profiles import NAMES, require_profile
from willing.core.errors import Refused
from willing.people.models import School
from willing.till.baskets import add_product, show_basket
from willing.till.face_identification import face_offer, open_face_session, submit_frame, was_not_confirmed
from willing.till.identification import identify_by_card, identify_by_pin
from willing.till.payment import confirm_basket
from willing.till.rules import FaceOffer

pytestmark = pytest.mark.face


def shown(cast, name="Ada", way="card"):
    """Put a meal into the basket and say who pays, by card or PIN."""
    basket = show_basket(cast.till) or add_product(cast.till, cast.meal)
    if way == "card":
        return identify_by_card(cast.till, basket.id, cast.cards[name])
    return identify_by_pin(cast.till, basket.id, cast.person(name).till_number, cast.pins[name])


def only_verify(cast):
    school_policy.decide_mode(cast.school, "verify", reason="As the law starts", by=cast.user("dpo"))


@pytest.mark.parametrize("way", ["card", "pin"])
def test_a_face_confirms_whom_a_card_or_pin_named(cast, enrol, camera, way):
    enrol("Ada", "person_a_2.jpg")
    only_verify(cast)
    assert face_offer(shown(cast, way=way)) is FaceOffer.CONFIRM
    basket, session = look(cast, camera("person_a_1.jpg"))
    assert (session.state, session.mode, session.claimed) == ("matched", "verify", None)
    assert (basket.state, basket.way, basket.claim) == ("identified", "face", way)
    assert confirm_basket(cast.till, basket.id).way == "face"


def test_a_failed_look_names_nobody_and_the_card_pays_as_without_a_face(cast, enrol, camera):
    enrol("Ada", "person_a_2.jpg")
    shown(cast)
    basket, session = look(cast, camera("impostor_1.jpg"))
    assert (session.state, session.person, session.claimed) == ("unknown", None, None)
    assert (basket.state, basket.way, basket.claim) == ("identified", "card", "")
    assert was_not_confirmed(basket)  # so the cashier sees name and year, and looks
    entry = Entry.objects.get(event="face.session_closed")
    assert (entry.subject, entry.personal_json) == (session.id, "{}")
    assert confirm_basket(cast.till, basket.id).way == "card"


def test_another_persons_face_does_not_confirm_a_card(cast, enrol, camera):
    enrol("Ada", "person_a_2.jpg")
    record_consent(cast.says("Wes", "yes", guardian="Gwen"))
    enrol("Wes", "person_b_1.jpg")
    shown(cast, "Ada")
    basket, session = look(cast, camera("person_b_2.jpg"))  # Wes, enrolled too, with Ada's card
    assert session.state == "unknown"
    assert (basket.person, basket.way) == (cast.person("Ada"), "card")


def test_a_missing_or_open_look_never_stands_in_the_way_of_a_card(cast, enrol):
    enrol("Ada", "person_a_2.jpg")
    basket = shown(cast)
    session = open_face_session(cast.till, basket.id, key="1")
    assert confirm_basket(cast.till, basket.id).way == "card"
    session.refresh_from_db()
    assert (session.state, session.claimed) == ("stopped", None)


def test_twins_get_card_and_face_only(cast, enrol, camera):
    enrol("Ada", "person_a_2.jpg")
    record_consent(cast.says("Wes", "yes", guardian="Gwen"))
    enrol("Wes", "person_a_2.jpg")
    (pair,) = lookalike_pairs(cast.school)
    assert pair.likeness == "duplicate"  # the same face under two names: the office is told
    add_product(cast.till, cast.meal)
    basket, session = look(cast, camera("person_a_2.jpg"))
    assert (session.state, basket.person) == ("unknown", None)
    shown(cast, "Wes")
    basket, session = look(cast, camera("person_a_2.jpg"), key="2")
    assert (session.state, basket.person, basket.claim) == ("matched", cast.person("Wes"), "card")
    erase_faces(cast.person("Ada"), cause="test")
    assert not lookalike_pairs(cast.school).exists()


def test_a_third_lookalike_is_found_though_the_first_two_left_the_search(cast, enrol):
    enrol("Ada", "person_a_2.jpg")
    for name, guardian in (("Wes", "Gwen"), ("Nia", "Gwen")):
        record_consent(cast.says(name, "yes", guardian=guardian))
    record_consent(cast.says("Nia", "yes"))
    enrol("Wes", "person_a_2.jpg")
    assert enrol("Nia", "person_a_2.jpg").mode == "verify"
    assert lookalike_pairs(cast.school).count() == 3


@pytest.mark.parametrize("profile", NAMES)
def test_every_profile_starts_in_verify_mode(cast, profile):
    FacePolicy.objects.all().delete()
    School.objects.update(legal_profile=profile)
    assert mode_of(cast.school) == "verify"


@pytest.mark.parametrize("profile", ["eu", "strict"])
def test_under_eu_and_strict_not_even_a_decision_of_before_searches(cast, enrol, camera, profile):
    enrol("Ada", "person_a_2.jpg")
    assert live_gallery(cast.school, "canteen").held
    change_law(cast.school, profile)
    record_consent(cast.says("Ada", "yes"))
    record_consent(cast.says("Ada", "yes", guardian="Gus"))
    assert mode_of(cast.school) == "verify"
    assert live_gallery(cast.school, "canteen").held == {}
    with pytest.raises(Refused, match="claim_first"):
        look(cast, camera("person_a_1.jpg"))


def test_eu_identify_needs_a_recorded_decision(cast, enrol, camera):
    enrol("Ada", "person_a_2.jpg")
    School.objects.update(legal_profile="eu")
    FacePolicy.objects.all().delete()
    live_gallery(cast.school, "canteen")
    assert face_offer(add_product(cast.till, cast.meal)) is FaceOffer.AFTER_CLAIM
    with pytest.raises(Refused, match="claim_first"):
        look(cast, camera("person_a_1.jpg"))
    with pytest.raises(Refused, match="search_not_allowed"):
        school_policy.decide_mode(cast.school, "identify", reason="One press", by=cast.user("dpo"))
    for user, reason, refusal in (("office", "Faster", "not_the_dpo"), ("dpo", "  ", "reason_missing")):
        with pytest.raises(Refused, match=refusal):
            school_policy.decide_mode(cast.school, "identify", reason=reason, by=cast.user(user))
    School.objects.update(legal_profile="england_wales")
    with pytest.raises(Refused, match="claim_first"):
        look(cast, camera("person_a_1.jpg"))
    school_policy.decide_mode(cast.school, "identify", reason="Small gallery", by=cast.user("dpo"))
    basket, _ = look(cast, camera("person_a_1.jpg"))
    assert basket.person == cast.person("Ada")
    entry = Entry.objects.filter(event="face.mode_decided").last()
    assert json.loads(bytes(entry.hashed))["facts"] == {"mode": "identify", "by": cast.user("dpo").pk}


def test_a_school_that_only_verifies_searches_nobody_and_holds_nobody_in_memory(cast, enrol):
    enrol("Ada", "person_a_2.jpg")
    assert live_gallery(cast.school, "canteen").held
    only_verify(cast)
    live_gallery(cast.school, "canteen")
    assert held_persons(cast.school.id, "canteen") == []
    record_consent(cast.says("Wes", "yes", guardian="Gwen"))
    assert enrol("Wes", "person_a_2.jpg").mode == "identify"  # not even compared at enrolment
    school_policy.decide_mode(cast.school, "identify", reason="One press", by=cast.user("dpo"))
    assert set(Template.objects.values_list("mode", flat=True)) == {"verify"}  # found before a search began
    assert live_gallery(cast.school, "canteen").held == {}


def test_a_suspended_face_is_compared_with_nobody_until_it_is_resumed(cast, enrol, camera):
    enrol("Ada", "person_a_2.jpg")
    ada, office = cast.person("Ada"), cast.user("office")
    live_gallery(cast.school, "canteen")
    assert suspend_face(ada, reason="wrong_person", by=office) == 1
    assert suspend_face(ada, reason="asked", by=office) == 0
    live_gallery(cast.school, "canteen")
    assert held_persons(cast.school.id, "canteen") == []
    assert face_offer(shown(cast)) is FaceOffer.NONE
    with pytest.raises(Refused, match="face_not_usable"):
        look(cast, camera("person_a_1.jpg"))
    assert resume_face(ada, by=office) == 1
    assert resume_face(ada, by=office) == 0
    assert look(cast, camera("person_a_1.jpg"))[1].state == "matched"
    assert Entry.objects.filter(event__in=["face.suspended", "face.resumed"], subject=ada.id).count() == 2
    with pytest.raises(Refused, match="nothing_to_suspend"):
        suspend_face(cast.person("Carl"), reason="asked", by=office)


@pytest.mark.parametrize("end", ["suspend", "erase"])
def test_a_look_that_is_running_stops_with_the_template(cast, enrol, camera, end):
    enrol("Ada", "person_a_2.jpg")
    basket, shots = shown(cast), camera("person_a_1.jpg")
    session = open_face_session(cast.till, basket.id, key="1")
    assert submit_frame(cast.till, session.id, shots.frame()).state == "looking"
    if end == "suspend":
        suspend_face(cast.person("Ada"), reason="asked", by=None)
    else:
        record_consent(cast.says("Ada", "no"))
    assert submit_frame(cast.till, session.id, shots.frame()).state == "unknown"
    assert confirm_basket(cast.till, basket.id).way == "card"


def test_withdrawing_after_a_confirming_look_leaves_the_card(cast, enrol, camera):
    enrol("Ada", "person_a_2.jpg")
    shown(cast)
    basket, _ = look(cast, camera("person_a_1.jpg"))
    assert basket.claim == "card"
    record_consent(cast.says("Ada", "withdrawn", guardian="Gus"))
    sale = confirm_basket(cast.till, basket.id)
    assert sale.way == "card"


def test_the_database_keeps_a_session_from_claiming_or_naming_too_much(cast, enrol):
    enrol("Ada", "person_a_2.jpg")
    session = open_face_session(cast.till, shown(cast).id, key="1")
    rows = FaceSession.objects.filter(pk=session.pk)
    for wrong in (
        {"claimed": None},
        {"mode": "identify"},
        {"state": "unknown", "closed_at": session.expires_at},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


def test_china_filing_stops_at_100000():
    china = require_profile("china")
    assert (china.people_warn, china.people_stop) == (90_000, 100_000)
    assert (require_profile("strict").people_warn, require_profile("strict").people_stop) == (90_000, 100_000)
    steps = [
        (89_999, Filing.NOT_ASKED),
        (90_000, Filing.SOON),
        (99_999, Filing.SOON),
        (100_000, Filing.STOPPED),
    ]
    for people, expected in steps:
        assert decide_filing(people, china.people_warn, china.people_stop, is_filed=False) is expected
    assert decide_filing(100_000, china.people_warn, china.people_stop, is_filed=True) is Filing.FILED
    assert decide_filing(10**6, None, None, is_filed=False) is Filing.NOT_ASKED


def test_china_enrolment_is_refused_at_the_stop_until_the_filing_is_recorded(cast, enrol, monkeypatch):
    few = dataclasses.replace(require_profile("china"), people_warn=1, people_stop=1)
    monkeypatch.setattr("willing.biometrics.queries.require_profile", lambda _name: few)
    enrol("Ada", "person_a_2.jpg")
    assert filing_of(cast.school) is Filing.STOPPED
    record_consent(cast.says("Wes", "yes", guardian="Gwen"))
    with pytest.raises(Refused, match="filing_missing"):
        enrol("Wes", "person_b_1.jpg")
    assert Template.objects.count() == 1
    with pytest.raises(Refused, match="not_the_dpo"):
        school_policy.record_filing(cast.school, "CAC 2026-17", by=cast.user("office"))
    school_policy.record_filing(cast.school, "CAC 2026-17", by=cast.user("dpo"))
    enrol("Wes", "person_b_1.jpg")


def test_one_photograph_given_three_times_is_one_frame(cast, camera):
    user, shots = cast.user("office"), camera("person_a_2.jpg")
    capture = start_capture(cast.person("Ada"), "canteen", user=user)
    picture = shots.frame()
    states = [add_capture_frame(capture, picture, user=user) for _ in range(3)]
    assert [state.hint for state in states] == ["ok", "same_picture", "same_picture"]
    assert states[-1].good_frames == 1
    with pytest.raises(Refused, match="too_few_frames"):
        finish_capture(capture, user=user)
