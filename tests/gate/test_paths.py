"""Nobody's path can be read: no query, export, API or log joins two doors of one person."""

import ast
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from inspect import isfunction
from uuid import uuid4

import pytest
from django.db.models import Model, QuerySet
from django.test import Client
from django.urls import reverse
from tests.api.caller import Till
from tests.architecture.source import imports_of, modules
from tests.support.clocks import stopped_at
from tests.support.gates import a_lane
from tests.support.registers import in_a_register
from tests.support.signing import sign_in

from willing.accounts.models import Role
from willing.api.urls import api
from willing.attendance.queries import groups_of
from willing.audit.models import Entry
from willing.audit.queries import facts_of
from willing.documents import typeset
from willing.gate import queries, reports
from willing.gate.family_messages import choose_messages
from willing.gate.identification import pass_by_card
from willing.gate.models import Lane, Passage
from willing.gate.passages import Press
from willing.gate.queries import days_of
from willing.gate.retention import log_uses
from willing.pages.console import urls
from willing.privacy.personal_data import personal_data_of
from willing.rollcall.calling import start_roll_call
from willing.visits.actions import NewVisit, announce_visit

MORNING = datetime(2026, 11, 26, 8, 17, tzinfo=UTC)
# The only modules that read passages. What each gives of one person is tested where it is named below;
# rollcall reads one row of the latest passage, under break-glass.
READERS = {
    "willing.gate.identification",
    "willing.gate.faces",
    # One message to a guardian about one passage, without its door.
    "willing.gate.family_messages",
    # A read at a reader without a page, which writes one passage.
    "willing.gate.lane_readers",
    "willing.gate.passages",
    "willing.gate.queries",
    "willing.gate.reports",
    "willing.gate.retention",
    # The lane shows the passage that it has just written, for seconds, at that lane only.
    "willing.pages.lane.access",
    "willing.pages.lane.views",
}
# Whether there is any passage of one person, so that a heading stands on their own page.
ASKS_WHETHER_THERE_IS_ONE = {"willing.privacy.presence"}
# One trace of one person, the latest, under break-glass.
MAY_READ_THE_LATEST = {"willing.rollcall.last_seen"}


def names_passages(tree):
    """Say whether a module names passages: the class, a relation to them, or either of them in a query."""
    return any(
        (isinstance(node, ast.ImportFrom) and any(one.name == "Passage" for one in node.names))
        or (isinstance(node, ast.Attribute) and node.attr in ("passages", "Passage", "passage_set"))
        or (isinstance(node, ast.keyword) and "passages" in (node.arg or "").split("__"))
        or (isinstance(node, ast.keyword) and "passage" in (node.arg or "").split("__")[:-1])
        or (isinstance(node, ast.Constant) and re.search(r"(^|__)passages?__|^gate_passage", str(node.value)))
        for node in ast.walk(tree)
    )


def test_only_these_modules_read_passages():
    some = [one for one in modules().values() if "assage" in one.path.read_text("utf-8")]
    found = {one.name for one in some if names_passages(one.tree)}
    assert found == READERS | ASKS_WHETHER_THERE_IS_ONE | MAY_READ_THE_LATEST


def two_doors(cast):
    office = cast.user("office")
    one, other = a_lane(cast.school, by=office), a_lane(cast.school, by=office, name="Lane 2")
    with stopped_at(MORNING):
        pass_by_card(one, Press(uuid4()), cast.cards["Ada"])
    with stopped_at(MORNING + timedelta(hours=1)):
        pass_by_card(other, Press(uuid4()), cast.cards["Ada"])
    with stopped_at(MORNING + timedelta(hours=17, minutes=13)):
        log_uses(cast.school)
    return one, other


@dataclass
class Traces:
    """What would say that it is about Ada, and what would say where or when she was."""

    who: set[str]
    places: set[str]
    minutes: set[str] = field(default_factory=lambda: {"2026-11-26T08:17", "2026-11-26T09:17"})

    def join(self, text: str) -> list[str]:
        """Return the parts of one piece of an answer that tell of her where or when she was."""
        found = [one for one in sorted(self.places | self.minutes) if one in text]
        return found if any(one in text for one in self.who) else []


