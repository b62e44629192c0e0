"""What a later reference gives is counted on the same probes, with and without it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tests.face.evaluation.people import Make, made_up

from willing.face import BadProtocol
from willing.face.evaluation.later import evaluate_later
from willing.face.refresh import ANCHOR_SCORE_MIN, Keeper, is_like_desk


def test_a_later_reference_is_kept_only_where_it_matches_those_of_the_desk(at_cosine: Make) -> None:
    samples = [*made_up(at_cosine, 6, 6), *made_up(at_cosine, 4, 1, start=10_000)]
    stranger = samples[-1].template
    samples[3] = replace(samples[3], template=stranger)  # the first person's later photograph is another's
    found = evaluate_later(samples, 3)
    assert (found.kept.errors, found.kept.trials) == (5, 6)
    assert (found.before.people, found.before.mated, found.before.non_mated) == (6, 12, 4)
    assert (found.after.people, found.after.mated, found.after.non_mated) == (6, 12, 4)
    assert (found.fnmr[0].errors, found.fmr[0].trials) == (0, 24)
    assert found.others == 6 * 9
    assert found.highest_other < ANCHOR_SCORE_MIN
    assert found.others_kept == 0
    assert json.loads(json.dumps(found.as_dict()))["kept"]["errors"] == 5
    with pytest.raises(BadProtocol):
        evaluate_later(made_up(at_cosine, 3, 4), 3)


def test_the_desks_references_are_the_anchor_and_a_session_begun_anew_keeps_nothing(at_cosine: Make) -> None:
    ann, joe = (
        [one.as_reference() for one in made_up(at_cosine, 1, 4, cosine=0.9, start=start)]
        for start in (0, 10_000)
    )
    assert is_like_desk(ann[:3], ann[3])
    assert not is_like_desk(ann[:3], joe[3])
    keeper = Keeper()
    keeper.see(1, None, 90.0)
    assert keeper.best is None
    keeper.see(2, ann[0], 40.0)
    keeper.see(3, ann[1], 30.0)
    assert keeper.best is ann[0]
    assert repr(keeper) == "<Keeper of a frame>"
    keeper.see(1, None, 50.0)
    assert keeper.best is None
