"""Faces stay locked until families were asked and the assessment is signed and in date."""

import subprocess
import sys
import textwrap
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from tests.support.unlock import prepare

from willing.audit.models import Entry
from willing.biometrics.capture import start_capture
from willing.biometrics.face_sessions import lock_faces
from willing.biometrics.models import FaceSession
from willing.core import clock
from willing.core.errors import Refused
from willing.core.ids import new_id
from willing.credentials.queries import ways_here
from willing.dpia import actions
from willing.dpia.actions import Consultation, NewIncident, NewRisk
from willing.dpia.models import (
    AssessmentReading,
    FamilyConsultation,
    Incident,
    ManualLock,
    RiskReview,
    SignedAssessment,
)
from willing.dpia.queries import latest_assessment, lock_of, open_risks, require_risk
from willing.dpia.rules import REASONS, REVIEW_DAYS_MAX, LockSituation, decide_lock
from willing.people.models import School
from willing.people.queries import today
from willing.people.school import create_school
from willing.till.baskets import add_product
from willing.till.face_identification import open_face_session, submit_frame
from willing.till.identification import identify_by_card
from willing.till.payment import confirm_basket

TODAY = date(2026, 9, 1)
IN_A_YEAR = TODAY + timedelta(days=365)


@pytest.mark.parametrize(
    ("situation", "reasons"),
    [
        (LockSituation(TODAY, IN_A_YEAR, families_asked=True, locked_by_hand=False), ()),
        (LockSituation(TODAY, None, families_asked=True, locked_by_hand=False), ("not_signed",)),
        (LockSituation(TODAY, TODAY, families_asked=True, locked_by_hand=False), ("review_due",)),
        (LockSituation(TODAY, date(2032, 8, 1), families_asked=True, locked_by_hand=False), ("review_due",)),
        (
            LockSituation(TODAY, IN_A_YEAR, families_asked=True, locked_by_hand=False, clock_behind=True),
            ("clock_behind",),
        ),
        (
            LockSituation(TODAY, IN_A_YEAR, families_asked=False, locked_by_hand=False),
            ("families_not_asked",),
        ),
        (LockSituation(TODAY, IN_A_YEAR, families_asked=True, locked_by_hand=True), ("locked_by_hand",)),
        (
            LockSituation(TODAY, None, families_asked=False, locked_by_hand=True),
            ("locked_by_hand", "families_not_asked", "not_signed"),
        ),
    ],
    ids=[
        "open",
        "not signed",
        "on the review date",
        "signed while the clock ran ahead",
        "clock behind",
        "not asked",
        "by hand",
        "everything",
    ],
)
def test_the_lock_says_every_reason(situation, reasons):
    assert decide_lock(situation).reasons == reasons


@given(st.none() | st.dates(), st.dates(), st.booleans(), st.booleans())
def test_faces_are_unlocked_exactly_where_all_four_conditions_hold(review_on, day, asked, by_hand):
    lock = decide_lock(LockSituation(day, review_on, asked, by_hand))
    in_date = review_on is not None and 0 < (review_on - day).days <= REVIEW_DAYS_MAX + 1
    assert lock.is_unlocked == (asked and not by_hand and in_date)
    assert set(lock.reasons) <= set(REASONS)


@pytest.fixture
def other_school(db):
    """A school where nothing was asked and nothing signed yet."""
    return create_school("Second School")


def refused(code):
    return pytest.raises(Refused, match=f"^{code}$")


@pytest.mark.steady_clock
def test_gdpr_35_faces_stay_locked_until_the_dpia_is_signed_and_in_date(cast, other_school):
    dpo = cast.user("dpo")
    dpo.roles.create(school=other_school, kind="dpo")
    assert lock_of(other_school).reasons == ("families_not_asked", "not_signed")
    day = today(other_school)
    prepare(other_school, {}, dpo)
    actions.sign_assessment(other_school, {}, review_on=day + timedelta(days=30), by=dpo)
    assert lock_of(other_school).reasons == ("families_not_asked",)
    actions.record_consultation(other_school, Consultation(day, "Evening", 40, "Fine"), by=dpo)
    assert lock_of(other_school).is_unlocked
    then = clock.now() + timedelta(days=30)
    with clock.running(lambda: then):
        assert lock_of(other_school).reasons == ("review_due",)


def test_ico_chelmer_valley_2024_how_families_were_asked_is_on_record(cast):
    row = FamilyConsultation.objects.get()
    assert (row.families_reached, row.how) == (120, "Letter and evening")
    entry = Entry.objects.get(event="assessment.families_consulted")
    assert b"Letter" not in bytes(entry.hashed)


