"""The retention job deletes what the table says, continues after a crash, and reports when it did not run."""

import json
import subprocess
import sys
import textwrap
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from willing import cli
from willing.accounts.models import Invitation
from willing.accounts.rules import INVITATION_DAYS
from willing.accounts.sign_ins import invite_guardian
from willing.audit.models import Entry
from willing.audit.verify_database import verify_log
from willing.biometrics.models import FaceSession
from willing.config import opening
from willing.core import clock
from willing.core.ids import new_id
from willing.credentials.cards import revoke_cards
from willing.credentials.leavers import record_leavers
from willing.credentials.models import Card, FailedAttempt, Pin
from willing.ledger.queries import verify_ledger
from willing.ops import doctor
from willing.people import queries
from willing.people.guardians import unlink_guardians
from willing.people.models import Guardian, GuardianLink, Person, School
from willing.privacy.retention_job import OVERDUE_HOURS, retention_state, run_retention
from willing.till.baskets import add_product, cancel_basket
from willing.till.identification import identify_by_card
from willing.till.models import Basket
from willing.till.payment import confirm_basket


@pytest.fixture
def later():
    """Return a function that lets a block run some days from now."""

    def run(days):
        then = clock.now() + timedelta(days=days)
        return clock.running(lambda: then)

    return run


def session_of(cast, person=None):
    at = clock.now()
    state = "matched" if person else "unknown"
    return FaceSession.objects.create(
        id=new_id(),
        school=cast.school,
        purpose="canteen",
        terminal=cast.till,
        occasion_id=new_id(),
        number=1,
        state=state,
        person=person,
        opened_at=at,
        expires_at=at,
        closed_at=at,
    )


def test_gdpr_5_each_kind_ends_after_its_own_time_and_not_before(cast, later):
    School.objects.update(legal_profile="strict")
    session_of(cast, cast.person("Ada"))
    revoke_cards(cast.person("Carl"))
    cancel_basket(cast.till, add_product(cast.till, cast.meal).id)
    FailedAttempt.objects.create(terminal=cast.till, way="card", code="code_unknown", at=clock.now())
    SessionStore().create()
    counts = {"baskets": 1, "cards": 1, "failed_attempts": 1}
    with later(29):
        assert not any(value for key, value in run_retention().ended.items() if key != "sessions")
    with later(31):
        ended = run_retention().ended
        assert {key: ended[key] for key in counts} == counts
        assert not Basket.objects.exists()
        assert not FailedAttempt.objects.exists()
        assert Card.objects.filter(person=cast.person("Carl")).count() == 0
        assert not Session.objects.exists()
    with later(119):
        assert run_retention().ended["face_sessions"] == 0
    with later(121):
        assert run_retention().ended["face_sessions"] == 1
        assert not FaceSession.objects.exists()


def test_a_basket_that_was_paid_is_part_of_the_books(cast, later):
    basket = add_product(cast.till, cast.meal)
    identify_by_card(cast.till, basket.id, cast.cards["Ada"])
    confirm_basket(cast.till, basket.id)
    with later(4000):
        run_retention()
    assert Basket.objects.get().id == basket.id
    assert verify_ledger().ok


def test_who_left_is_nameless_after_a_year_and_the_books_stay_whole(cast, later):
    ada, guardian = cast.person("Ada").id, cast.user("guardian")
    record_leavers([ada])
    with later(365):
        run_retention()
        assert Person.objects.get(pk=ada).given_name == "Ada"
    with later(367):
        ended = run_retention().ended
        assert (ended["persons"], ended["guardians"]) == (1, 1)
        assert not Pin.objects.filter(person_id=ada).exists()
        again = run_retention().ended
        assert (again["persons"], again["guardians"]) == (0, 0)
    person = Person.objects.get(pk=ada)
    assert (person.full_name, person.external_id, person.birth_date) == ("", "", None)
    assert not Entry.objects.filter(subject=ada, personal_json__contains="Agrees").exists()
    assert not Guardian.objects.filter(name="Gus").exists()
    assert Guardian.objects.filter(name="Gwen").exists()
    guardian.refresh_from_db()
    assert (guardian.is_active, guardian.username) == (False, f"ended-{guardian.pk}")
    assert not guardian.has_usable_password()
    assert verify_log().ok
    assert verify_ledger().ok


def test_a_guardian_who_is_no_longer_listed_is_nameless_after_a_year(cast, later):
    links = GuardianLink.objects.filter(guardian__name="Gwen")
    unlink_guardians([link.pk for link in links])
    with later(365):
        assert run_retention().ended["guardians"] == 0
    with later(367):
        assert run_retention().ended["guardians"] == 1
    assert list(Guardian.objects.exclude(name="").values_list("name", flat=True)) == ["Gus"]