@pytest.fixture
def traces(cast):
    lanes, ada = two_doors(cast), cast.person("Ada")
    names = {name for lane in lanes for name in (lane.terminal.name, lane.door.name)}
    return Traces(
        {str(ada.id), "Ada"}, names | {str(one) for lane in lanes for one in (lane.pk, lane.door_id)}
    )


def written(value):
    """Return all that is in an answer as text: fields of rows and of records, and what they hold."""
    if isinstance(value, Model):
        return written({key: one for key, one in vars(value).items() if key != "_state"})
    if is_dataclass(value):
        return " ".join(written(getattr(value, one.name)) for one in fields(value))
    if isinstance(value, dict):
        return " ".join(f"{written(key)} {written(one)}" for key, one in value.items())
    if isinstance(value, list | tuple | set | frozenset | QuerySet):
        return " ".join(map(written, value))
    return value.isoformat() if isinstance(value, datetime) else str(value)


# Every read of the gate, with what it is asked for. A new one is named here, and is then looked at.
READS: dict[str, Callable[..., object]] = {
    "doors": lambda cast, _lane: queries.doors(cast.school),
    "find_door": lambda cast, lane: queries.find_door(cast.school, lane.door_id),
    "require_door": lambda cast, lane: queries.require_door(cast.school, lane.door_id),
    "alarms_of": lambda cast, _lane: queries.alarms_of(cast.school),
    "lanes": lambda cast, _lane: queries.lanes(cast.school),
    "require_lane": lambda cast, lane: queries.require_lane(cast.school, lane.pk),
    "has_lanes": lambda cast, _lane: queries.has_lanes(cast.school),
    "came_in": lambda cast, _lane: queries.came_in(cast.school, MORNING.date(), [cast.person("Ada").id]),
    "days_of": lambda cast, _lane: queries.days_of(cast.person("Ada")),
    "is_passage_from_before": lambda _cast, _lane: queries.is_passage_from_before(
        Passage.objects.first().pk, MORNING
    ),
    "message_choice": lambda cast, _lane: queries.message_choice(cast.guardian("Gus"), cast.person("Ada")),
    "message_choices": lambda cast, _lane: queries.message_choices(cast.person("Ada")),
    "counts_on": lambda cast, _lane: reports.counts_on(cast.school, MORNING.date()),
    "waits_by_way": lambda cast, _lane: reports.waits_by_way(cast.school, MORNING.date(), date.max),
    "recent_waits": lambda cast, _lane: reports.recent_waits(cast.school),
    "as_seconds": lambda _cast, _lane: reports.as_seconds(17),
    "drifts_today": lambda cast, _lane: reports.drifts_today(cast.school),
}
# What is asked for by person: the answer is about them, whether it names them or not.
OF_A_PERSON = {"came_in", "days_of", "message_choice", "message_choices"}


def test_no_read_of_the_gate_gives_where_or_when_a_person_went(cast, traces):
    found = {
        name: one
        for module in (queries, reports)
        for name, one in vars(module).items()
        if isfunction(one) and one.__module__ == module.__name__ and not name.startswith("_")
    }
    assert set(found) == set(READS)
    choose_messages(cast.guardian("Gus"), cast.person("Ada"), wants_in=True, wants_out=True)
    lane = Lane.objects.select_related("terminal", "door").get(terminal__name="Lane 2")
    with stopped_at(MORNING + timedelta(hours=20)):
        for name, read in READS.items():
            asked = "Ada " if name in OF_A_PERSON else ""
            assert traces.join(asked + written(read(cast, lane))) == [], name
    # What it is looked at with finds what it should.
    passage = Passage.objects.filter(person=cast.person("Ada")).select_related("lane").first()
    assert len(traces.join(written([{"a": passage}]))) == 3, "door, lane and minute"


