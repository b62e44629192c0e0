"""A clock that ran ahead and was put right: what goes on selling, what waits, and how it ends."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from django.test import Client
from tests.support.camera import camera, enrol  # noqa: F401  (fixtures)
from tests.support.signing import sign_in
from tests.support.till import pay

from willing.audit.actions import record_clock_behind
from willing.audit.clock_state import believed, clock_state
from willing.audit.models import Entry, Head
from willing.audit.verify_database import verify_log
from willing.biometrics.consent_changes import record_consent
from willing.biometrics.models import Template
from willing.cli import main
from willing.consent.queries import permission
from willing.core import clock
from willing.core.errors import Refused
from willing.credentials.cards import revoke_cards
from willing.ledger.queries import verify_ledger
from willing.ops.clock import accept_clock
from willing.ops.health import conditions
from willing.privacy.retention_job import purge_everything
from willing.till.baskets import add_product, cancel_basket
from willing.till.face_identification import face_offer, open_face_session, submit_frame
from willing.till.models import Basket, Sale
from willing.till.rules import FaceOffer

IN_2031 = datetime(2031, 3, 3, 12, tzinfo=UTC)


@contextmanager
def ahead():
    """Let the clock run ahead, to the year 2031."""
    start = datetime.now(UTC)
    with clock.running(lambda: IN_2031 + (datetime.now(UTC) - start)):
        yield


def set_back(**change):
    return clock.running(lambda: datetime.now(UTC) - timedelta(**change))


def events():
    return list(
        Entry.objects.filter(event__startswith="clock.").order_by("sequence").values_list("event", flat=True)
    )


def clock_condition(cast):
    return next(one for one in conditions(cast.school) if one.code == "clock")


@pytest.fixture
def wrong(cast):
    """A school whose clock ran ahead to 2031 while somebody paid, and was put right."""
    with ahead():
        pay(cast, "Carl")
    return cast


@pytest.mark.face
def test_after_a_jump_to_2031_and_back_a_no_ends_the_face_at_once_and_the_card_sells(cast, enrol, camera):  # noqa: F811
    enrol("Ada", "person_a_2.jpg")
    with ahead():
        pay(cast, "Carl")
    basket = add_product(cast.till, cast.meal)
    assert face_offer(basket) is FaceOffer.NONE
    with pytest.raises(Refused, match="clock_behind"):
        open_face_session(cast.till, basket.id, key="1")
    ended = record_consent(cast.says("Ada", "no", guardian="Gus"))
    assert ended.erasure.keys_destroyed == 1
    assert not permission(cast.person("Ada"), "canteen").granted
    assert not Template.objects.exists()
    assert pay(cast, "Ada").way == "card"
    assert pay(cast, "Nia", way="pin").way == "pin"
    accept_clock(cast.school, reason="The battery of the clock was empty", by=cast.user("administrator"))
    assert not permission(cast.person("Ada"), "canteen").granted
    receipts = Sale.objects.order_by("receipt_number").values_list("receipt_number", flat=True)
    assert list(receipts) == [1, 2, 3]
    assert verify_log().ok
    assert verify_ledger().ok


@pytest.mark.face
def test_a_running_camera_and_a_new_enrolment_are_refused_by_name(cast, enrol, camera):  # noqa: F811
    enrol("Ada", "person_a_2.jpg")
    basket, shots = add_product(cast.till, cast.meal), camera("person_a_1.jpg")
    session = open_face_session(cast.till, basket.id, key="1")
    record_consent(cast.says("Wes", "yes", guardian="Gwen"))
    with set_back(minutes=2):
        with pytest.raises(Refused, match="session_closed"):
            submit_frame(cast.till, session.id, shots.frame())
        with pytest.raises(Refused, match="clock_behind"):
            enrol("Wes", "person_b_1.jpg")
    with pytest.raises(Refused, match="session_closed"):
        submit_frame(cast.till, session.id, shots.frame())


def test_a_clock_set_back_by_less_than_a_minute_troubles_nobody(cast):
    with set_back(seconds=50):
        pay(cast, "Ada")
        assert not clock_state().is_behind
        assert clock_condition(cast).is_ok
    assert events() == []


def test_it_is_written_down_once_when_first_noticed_and_shown(wrong):
    assert events() == []
    assert not clock_condition(wrong).is_ok
    assert "2031-03-03" in clock_condition(wrong).detail
    pay(wrong, "Ada")
    pay(wrong, "Ada", way="pin")
    assert events() == ["clock.fault_detected"]
    found = json.loads(bytes(Entry.objects.get(event="clock.fault_detected").hashed))
    assert found["facts"]["seconds"] > 3600 * 24 * 365


def test_it_ends_by_itself_when_the_clock_has_passed_the_newest_entry(cast):
    with set_back(hours=2):
        pay(cast, "Ada")
        assert clock_state().is_behind
    with set_back(seconds=-60):
        assert not clock_state().is_behind
        pay(cast, "Ada")
    assert events() == ["clock.fault_detected", "clock.recovered"]


def test_a_clock_that_crept_to_within_a_minute_is_still_behind_until_it_has_passed(cast):
    newest = Entry.objects.order_by("-sequence")[0].at
    with clock.running(lambda: newest - timedelta(hours=2)):
        record_clock_behind()
    with clock.running(lambda: newest - timedelta(seconds=30)):
        assert clock_state().is_behind
    with clock.running(lambda: newest):
        assert not clock_state().is_behind


def test_noting_a_right_clock_writes_nothing(cast):
    before = Entry.objects.count()
    record_clock_behind()
    assert Entry.objects.count() == before


def test_the_operators_word_ends_it_and_a_later_jump_is_found_again(wrong):
    operator = wrong.user("administrator")
    accept_clock(wrong.school, reason="Set by hand to the wrong year", by=operator)
    assert events() == ["clock.fault_detected", "clock.accepted"]
    said = Entry.objects.get(event="clock.accepted")
    assert said.subject == wrong.school.id
    assert json.loads(bytes(said.hashed))["facts"]["by"] == operator.pk
    assert "wrong year" not in bytes(said.hashed).decode()
    assert not clock_state().is_behind
    assert clock_condition(wrong).is_ok
    with set_back(minutes=5):
        assert clock_state().is_behind
    assert verify_log().ok


@pytest.mark.parametrize(
    ("user", "reason", "code"),
    [
        ("office", "It is", "not_the_administrator"),
        ("dpo", "It is", "not_the_administrator"),
        ("administrator", "  ", "reason_missing"),
    ],
)
def test_only_the_operator_vouches_for_the_clock_and_says_why(wrong, user, reason, code):
    with pytest.raises(Refused, match=code):
        accept_clock(wrong.school, reason=reason, by=wrong.user(user))
    assert clock_state().is_behind


def test_a_right_clock_needs_no_word(cast):
    with pytest.raises(Refused, match="clock_not_behind"):
        accept_clock(cast.school, reason="Just so", by=cast.user("administrator"))


def test_a_lost_end_of_the_log_forgets_neither_the_jump_nor_the_operators_word(wrong):
    head = Head.objects.values("newest_at", "found_behind_at")
    accept_clock(wrong.school, reason="It ran ahead", by=None)
    said = head.get()["newest_at"]
    assert said is not None
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE audit_head DISABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER audit_head_no_delete")
        cursor.execute("DELETE FROM audit_head")
    pay(wrong, "Ada")
    newest_at = head.get()["newest_at"]
    assert newest_at is not None
    assert newest_at > said
    assert newest_at.year < 2031
    assert "clock.fault_detected" not in events()[1:]


def test_the_nightly_deletion_waits_and_the_money_does_not(wrong):
    with pytest.raises(Refused, match="clock_behind"):
        purge_everything(wrong.school)
    pay(wrong, "Ada")
    assert Sale.objects.count() == 2
    assert events() == ["clock.fault_detected"]
    assert not Entry.objects.filter(
        event__in=["retention.completed", "retention.batch_deleted", "face.retention_completed"]
    ).exists()
    accept_clock(wrong.school, reason="It ran ahead", by=None)
    purge_everything(wrong.school)
    assert Entry.objects.filter(event="retention.completed").count() == 1


def test_the_face_lock_says_the_clock_is_why(wrong):
    pay(wrong, "Ada")
    from willing.dpia.queries import lock_of

    assert lock_of(wrong.school).reasons == ("clock_behind",)


def test_what_was_recorded_in_a_wrong_year_does_not_stay_until_that_year(cast):
    with ahead():
        cancel_basket(cast.till, add_product(cast.till, cast.meal).id)
        revoke_cards(cast.person("Bo"))
    accept_clock(cast.school, reason="It ran ahead", by=None)
    purge_everything(cast.school)
    assert Basket.objects.count() == 1
    later = clock.now() + timedelta(days=400)
    with clock.running(lambda: later):
        purge_everything(cast.school)
    assert Basket.objects.count() == 0
    assert not cast.person("Bo").cards.exists()


def test_a_time_that_lies_ahead_is_believed_to_be_that_of_the_operators_word(wrong):
    assert abs(believed(IN_2031) - clock.now()) < timedelta(minutes=1)
    accept_clock(wrong.school, reason="It ran ahead", by=None)
    said = Entry.objects.get(event="clock.accepted").at
    then = clock.now() + timedelta(days=9)
    with clock.running(lambda: then):
        assert believed(IN_2031) == said
        assert believed(said) == said


def test_the_command_says_how_the_clock_stands_and_takes_the_operators_word(wrong):
    run = CliRunner().invoke
    found = run(main, ["clock"])
    assert found.exit_code == 1
    assert "2031-03-03" in found.output
    assert run(main, ["clock", "accept"]).exit_code == 2
    assert run(main, ["clock", "accept", "--reason", "It ran ahead"]).exit_code == 0
    assert run(main, ["clock"]).exit_code == 0
    refused = run(main, ["clock", "accept", "--reason", "Again"])
    assert refused.exit_code == 1
    assert "not behind" in refused.output


def test_health_shows_it_to_staff_and_the_button_to_the_operator_only(wrong):
    office, operator = Client(), Client()
    sign_in(office, wrong.user("office"))
    sign_in(operator, wrong.user("administrator"))
    seen = office.get("/staff/health/").content.decode()
    assert "The computer&#x27;s clock is wrong." in seen
    assert "/staff/health/clock/" not in seen
    assert office.post("/staff/health/clock/", {"reason": "It ran ahead"}).status_code == 403
    assert "/staff/health/clock/" in operator.get("/staff/health/").content.decode()
    assert operator.post("/staff/health/clock/", {"reason": ""}).status_code == 422
    assert operator.post("/staff/health/clock/", {"reason": "It ran ahead"}).status_code == 302
    assert operator.post("/staff/health/clock/", {"reason": "Again"}).status_code == 409
    assert "/staff/health/clock/" not in operator.get("/staff/health/").content.decode()