@pytest.mark.parametrize(
    "asked",
    [
        Consultation(date(2020, 1, 1), "Letter", 0, "Nothing"),
        Consultation(date(2020, 1, 1), " ", 5, "Fine"),
        Consultation(date(2020, 1, 1), "Letter", 5, ""),
        Consultation(date(2999, 1, 1), "Letter", 5, "Fine"),
    ],
    ids=["nobody reached", "no way", "no word", "tomorrow"],
)
def test_families_that_were_not_asked_are_not_recorded_as_asked(cast, asked):
    with refused("families_not_reached"):
        actions.record_consultation(cast.school, asked, by=cast.user("office"))


@pytest.mark.parametrize("user", ["office", "administrator", "cashier", "outsider"])
def test_only_the_dpo_signs_and_turns_the_lock(cast, user):
    by, day = cast.user(user), today(cast.school)
    with refused("not_the_dpo"):
        actions.sign_assessment(cast.school, {}, review_on=day + timedelta(days=9), by=by)
    with refused("not_the_dpo"):
        actions.set_manual_lock(cast.school, is_locked=False, reason="I want to", by=by)
    with refused("not_the_dpo"):
        actions.record_risk(cast.school, NewRisk("A", "low", "low", "B"), by=by)


@pytest.mark.parametrize("days", [-1, 0, REVIEW_DAYS_MAX + 1])
def test_a_review_lies_ahead_and_within_a_year(cast, days):
    with refused("review_date_not_valid"):
        actions.sign_assessment(
            cast.school, {}, review_on=today(cast.school) + timedelta(days=days), by=cast.user("dpo")
        )


def test_china_pipl_56_what_was_signed_asked_and_locked_is_kept_for_good(cast):
    actions.set_manual_lock(cast.school, is_locked=True, reason="Broken camera", by=cast.user("dpo"))
    actions.record_incident(cast.school, NewIncident(date(2026, 1, 1), "Lost", "Found"), by=cast.user("dpo"))
    signed = (SignedAssessment, FamilyConsultation, RiskReview, AssessmentReading)
    for model in (*signed, ManualLock, Incident):
        for deed in (lambda rows: rows.update(school_id=new_id()), lambda rows: rows.delete()):
            with pytest.raises(IntegrityError), transaction.atomic():
                deed(model.objects.all())


def test_the_next_signature_is_the_next_version_and_binds_its_content(cast):
    prepare(cast.school, {"b": 1, "a": "ü"}, cast.user("dpo"))
    signed = actions.sign_assessment(
        cast.school, {"b": 1, "a": "ü"}, review_on=today(cast.school) + timedelta(days=9), by=cast.user("dpo")
    )
    assert (signed.version, signed.content) == (2, '{"a":"ü","b":1}')
    assert latest_assessment(cast.school) == signed
    entry = Entry.objects.filter(event="assessment.signed").latest("sequence")
    assert signed.sha256 in bytes(entry.hashed).decode()


@pytest.mark.steady_clock
def test_locking_and_unlocking_are_in_the_log_once_each(cast):
    dpo = cast.user("dpo")
    for is_locked in (True, True, False, False):
        actions.set_manual_lock(cast.school, is_locked=is_locked, reason="Trying", by=dpo)
    events = Entry.objects.filter(event__regex=r"^(assessment|face_lock)\.").values_list("event", flat=True)
    assert list(events) == [
        "assessment.families_consulted",
        "assessment.reading_confirmed",
        "assessment.signed",
        "face_lock.released",
        "face_lock.manual_set",
        "face_lock.engaged",
        "face_lock.manual_removed",
        "face_lock.released",
    ]
    with refused("reason_missing"):
        actions.set_manual_lock(cast.school, is_locked=True, reason="  ", by=dpo)


def test_risks_are_kept_current_and_closed(cast):
    dpo = cast.user("dpo")
    risk = actions.record_risk(cast.school, NewRisk("Twins", "low", "high", "Card and face"), by=dpo)
    actions.record_risk(cast.school, NewRisk("Twins", "medium", "high", "Card only"), by=dpo, risk=risk)
    held = {one.what: (one.likelihood, one.mitigation) for one in open_risks(cast.school)}
    assert held["Twins"] == ("medium", "Card only")
    with refused("text_missing"):
        actions.record_risk(cast.school, NewRisk("", "low", "low", ""), by=dpo)
    with refused("text_missing"):
        actions.record_incident(cast.school, NewIncident(date(2020, 1, 1), "x", ""), by=dpo)
    actions.close_risk(require_risk(cast.school, risk.id), by=dpo)
    assert risk not in open_risks(cast.school)
    with refused("unknown_risk"):
        require_risk(cast.school, new_id())


