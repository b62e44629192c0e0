"""Nobody's path can be read: no query, export, API or log joins two doors of one person."""

import ast
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tests.architecture.source import modules
from tests.support.clocks import stopped_at
from tests.support.gates import a_lane

from willing.api.urls import api
from willing.audit.models import Entry
from willing.audit.queries import facts_of
from willing.gate.identification import pass_by_card
from willing.gate.passages import Press
from willing.gate.queries import days_of
from willing.gate.retention import log_uses
from willing.privacy.personal_data import personal_data_of

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
        or (isinstance(node, ast.keyword) and (node.arg or "").split("__")[0] == "passages")
        or (isinstance(node, ast.Constant) and str(node.value).startswith(("passages__", "gate_passage")))
        for node in ast.walk(tree)
    )


def test_only_these_modules_read_passages():
    found = {name for name, module in modules().items() if names_passages(module.tree)}
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


def test_what_a_person_and_their_family_can_read_holds_days_and_ways_and_no_door_and_no_minute(cast):
    lanes, ada = two_doors(cast), cast.person("Ada")
    assert days_of(ada) == [(MORNING.date(), ["card"])]
    text = json.dumps(personal_data_of(ada))
    for lane in lanes:
        assert str(lane.pk) not in text
        assert str(lane.door_id) not in text
        assert lane.terminal.name not in text
        assert lane.door.name not in text
    assert "08:17" not in text
    assert "09:17" not in text


def test_the_log_holds_no_door_no_lane_no_direction_and_no_minute_of_anybody(cast):
    lanes, ada = two_doors(cast), cast.person("Ada")
    about = Entry.objects.filter(event="gate.used", subject=ada.id)
    assert [facts_of(one) for one in about] == [{"day": "2026-11-26", "ways": ["card"]}]
    assert not Entry.objects.filter(at__lt=MORNING + timedelta(hours=17), event__startswith="gate.").exists()
    places = {str(one.pk) for one in lanes} | {str(one.door_id) for one in lanes}
    for entry in Entry.objects.filter(subject=ada.id):
        assert not places & set(map(str, facts_of(entry).values()))


def test_the_api_knows_no_gate():
    assert not [path for path in api.get_openapi_schema()["paths"] if "gate" in path or "passage" in path]
