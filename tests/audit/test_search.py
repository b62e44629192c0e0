"""The log is searched by event, actor, person and day, and each line of a file can be checked."""

import hashlib
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from willing.audit.actions import NewEntry, record_many
from willing.audit.models import Entry
from willing.audit.search import LogSearch, each_entry, found_entries
from willing.audit.selection import json_lines
from willing.core import clock

pytestmark = [pytest.mark.usefixtures("db"), pytest.mark.steady_clock]
ADA = uuid4()


def write(*entries):
    with transaction.atomic():
        record_many([NewEntry(event, subject, facts, {}) for event, subject, facts in entries])


def standing(at):
    """Return a clock that shows one moment."""
    return lambda: at


@pytest.fixture
def days(db):
    """Three entries on each of three days, a week apart, from today on: no clock is ever behind."""
    newest = clock.now() + timedelta(weeks=2)
    for weeks in (2, 1, 0):
        at = newest - timedelta(weeks=weeks)
        with clock.running(standing(at)):
            write(
                ("test.a", ADA, {"by": 4000}), ("test.b", None, {"by": None}), ("test.a", None, {"by": "g"})
            )
    return newest


def numbers(**asked):
    return [one.sequence for one in found_entries(LogSearch(**asked), limit=50)]


@pytest.mark.usefixtures("days")
def test_it_is_searched_by_event_actor_and_subject():
    first = Entry.objects.filter(event="test.a").order_by("sequence").values_list("sequence", flat=True)[0]
    assert numbers(event="test.b") == [first + 7, first + 4, first + 1]
    assert numbers(actor_kind="user", actor_id="4000") == [first + 6, first + 3, first]
    assert numbers(actor_kind="guardian")[:3] == [first + 8, first + 5, first + 2]
    assert numbers(actor_kind="user", actor_id="g") == []
    assert numbers(subject=ADA, event="test.a") == [first + 6, first + 3, first]
    page = found_entries(LogSearch(event="test.a"), before=first + 6, limit=2)
    assert [one.sequence for one in page] == [first + 5, first + 3]
    assert len(list(each_entry(LogSearch(event="test.a"), limit=4))) == 4
    assert len(list(each_entry(LogSearch(event="test.a"), limit=400))) == 6


def test_days_bound_it_exactly_even_where_the_clock_was_once_behind(days):
    week = timedelta(weeks=1)
    asked = {"event": "test.b", "begin": days - week, "end": days}
    [middle] = numbers(**asked)
    assert numbers(event="test.b", begin=days + week) == []
    assert numbers(event="test.b", end=days - 3 * week) == []
    with clock.running(lambda: days - week):  # the clock is put back: what is written now bears last week
        write(("test.b", None, {}))
    assert Entry.objects.filter(event="clock.fault_detected").exists()
    late = Entry.objects.filter(event="test.b").latest("sequence").sequence
    assert numbers(**asked) == [late, middle]
    assert numbers(event="test.b", begin=days + week) == []


@pytest.mark.usefixtures("days")
def test_who_did_it_cannot_be_changed_not_even_while_a_text_is_erased():
    for change in ({"actor_id": "5"}, {"actor_kind": "system", "personal_json": None, "personal_salt": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Entry.objects.filter(actor_id="4000").update(**change)
    assert Entry.objects.filter(actor_id="4000").update(personal_json=None, personal_salt=None) == 3


@pytest.mark.usefixtures("days")
def test_each_line_of_a_file_hashes_to_what_it_says():
    entries = found_entries(LogSearch(event="test.a"), limit=3)
    header, *lines = [json.loads(line) for line in json_lines(LogSearch(event="test.a"), entries)]
    assert (header["format"], header["count"], header["asked"]["event"]) == (
        "willing-log-selection-1",
        3,
        "test.a",
    )
    for line in lines:
        assert hashlib.sha256(b"\x00" + line["entry"].encode()).hexdigest() == line["hash"]


@pytest.mark.usefixtures("days")
@pytest.mark.parametrize(
    "asked", [{"event": "test.a"}, {"actor_kind": "user", "actor_id": "4000"}, {"actor_kind": "till"}]
)
def test_every_search_goes_through_an_index_in_the_order_of_the_log(asked):
    rows = Entry.objects.filter(**asked).order_by("-sequence")[:100]
    if connection.vendor == "sqlite":
        plan = rows.explain()
        assert "USING INDEX" in plan
        assert "TEMP B-TREE" not in plan
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            assert "Index Scan" in rows.explain()
