import importlib
import socket
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner
from django.db import connections
from tests.support.money import office_drawer

from willing import cli
from willing.accounts.queries import roles_of
from willing.config import opening
from willing.consent.queries import permission
from willing.drawers.queries import open_session_of
from willing.people.models import Person, School


@pytest.fixture
def run(db, monkeypatch):
    monkeypatch.setattr(opening, "prepare_django", lambda: None)
    monkeypatch.setattr(opening, "update_databases", lambda: None)
    return lambda *arguments, **options: CliRunner().invoke(cli.main, list(arguments), **options)


def test_the_checks_pass_on_a_sound_school_and_end_with_1_on_a_changed_one(run, cast, db):
    assert run("ledger", "verify").exit_code == 0
    assert run("audit", "verify").exit_code == 0
    connections["default"].close()
    with closing(sqlite3.connect(db / "default.sqlite3")) as database, database:
        database.execute("DROP TRIGGER audit_entry_no_update")
        database.execute("UPDATE audit_entry SET event = 'x' WHERE sequence = 4")
        database.execute("DROP TRIGGER ledger_account_only_transfers_move")
        database.execute("UPDATE ledger_account SET credits_posted = credits_posted + 1")
    changed = run("audit", "verify")
    assert changed.exit_code == 1
    assert "4" in changed.output
    assert run("ledger", "verify").exit_code == 1


def test_the_ledgers_check_names_a_drawers_day_that_is_not_its_money(run, cast, db):
    session = open_session_of(office_drawer(cast.school))
    connections["default"].close()
    with closing(sqlite3.connect(db / "default.sqlite3")) as database, database:
        database.execute("DROP TRIGGER drawers_drawersession_no_update")
        database.execute("UPDATE drawers_drawersession SET opening_minor = 5")
    changed = run("ledger", "verify")
    assert changed.exit_code == 1
    assert f"{session.id}: day_opens_with_another_sum" in changed.output


def test_a_user_is_added_with_roles(run, cast):
    done = run(
        "users", "add", "new", "--role", "dpo", "--role", "office", "--password", "a long enough password"
    )
    assert done.exit_code == 0, done.output
    assert roles_of(cast.user("new"), cast.school) == {"dpo", "office"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["new", "--role", "king", "--password", "a long enough password"], "no such role: king"),
        (["new", "--role", "dpo", "--password", "short"], "too short"),
        (
            ["office", "--role", "dpo", "--password", "a long enough password"],
            "there is a user office already",
        ),
    ],
)
def test_a_user_that_cannot_be_added_is_refused_in_words(run, cast, arguments, says):
    done = run("users", "add", *arguments)
    assert done.exit_code != 0
    assert says in done.output
    assert "Traceback" not in done.output


def test_a_username_that_differs_only_in_case_is_refused_by_name(run, cast):
    done = run("users", "add", "Office", "--role", "dpo", "--password", "a long enough password")
    assert done.exit_code != 0
    assert "there is a user office already; Office is the same name" in done.output


def test_a_person_is_added_once(run, cast):
    last = max(Person.objects.values_list("till_number", flat=True))
    add = ("people", "add", "Una", "Ng", "--class", "8B", "--born", "2014-05-31")
    assert f"Una Ng added, till number {last + 1}" in run(*add).output
    assert "Una Ng is here already" in run(*add).output
    assert "Una Ng added" in run(*add, "--id", "4711").output
    assert "Una Ng is here already" in run(*add, "--id", "4711").output
    assert "Eve added" in run("people", "add", "Eve", "--staff").output
    assert "Eve is here already" in run("people", "add", "Eve", "--staff").output
    una = Person.objects.get(external_id="4711")
    assert (una.year_group.name, str(una.birth_date), una.kind) == ("8B", "2014-05-31", "pupil")
    nameless = run("people", "add", "  ")
    assert nameless.exit_code != 0
    assert "Please enter a name." in nameless.output


def test_a_second_school_is_refused(run, cast):
    done = run("init", "Another", "--without-journal")
    assert done.exit_code != 0
    assert "has a school already" in done.output


