"""The harness's own promises: a seed means the same choices, and every scenario is told of."""

from itertools import islice
from pathlib import Path

import pytest
from tests.faults.__main__ import MODULES
from tests.faults.plan import plan, seconds_of
from tests.faults.scenario import SCENARIOS

ROOT = Path(__file__).resolve().parents[2]


def test_a_seed_makes_the_same_choices_and_another_one_others():
    names = list(SCENARIOS)
    assert [list(islice(plan(7, names), 40)) for _ in range(2)] == [
        list(islice(plan(7, list(reversed(names))), 40))
    ] * 2
    assert list(islice(plan(7, names), 40)) != list(islice(plan(8, names), 40))


def test_every_scenario_runs_once_before_any_runs_again_and_first_with_the_seed_itself():
    first = list(islice(plan(7, list(SCENARIOS)), len(SCENARIOS)))
    assert sorted(name for name, _ in first) == sorted(SCENARIOS)
    assert {seed for _, seed in first} == {7}


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("5m", 300), ("30m", 1800), ("2h", 7200)])
def test_times_are_read(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "5 m", "5d"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match="is no time"):
        seconds_of(text)


def test_every_scenario_stands_in_the_documents():
    text = (ROOT / "docs" / "operate" / "proofs.md").read_text(encoding="utf-8")
    assert MODULES
    assert [name for name in SCENARIOS if f"`{name}`" not in text] == []