def test_an_invitation_ends_a_month_after_it_expired(cast, later):
    invite_guardian(cast.guardian("Gwen"), by=None)
    had = Invitation.objects.count()
    with later(INVITATION_DAYS + 29):
        assert run_retention().ended["invitations"] == 0
    with later(INVITATION_DAYS + 31):
        assert run_retention().ended["invitations"] == had
    assert not Invitation.objects.exists()


def test_words_in_the_log_end_after_a_year_and_the_chain_stays_whole(cast, later):
    had = Entry.objects.exclude(personal_json="{}").count()
    assert had > 5
    with later(367):
        assert run_retention().ended["log_words"] == had
        assert run_retention().ended["log_words"] == 0
    assert verify_log().ok


def test_the_log_counts_what_each_night_ended(cast, later):
    with later(367):
        done = run_retention()
    batches = [
        json.loads(bytes(e.hashed))["facts"] for e in Entry.objects.filter(event="retention.batch_deleted")
    ]
    assert sum(one["count"] for one in batches) == sum(done.ended.values())
    facts = json.loads(bytes(Entry.objects.get(event="retention.completed").hashed))["facts"]
    assert facts["ended"] == done.ended


@pytest.mark.sqlite
def test_a_sweep_that_was_killed_goes_on_where_it_stopped(cast, db):
    tries = 60
    old = clock.now() - timedelta(days=40)
    FailedAttempt.objects.bulk_create(
        FailedAttempt(terminal=cast.till, way="pin", code="pin_wrong", at=old) for _ in range(tries)
    )
    code = textwrap.dedent("""
        import sys; from tests.support.elsewhere import open_school; open_school(sys.argv[1])
        from willing.privacy import retention_job
        retention_job.BATCH = 5
        plain = retention_job._purge_batch
        def telling(purge, before):
            ended = plain(purge, before)
            if ended:
                print(purge.kind, flush=True); sys.stdin.readline()
            return ended
        retention_job._purge_batch = telling
        retention_job.run_retention()
    """)
    command = [sys.executable, "-c", code, str(db)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        for _ in range(3):
            assert process.stdout.readline().strip() == "failed_attempts"
            process.stdin.write("\n")
            process.stdin.flush()
        process.kill()
    left = FailedAttempt.objects.count()
    assert 0 < left <= tries - 15
    assert run_retention().ended["failed_attempts"] == left
    facts = [
        json.loads(bytes(e.hashed))["facts"] for e in Entry.objects.filter(event="retention.batch_deleted")
    ]
    assert sum(one["count"] for one in facts if one["kind"] == "failed_attempts") == tries
    assert Entry.objects.filter(event="retention.completed").count() == 1
    assert verify_log().ok


def test_a_sweep_that_did_not_run_is_overdue(cast, later):
    assert not retention_state(cast.school).is_overdue
    with later(2):
        assert retention_state(cast.school).is_overdue
        run_retention()
        assert not retention_state(cast.school).is_overdue
    assert OVERDUE_HOURS < 48


@pytest.mark.parametrize(
    ("days", "code", "said"),
    [(0, 0, "It runs for the first time tonight."), (2, 1, "Never finished.")],
    ids=["in time", "overdue"],
)
def test_the_doctor_says_whether_the_sweep_runs(cast, later, monkeypatch, days, code, said):
    monkeypatch.setattr(doctor, "_has_school", lambda: True)
    with later(days):
        finding = doctor._school()[0]
    assert finding.ok is (code == 0)
    assert said in finding.detail


def test_the_doctor_makes_no_school_by_looking_for_one(tmp_path, monkeypatch):
    monkeypatch.setenv("WILLING_HOME", str(tmp_path / "nothing"))
    monkeypatch.delenv("WILLING_DATABASE_URL", raising=False)
    assert doctor._school()[0].ok is None
    assert not (tmp_path / "nothing").exists()


def test_the_command_does_nothing_before_there_is_a_school(db, monkeypatch):
    monkeypatch.setattr(opening, "prepare_django", lambda: None)
    monkeypatch.setattr(queries, "find_school", lambda: None)
    done = CliRunner().invoke(cli.main, ["retention", "run"])
    assert (done.exit_code, done.output) == (0, "there is no school here yet, and so nothing to delete\n")


def test_the_command_says_what_it_did(cast, monkeypatch):
    monkeypatch.setattr(opening, "prepare_django", lambda: None)
    done = CliRunner().invoke(cli.main, ["retention", "run"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["ended"]["persons"] == 0
    assert json.loads(done.output)["unpermitted"] == 0