def test_a_command_of_the_face_engine_says_what_is_missing(monkeypatch):
    def missing(_):
        raise ModuleNotFoundError("No module named 'openvino'", name="openvino")

    monkeypatch.setattr(importlib, "import_module", missing)
    done = CliRunner().invoke(cli.main, ["face"])
    assert done.exit_code != 0
    assert "install willing[face]" in done.output


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_is_taken_is_said_before_any_work(command):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = CliRunner().invoke(cli.main, [command, "--port", str(taken.getsockname()[1])])
    assert done.exit_code != 0
    assert "try --port" in done.output


def test_the_operator_helps_with_sign_ins(run, cast):
    assert "1 removed" in run("users", "reset-second-factor", "office").output
    assert run("users", "link-openid", "office", "subject-1").exit_code == 0
    assert run("school", "set", "--pupil-sign-in-age", "14").exit_code == 0
    assert cast.school.pupil_sign_in_from_age == 14
    assert "there is no user nobody" in run("users", "reset-second-factor", "nobody").output


def test_changed_notices_are_told_before_they_are_published(run, cast):
    School.objects.update(legal_profile="eu")
    planned = run("notices", "publish", "--dry-run")
    assert "canteen adult en version 2: asks again" in planned.output
    assert "18 notices would be published" in planned.output
    assert permission(cast.person("Ada"), "canteen").granted
    assert "18 notices published" in run("notices", "publish").output
    assert permission(cast.person("Ada"), "canteen").reasons == ("notice_changed",)
    assert "0 notices published" in run("notices", "publish").output


def test_doctor_says_that_an_older_version_made_the_database(db, monkeypatch):
    from django.db.migrations.recorder import MigrationRecorder

    from willing.ops import doctor

    monkeypatch.setattr(doctor, "_has_school", lambda: True)
    assert {finding.name for finding in doctor._school()} > {"retention job", "pages of main database"}
    MigrationRecorder.Migration.objects.filter(app="till").order_by("-id").first().delete()
    (found,) = doctor._school()
    assert (found.ok, found.name) == (False, "database")
    assert "willing migrate" in found.detail


CREATE = ("school", "create", "Test School", "--without-journal")


def test_the_school_is_created_once_and_the_same_words_again_change_nothing(run, cast):
    again = run(*CREATE, "--country", "GB", "--law", cast.school.legal_profile)
    assert again.exit_code == 0, again.output
    assert "set up already" in again.output
    other = run(*CREATE, "--country", "DE")
    assert other.exit_code != 0
    assert "another school already" in other.output


@pytest.mark.parametrize(
    ("option", "given", "says"),
    [
        ("--time-zone", "Europe/Munich", "Europe/Berlin"),
        ("--currency", "eur", "EUR"),
        ("--country", "UK", "GB"),
        ("--law", "gdpr", "england_wales"),
        ("--language", "fr", "zh-hans"),
    ],
)
@pytest.mark.parametrize("command", [("init", "X"), ("school", "create", "X")])
def test_a_name_that_does_not_exist_is_refused_before_any_file_is_made(
    monkeypatch, command, option, given, says
):
    monkeypatch.setattr(opening, "prepare_django", lambda: None)
    monkeypatch.setattr(opening, "create_installation", lambda: pytest.fail("made something"))
    done = CliRunner().invoke(cli.main, [*command, "--without-journal", option, given])
    assert done.exit_code != 0
    assert given in done.output
    assert says in done.output


def test_settings_of_the_school_are_set_all_or_none(run, cast):
    wrong = run("school", "set", "--name", "Other School", "--law", "gdpr")
    assert wrong.exit_code != 0
    assert cast.school.name == "Test School"
    done = run("school", "set", "--name", "Other School", "--public-address", "lunch.example.org/")
    assert done.exit_code == 0, done.output
    held = School.objects.get()
    assert (held.name, held.public_address) == ("Other School", "https://lunch.example.org")
    assert "nothing to set" in run("school", "set").output
    assert "can't be changed" in run("school", "set", "--currency", "EUR").output


def test_a_till_is_set_up_once_and_paired_with_a_code_from_the_terminal(run, cast):
    from willing.terminals.pairing import pair_terminal

    assert "is set up." in run("tills", "add", "New till").output
    assert "nothing was changed" in run("tills", "add", "New till").output
    assert run("tills", "add", "New till", "--purpose", "shop").exit_code != 0
    code = run("tills", "pair", "New till").output.splitlines()[0]
    assert pair_terminal(code, key="k").terminal.name == "New till"
    assert "there is no till Nowhere" in run("tills", "pair", "Nowhere").output
