"""The log's page: reading it, and finding that somebody changed it."""

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tests.support.damage import spoil_table
from tests.support.till import pay

import willing
from willing.accounts.models import User
from willing.audit import log_check
from willing.audit.models import Entry, LogCheck
from willing.audit.queries import facts_of
from willing.ops.health import conditions
from willing.people.queries import today
from willing.privacy.labels import EVENT_LABELS


@pytest.mark.parametrize("role", ["dpo", "administrator"])
def test_the_newest_entries_are_told_in_words(browser: Any, cast: Any, role: str) -> None:
    text = browser(role).get("/staff/log/").content.decode()
    assert "A decision about a face was recorded" in text
    assert str(cast.person("Ada").id) in text
    assert "Agrees" not in text  # ids only; whose they are stands on the person's page


def test_every_event_that_the_rooms_record_has_words_on_the_page() -> None:
    source = Path(willing.__file__).parent
    recorded = {
        event
        for path in source.rglob("*.py")
        for event in re.findall(
            r"\b(?:record|Event)\(\s*\"([a-z_]+\.[a-z_]+)\"", path.read_text(encoding="utf-8")
        )
    }
    assert "consent.decided" in recorded
    assert recorded - set(EVENT_LABELS) == set(), "give these events words in willing/privacy/labels.py"


def test_the_log_is_filtered_by_event(browser: Any) -> None:
    text = browser("dpo").get("/staff/log/", {"event": "school.created"}).content.decode()
    body = text.split("<tbody>")[1]
    assert "The school was set up" in body
    assert "A person was added" not in body
    assert "No such entry" in browser("dpo").get("/staff/log/", {"event": "x"}).content.decode()