# Modules outside of the room that read the gate, and the page on which each shows what it has read. A new one
# is named here with its page, which is then looked at below.
SHOWN_BY = {
    "willing.documents.dpia_areas": "assessment",
    "willing.documents.dpia_content": "assessment",
    "willing.documents.dpia_statistics": "way-comparison",
    "willing.documents.rules": "way-comparison",
    "willing.pages.console.door_devices": "add-door-device",
    "willing.pages.console.doors": "doors",
    "willing.pages.console.gate_lanes": "gate",
    "willing.pages.console.roll_call": "roll-call",
    "willing.pages.portal.gate": "portal:child",
    "willing.pages.portal.policy": "portal:policy",
    "willing.privacy.sections.gate": "personal-data",
}
# Files of the office that are no lists of anybody, each with the reason.
NO_LISTS = {
    "erasure-proof": "one erasure, by its entry of the log",
    "import-refused": "rows of the file that was uploaded",
    "warden-app-manifest": "names and symbols of the app",
}


def test_the_pages_that_read_the_gate_are_all_looked_at():
    names = {"willing.gate.queries", "willing.gate.reports"}
    found = {
        name
        for name, module in modules().items()
        if not name.startswith("willing.gate.")
        for node in module.tree.body
        if isinstance(node, ast.ImportFrom)
        and (node.module in names or any(f"{node.module}.{one.name}" in names for one in node.names))
    }
    assert found == set(SHOWN_BY)


@pytest.fixture
def known(cast):
    """What addresses name: Ada, her group, a roll call that runs, a visit."""
    office = cast.user("office")
    in_a_register(cast.school, cast.person("Ada"), by=office)
    group = groups_of(cast.school)[0]
    return {
        "person_id": cast.person("Ada").id,
        "group_id": group.id,
        "roll_call_id": start_roll_call(cast.school, "drill", by=office).id,
        "visit_id": announce_visit(cast.school, NewVisit("Vi Guest", office), by=office).id,
    }


@pytest.fixture
def staff(cast):
    """A browser of a member of staff with every role."""
    user = cast.user("office")
    for kind in Role.Kind.values:
        user.roles.get_or_create(school=cast.school, kind=kind)
    return sign_in(Client(), user)


def address(pattern, known):
    wanted = re.findall(r"<(?:\w+:)?(\w+)>", str(pattern.pattern))
    return reverse(f"console:{pattern.name}", kwargs={one: known.get(one, "csv") for one in wanted})


def test_no_page_tells_where_or_when_a_person_went(cast, traces, known, staff):
    patterns = {one.name: one for one in urls.urlpatterns}
    for name in sorted({*SHOWN_BY.values(), "person"}):
        if name.startswith("portal:"):
            where = reverse(name, args=[known["person_id"]] if name == "portal:child" else [])
            answer = sign_in(Client(), cast.user("guardian")).get(where)
        else:
            answer = staff.get(address(patterns[name], known))
        assert answer.status_code == 200, name
        assert traces.join(answer.content.decode()) == [], name


def test_no_file_of_the_office_tells_where_or_when_a_person_went(traces, known, staff):
    """By line: one beside another may name a lane that was set up."""
    files = [
        one for one in urls.urlpatterns if re.search(r"\.(csv|json|jsonl|xlsx|<\w+:form>)$", str(one.pattern))
    ]
    assert len(files) > 12
    answers = {one.name: staff.get(address(one, known)) for one in files if one.name not in NO_LISTS}
    logged = address(next(one for one in files if one.name == "log-export"), known)
    answers["log-export"] = staff.post(logged)
    answers["log-export as jsonl"] = staff.post(logged.replace("csv", "jsonl"))
    assert {name: one.status_code for name, one in answers.items() if one.status_code != 200} == {}
    for name, answer in answers.items():
        lines = answer.content.decode("utf-8-sig").splitlines()
        assert lines, name
        assert [line for line in lines if traces.join(line)] == [], name


# Modules that write papers and can reach the gate: the assessment, what is kept and for how long, the
# comparison of ways, a person's data. Each is looked at as a page above or as a paper below. A new one fails
# until it is named.
PAPERS = {
    "willing.documents.dpia",
    "willing.documents.retention",
    "willing.documents.way_comparison",
    "willing.privacy.personal_data_document",
}
# Papers about rows that this school does not have: money, a breach, an erasure, a test of a till. None can
# reach the gate, or the first test would name it.
OF_OTHER_ROWS = {
    "arrears-letters",
    "breach-draft-pdf",
    "drawer-report-pdf",
    "erasure-pdf",
    "pay-in-letter-pdf",
    "pay-in-letters-pdf",
    "pay-in-receipt-pdf",
    "till-test-pdf",
}