@pytest.mark.face
def test_a_locked_school_offers_no_face_and_starts_neither_capture_nor_session(cast):
    assert "face" in ways_here(cast.till)
    lock_faces(cast.school, reason="A parent complained", by=cast.user("dpo"))
    assert ways_here(cast.till) == ["card", "pin", "staff"]
    with refused("face_locked"):
        start_capture(cast.person("Ada"), "canteen", user=cast.user("office"))
    basket = add_product(cast.till, cast.meal)
    with refused("face_locked"):
        open_face_session(cast.till, basket.id, key="1")
    identify_by_card(cast.till, basket.id, cast.cards["Ada"])
    assert confirm_basket(cast.till, basket.id).total_minor == 250


@pytest.mark.steady_clock
def test_nobody_signs_without_a_risk_that_was_considered_since_the_last_review(cast):
    dpo, school = cast.user("dpo"), cast.school
    for risk in open_risks(school):
        actions.close_risk(risk, by=dpo)
    with refused("risks_not_considered"):
        actions.review_risks(school, by=dpo)
    actions.record_reading(school, {}, by=dpo)
    review_on = today(school) + timedelta(days=9)
    with refused("risks_not_considered"):
        actions.sign_assessment(school, {}, review_on=review_on, by=dpo)
    actions.record_risk(school, NewRisk("Twins", "low", "high", "Card and face"), by=dpo)
    actions.sign_assessment(school, {}, review_on=review_on, by=dpo)
    later = clock.now() + timedelta(days=8)
    with clock.running(lambda: later):
        review_on = today(school) + timedelta(days=300)
        with refused("risks_not_considered"):
            actions.sign_assessment(school, {}, review_on=review_on, by=dpo)
        assert actions.review_risks(school, by=dpo).risks == 1
        actions.record_reading(school, {}, by=dpo)
        actions.sign_assessment(school, {}, review_on=review_on, by=dpo)


def test_nobody_signs_a_text_that_only_a_colleague_has_read(cast):
    dpo, school = cast.user("dpo"), cast.school
    other = cast.user("administrator")
    other.roles.create(school=school, kind="dpo")
    read = actions.record_reading(school, {"a": 1}, by=other)
    assert actions.record_reading(school, {"a": 1}, by=other) == read
    review_on = today(school) + timedelta(days=9)
    for content in ({"a": 1}, {"a": 2}):
        with refused("assessment_not_read"):
            actions.sign_assessment(school, content, review_on=review_on, by=dpo)
    with refused("not_the_dpo"):
        actions.record_reading(school, {"a": 1}, by=cast.user("office"))
    assert actions.sign_assessment(school, {"a": 1}, review_on=review_on, by=other).version == 2


@pytest.fixture
def face_alone(cast):
    """A school whose legal profile lets a face alone say who it is."""
    School.objects.update(legal_profile="england_wales")
    return cast


@pytest.mark.face
def test_locking_closes_an_open_camera_at_once(face_alone):
    cast = face_alone
    basket = add_product(cast.till, cast.meal)
    session = open_face_session(cast.till, basket.id, key="1")
    lock_faces(cast.school, reason="Stop", by=cast.user("dpo"))
    session.refresh_from_db()
    assert session.state == "stopped"


@pytest.mark.face
def test_a_lock_in_another_process_refuses_the_next_frame_and_closes_the_camera(face_alone, db):
    cast = face_alone
    basket = add_product(cast.till, cast.meal)
    session = open_face_session(cast.till, basket.id, key="1")
    # Somebody else's process turns the lock without knowing of any camera.
    code = textwrap.dedent("""
        import sys; from tests.support.elsewhere import open_school; school, dpo = open_school(sys.argv[1])
        from willing.dpia.actions import set_manual_lock
        set_manual_lock(school, is_locked=True, reason="Elsewhere", by=dpo)
    """)
    if connection.vendor == "sqlite":
        subprocess.run([sys.executable, "-c", code, str(db)], check=True)
    else:
        actions.set_manual_lock(cast.school, is_locked=True, reason="Here", by=cast.user("dpo"))
    with refused("face_locked"):
        submit_frame(cast.till, session.id, b"no picture is even decoded")
    assert FaceSession.objects.get().state == "stopped"


@pytest.mark.face
def test_a_review_date_that_passes_locks_by_itself(cast):
    assert "face" in ways_here(cast.till)
    later = clock.now() + timedelta(days=REVIEW_DAYS_MAX + 1)
    with clock.running(lambda: later):
        assert "face" not in ways_here(cast.till)