def test_one_reads_on_to_older_entries(browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("willing.pages.console.audit_log.ENTRIES_A_PAGE", 5)
    dpo = browser("dpo")
    newest = Entry.objects.order_by("-sequence").values_list("sequence", flat=True)[4]
    assert f"before={newest}" in dpo.get("/staff/log/").content.decode()
    older = dpo.get("/staff/log/", {"before": str(newest)}).content.decode()
    assert f'scope="row">{newest - 1}<' in older
    assert "Newest" in older
    assert dpo.get("/staff/log/", {"before": "abc"}).status_code == 200


def rows_of(client: Client, **asked: str) -> list[str]:
    """Return the rows of the page's table."""
    text = client.get("/staff/log/", asked).content.decode()
    return text.split("<tbody>")[1].split("<tr>")[1:] if "<tbody>" in text else []


def test_who_did_it_is_named_where_the_reader_may_know_and_filtered_by(browser: Any, cast: Any) -> None:
    dpo, colleague = browser("dpo"), cast.user("dpo")
    signed = rows_of(dpo, actor=f"user:{colleague.pk}")
    assert signed
    assert all(">Dpo<" in row for row in signed)
    guardians = rows_of(dpo, actor="guardian")
    assert guardians
    assert all(">A guardian<" in row and "Gus" not in row for row in guardians)
    assert all("school&#x27;s computer" in row for row in rows_of(dpo, actor="system"))
    pay(cast, "Carl", cast.meal)
    assert ">Till 1<" in rows_of(dpo, actor="till", event="sale.settled")[0]
    assert len(rows_of(dpo, actor="nobody:7")) == len(rows_of(dpo))


def test_the_officer_searches_by_person_and_each_look_is_in_the_log(browser: Any, cast: Any) -> None:
    dpo, ada = browser("dpo"), cast.person("Ada")
    page = dpo.get("/staff/log/", {"q": "ada"}).content.decode()
    assert f"person={ada.pk}" in page
    looked = Entry.objects.filter(event="record.viewed", subject=ada.pk)
    assert looked.count() == 1
    rows = rows_of(dpo, person=str(ada.pk))
    assert rows
    assert all(str(ada.pk) in row for row in rows)
    assert looked.count() == 2
    assert dpo.get("/staff/log/", {"person": "x"}).status_code == 200
    administrator = browser("administrator")
    assert "log-person" not in administrator.get("/staff/log/", {"q": "ada"}).content.decode()
    assert str(ada.pk) not in rows_of(administrator, person=str(ada.pk))[-1]
    assert looked.count() == 2


def test_days_filter_it_and_what_is_no_day_says_so(browser: Any, cast: Any) -> None:
    day = today(cast.school)
    dpo = browser("dpo")
    assert rows_of(dpo, first=day.isoformat(), last=day.isoformat())
    assert "No such entry" in dpo.get("/staff/log/", {"last": "2020-01-01"}).content.decode()
    assert dpo.get("/staff/log/", {"first": "1 May"}).status_code == 422
    for first, last in (("0001-01-01", "9999-12-31"), ("9999-12-31", ""), ("", "0001-01-01")):
        assert dpo.get("/staff/log/", {"first": first, "last": last}).status_code == 200
    page = dpo.get("/staff/log/", {"event": "record.viewed", "first": day.isoformat()}).content.decode()
    assert f"event=record.viewed&amp;first={day}" in page


def test_what_is_filtered_is_taken_along_with_its_hashes_and_that_is_logged(browser: Any, cast: Any) -> None:
    dpo = browser("dpo")
    asked = "?event=school.created"
    lines = dpo.post(f"/staff/log/entries.jsonl{asked}").content.decode().splitlines()
    header, entry = json.loads(lines[0]), json.loads(lines[1])
    assert (header["count"], len(lines)) == (1, 2)
    assert hashlib.sha256(b"\x00" + entry["entry"].encode()).hexdigest() == entry["hash"]
    table = dpo.post(f"/staff/log/entries.csv{asked}").content.decode()
    assert entry["hash"] in table
    assert entry["chain"] in table
    logged = Entry.objects.filter(event="log.exported").order_by("sequence")
    assert [facts_of(one)["form"] for one in logged] == ["jsonl", "csv"]
    assert facts_of(logged[0])["event"] == "school.created"
    assert dpo.get("/staff/log/entries.csv").status_code == 405
    assert browser("office").post("/staff/log/entries.csv").status_code == 403


def test_no_cell_of_the_file_is_a_formula(browser: Any, cast: Any) -> None:
    User.objects.filter(username="dpo").update(display_name="=cmd()")
    table = browser("dpo").post("/staff/log/entries.csv?event=assessment.signed").content.decode()
    assert ",'=cmd()," in table


def check(client: Client) -> str:
    """Press the button, wait until the check has ended, and return the page."""
    assert client.post("/staff/log/").status_code == 302
    log_check.wait_for_check()
    return client.get("/staff/log/").content.decode()


def test_a_whole_log_is_said_to_be_whole_and_stays_said(browser: Any) -> None:
    before = Entry.objects.count()
    text = check(browser("dpo"))
    assert "The log is whole." in text
    assert f"{before} entries were checked" in text
    assert "Last finished check:" in text
    assert "The log is whole." in browser("administrator").get("/staff/log/").content.decode()
    assert Entry.objects.filter(event="log.checked").count() == 1


def test_a_changed_entry_is_found(browser: Any, cast: Any) -> None:
    with connection.cursor() as database:
        database.execute("DROP TRIGGER audit_entry_no_update" + on_table())
    Entry.objects.filter(sequence=3).update(hashed=b"{}")
    text = check(browser("dpo"))
    assert "The log is not whole: 1 thing is wrong." in text
    assert "Entry 3 was changed" in text
    assert "log_check" in {one.code for one in conditions(cast.school) if not one.is_ok}


def on_table() -> str:
    return " ON audit_entry" if connection.vendor == "postgresql" else ""


def test_checking_takes_a_press(browser: Any) -> None:
    client: Client = browser("administrator")
    assert "The log is whole." not in client.get("/staff/log/").content.decode()
    assert not LogCheck.objects.exists()


@pytest.fixture
def held_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let a check stand still after its first entry until the event is set."""
    go_on = threading.Event()
    monkeypatch.setattr("willing.audit.verify_database.PROGRESS_EVERY", 1)
    monkeypatch.setattr(log_check, "PROGRESS_SECONDS", 0.01)
    monkeypatch.setattr(time, "sleep", lambda _seconds: go_on.wait())
    yield go_on
    go_on.set()
    log_check.wait_for_check()


def test_while_it_runs_the_page_says_how_far_it_is_and_a_second_press_starts_no_second(
    browser: Any, held_up: threading.Event
) -> None:
    client: Client = browser("dpo")
    client.post("/staff/log/")
    while not LogCheck.objects.get().entries_done:
        held_up.wait(0.01)
    total = LogCheck.objects.get().entries_total
    for path in ("/staff/log/", "/staff/log/check/"):
        text = client.get(path).content.decode()
        assert "The whole log is being checked." in text
        assert f"1 of {total} entries." in text
        assert 'data-hx-get="/staff/log/check/"' in text
    first = log_check._supervisor
    client.post("/staff/log/")
    assert log_check._supervisor is first
    held_up.set()
    log_check.wait_for_check()
    ended = client.get("/staff/log/check/")
    assert "The log is whole." in ended.content.decode()
    assert "hx-get" not in ended.content.decode()
    assert ended.headers["HX-Refresh"] == "true"


def test_the_check_stops_no_sale_and_reads_as_of_its_start(
    browser: Any, cast: Any, held_up: threading.Event
) -> None:
    browser("dpo").post("/staff/log/")
    before = LogCheck.objects.get().entries_total
    while not LogCheck.objects.get().entries_done:
        held_up.wait(0.01)
    pay(cast, "Carl", cast.meal)
    held_up.set()
    log_check.wait_for_check()
    found = log_check.check_state().result
    assert found is not None
    assert (found["ok"], found["entries"]) == (True, before)
    assert Entry.objects.count() > before + 1


def test_a_check_that_breaks_says_so_and_keeps_the_last_result(
    browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "The log is whole." in check(browser("dpo"))
    monkeypatch.setattr(log_check, "verify_log", lambda **_: 1 / 0)
    text = check(browser("dpo"))
    assert "The log could not be checked: a fault of ours." in text
    assert "The log is whole." in text
    assert "ZeroDivisionError" not in text


@pytest.mark.sqlite
def test_a_damaged_database_is_called_damaged(browser: Any, db: Path) -> None:
    client = browser("dpo")
    client.get("/staff/log/")
    spoil_table(db / "default.sqlite3", "django_content_type")
    assert "The log could not be checked: the database is damaged." in check(client)


@pytest.mark.sqlite
def test_a_check_whose_server_was_killed_is_shown_as_interrupted_and_started_again(
    browser: Any, db: Path
) -> None:
    client = browser("dpo")
    script = f"""
import sys; sys.path.insert(0, {str(Path.cwd())!r})
import django; django.setup()
from tests.support.databases import _name, ALIASES
for alias in ALIASES: _name(alias, {str(db)!r} + f"/{{alias}}.sqlite3")
from willing.audit import log_check, verify_database
verify_database.PROGRESS_EVERY = 1
log_check.time.sleep = lambda _seconds: sys.stdin.read()
log_check.start_check()
print("started", flush=True)
log_check.wait_for_check()
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "willing.config.settings"}
    server = subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert server.stdout is not None
    assert server.stdin is not None
    assert server.stdout.readline() == b"started\n"
    assert "The whole log is being checked." in client.get("/staff/log/").content.decode()
    server.kill()
    server.wait()
    server.stdout.close()
    server.stdin.close()
    assert "The last check was interrupted." in client.get("/staff/log/").content.decode()
    assert "The log is whole." in check(client)