def reach(name):
    """Return every module that a module imports, and those in turn."""
    reached, waiting = set(), [name]
    while waiting:
        one = waiting.pop()
        if one not in reached:
            reached.add(one)
            waiting += [source for source, _name in imports_of(modules()[one])]
    return reached


def writes_a_paper(tree):
    """Say whether a module makes a document, or has one set in type."""
    called = (one.func for one in ast.walk(tree) if isinstance(one, ast.Call))
    return any(isinstance(one, ast.Name) and one.id in ("Document", "typeset") for one in called)


def test_only_these_papers_can_reach_the_gate():
    papers = [name for name, one in modules().items() if writes_a_paper(one.tree)]
    assert len(papers) > 20
    passages = {"willing.gate.models", "willing.rollcall.last_seen"}
    assert {name for name in papers if reach(name) & passages} == set(PAPERS)


def test_no_paper_tells_where_or_when_a_person_went(traces, known, staff, monkeypatch):
    """By what is set in type; it is not drawn."""
    orders = []

    def set_in_type(_module, order):
        orders.append(order)
        return b"%PDF-1.7"

    monkeypatch.setattr(typeset, "run_compositor", set_in_type)
    wanted = {
        **known,
        "form": "pdf",
        "language": "en",
        "terminal_id": Lane.objects.earliest("pk").pk,
        "version": 1,
    }
    papers = {
        one.name: one for one in urls.urlpatterns if re.search(r"\.(pdf|<\w+:form>)$", str(one.pattern))
    }
    for name in papers.keys() - OF_OTHER_ROWS - {"log-export"}:
        before = len(orders)
        assert staff.get(address(papers[name], wanted)).status_code == 200, name
        assert len(orders) == before + 1, name
        assert traces.join(json.dumps(orders[-1], ensure_ascii=False)) == [], name
    assert papers.keys() >= OF_OTHER_ROWS
    assert any("Ada" in json.dumps(one) for one in orders)


def test_the_api_knows_no_gate(cast, traces):
    document = api.get_openapi_schema()
    assert not [path for path in document["paths"] if "gate" in path or "passage" in path]
    schemas = document["components"]["schemas"]
    named = {name for one in schemas.values() for name in one.get("properties", {})} | set(schemas)
    assert len(named) > 50
    assert [
        one for one in sorted(named) if re.search(r"gate|passage|lane|door|direction", one, re.IGNORECASE)
    ] == []
    till, looked = Till(cast, cast.till), 0
    for path, operations in document["paths"].items():
        if "get" in operations and "{" not in path:
            answer = till.get(path.removeprefix("/api/v1"))
            looked += answer.status_code == 200
            assert traces.join("Ada " + answer.content.decode()) == [], path
    assert looked


def test_what_a_person_and_their_family_can_read_holds_days_and_ways_and_no_door_and_no_minute(cast):
    lanes, ada = two_doors(cast), cast.person("Ada")
    assert days_of(ada) == [(MORNING.date(), ["card"])]
    text = json.dumps(personal_data_of(ada))
    for lane in lanes:
        assert str(lane.pk) not in text
        assert str(lane.door_id) not in text
        assert lane.terminal.name not in text
        assert lane.door.name not in text
    assert "2026-11-26T08:17" not in text
    assert "2026-11-26T09:17" not in text


def test_the_log_holds_no_door_no_lane_no_direction_and_no_minute_of_anybody(cast):
    lanes, ada = two_doors(cast), cast.person("Ada")
    about = Entry.objects.filter(event="gate.used", subject=ada.id)
    assert [facts_of(one) for one in about] == [{"day": "2026-11-26", "ways": ["card"]}]
    assert not Entry.objects.filter(at__lt=MORNING + timedelta(hours=17), event__startswith="gate.").exists()
    places = {str(one.pk) for one in lanes} | {str(one.door_id) for one in lanes}
    for entry in Entry.objects.filter(subject=ada.id):
        assert not places & set(map(str, facts_of(entry).values()))
