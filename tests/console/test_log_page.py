"""The log's page: reading it, and finding that somebody changed it."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

import willing
from willing.audit.models import Entry
from willing.rights.words import EVENTS


@pytest.mark.parametrize("role", ["dpo", "operator"])
def test_the_newest_entries_are_told_in_words(browser: Any, cast: Any, role: str) -> None:
    text = browser(role).get("/staff/log/").content.decode()
    assert "Somebody decided about a face" in text
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
    assert recorded - set(EVENTS) == set(), "give these events words in willing/rights/words.py"


def test_the_log_is_filtered_by_event(browser: Any) -> None:
    text = browser("dpo").get("/staff/log/", {"event": "school.created"}).content.decode()
    body = text.split("<tbody>")[1]
    assert "The school was set up" in body
    assert "A person was added" not in body
    assert "No such entry" in browser("dpo").get("/staff/log/", {"event": "x"}).content.decode()


def test_one_reads_on_to_older_entries(browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("willing.console.log.ENTRIES_A_PAGE", 5)
    dpo = browser("dpo")
    newest = Entry.objects.order_by("-sequence").values_list("sequence", flat=True)[4]
    assert f"before={newest}" in dpo.get("/staff/log/").content.decode()
    older = dpo.get("/staff/log/", {"before": str(newest)}).content.decode()
    assert f'scope="row">{newest - 1}<' in older
    assert "Newest" in older
    assert dpo.get("/staff/log/", {"before": "abc"}).status_code == 200


def test_a_whole_log_is_said_to_be_whole(browser: Any) -> None:
    text = browser("dpo").post("/staff/log/").content.decode()
    assert "The log is whole." in text
    assert f"{Entry.objects.count()} entries were checked" in text


def test_a_changed_entry_is_found(browser: Any) -> None:
    with connection.cursor() as database:
        database.execute("DROP TRIGGER audit_entry_no_update")
    Entry.objects.filter(sequence=3).update(hashed=b"{}")
    text = browser("dpo").post("/staff/log/").content.decode()
    assert "The log is not whole: 1 thing is wrong." in text
    assert "Entry 3 was changed" in text


def test_checking_takes_a_press(browser: Any) -> None:
    client: Client = browser("operator")
    assert "The log is whole." not in client.get("/staff/log/").content.decode()
