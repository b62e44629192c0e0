"""Log events are hashed for ever, so each follows one grammar: a thing, and what was done to it."""

import ast
import re
from pathlib import Path

import pytest
from tests.support.syntax import nodes

from willing.privacy.labels import EVENT_LABELS

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "willing"
EVENT = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")
# Participles that do not end in -ed, and those of verbs of two words.
IRREGULAR = {
    "blown",
    "bound",
    "forbidden",
    "found",
    "held",
    "left",
    "lost",
    "made",
    "paid",
    "rebuilt",
    "reset",
    "sent",
    "set",
    "signed_in",
    "signed_off",
    "signed_on",
    "signed_out",
    "undone",
    "withdrawn",
}
RECORDERS = {"record", "record_now", "_record", "NewEntry"}


def recorded() -> set[str]:
    """Return every event that the source names where it writes into the log."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in nodes(path):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                function = node.func.args[0] if isinstance(node.func, ast.Call) else node.func
                if getattr(function, "id", getattr(function, "attr", "")) in RECORDERS:
                    found.add(node.args[0].value)
    return {one for one in found if isinstance(one, str)}


def follows_the_grammar(event: str) -> bool:
    if not EVENT.fullmatch(event):
        return False
    done = event.partition(".")[2]
    return done in IRREGULAR or done.split("_")[-1].endswith("ed") or done.split("_")[-1] in IRREGULAR


@pytest.mark.parametrize("event", sorted(EVENT_LABELS))
def test_an_event_is_a_thing_and_a_past_participle(event: str) -> None:
    assert follows_the_grammar(event)


@pytest.mark.parametrize("event", ["paper.kept", "till.not_me", "face.lookalike", "Card.issued", "card"])
def test_what_is_no_past_participle_is_noticed(event: str) -> None:
    assert not follows_the_grammar(event)


def test_every_event_that_is_recorded_has_words_for_the_people_who_read_it() -> None:
    found = recorded()
    assert len(found) > 60
    assert found <= set(EVENT_LABELS), found - set(EVENT_LABELS)
