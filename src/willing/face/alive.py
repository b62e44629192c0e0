"""Decide over one session who is there and whether a living person is: the evidence, the watch, the turn.

The passive check decides only where the evidence names somebody. In its doubt band the person is asked for
one turn of the head to a random side, and has to be the same person before and after. A picture ends as
anybody does who is not recognised.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from willing.face.decide import Decision, Evidence, Outcome
from willing.face.liveness.limits import Verdict
from willing.face.liveness.turn import SIDES, Side, Turn
from willing.face.liveness.watch import Watch
from willing.face.types import Hint, Template


class Finding(StrEnum):
    """What a session that named somebody is counted as: nothing of it is kept but this word's number."""

    LIVE = "live"
    TURNED = "turned"
    NOT_TURNED = "not_turned"
    PICTURE = "picture"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Step:
    """What one frame brought: the decision, or None while the session goes on with a hint."""

    decision: Decision | None
    hint: Hint = Hint.OK


class AliveEvidence:
    """Add up the frames of one session, as `Evidence` does, and let only a living person be a match.

    acts: False counts what it would have found, and changes no decision (shadow). finding: set with the
    decision, where the session named somebody and the check could say anything; DOUBT only in shadow.
    """

    def __init__(
        self,
        evidence: Evidence,
        watch: Watch,
        *,
        acts: bool,
        choose: Callable[[], Side] = lambda: secrets.choice(SIDES),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._evidence, self.watch, self.acts = evidence, watch, acts
        self._choose, self._clock = choose, clock
        self._turn: Turn | None = None
        self._after: Evidence | None = None  # from the turn on
        self._named: str | None = None
        self.finding: Finding | None = None

    def add(self, template: Template) -> Step:
        """Add one usable face, after the watch has seen it. template: under the gallery's rotation.

        Raises MixedTemplates.
        """
        if self._turn is not None:
            return self._while_turning(template, self._turn)
        if self._evidence.frames and not self._evidence.continues(template):
            self.watch.reset()
        decision = self._evidence.add(template)
        if decision is None or decision.outcome is not Outcome.MATCH:
            return Step(decision)
        return self._judge(decision)

    def no_face(self, hint: Hint) -> Step:
        """Tell that a frame had no usable face. Two at once end what was gathered, time ends a turn."""
        if self._turn is None:
            if hint is Hint.SEVERAL_FACES:
                self.reset()
            return Step(None, hint)
        if hint is Hint.SEVERAL_FACES or self._turn.is_over(self._clock()):
            return self._refuse(Finding.NOT_TURNED)
        return Step(None, hint if self._after else self._asked(self._turn))

    def reset(self) -> None:
        """Forget all frames: the person left, or a second face came in."""
        self._evidence.reset()
        self.watch.reset()

    def _judge(self, decision: Decision) -> Step:
        verdict = self.watch.verdict()
        if verdict is Verdict.MORE:
            return Step(None if self.acts else decision)
        if verdict is Verdict.LIVE or not self.acts:
            self.finding = Finding(verdict.value)
            return Step(decision)
        if verdict is Verdict.PICTURE:
            return self._refuse(Finding.PICTURE)
        self._named = decision.person
        self._turn = self.watch.ask(self._choose(), self._clock())
        return Step(None, self._asked(self._turn))

    def _while_turning(self, template: Template, turn: Turn) -> Step:
        if turn.is_over(self._clock()) or not self._evidence.continues(template):
            return self._refuse(Finding.NOT_TURNED)
        if self._after is None:
            assert self.watch.landmarks is not None, "the watch has seen this face"
            if not turn.is_done(self.watch.landmarks):
                return Step(None, self._asked(turn))
            self._after = self._evidence.anew()
        if not self.watch.is_straight:
            return Step(None, Hint.LOOK_STRAIGHT)
        decision = self._after.add(template)
        if decision is None:
            return Step(None)
        if decision.outcome is not Outcome.MATCH or decision.person != self._named:
            return self._refuse(Finding.NOT_TURNED)
        self.finding = Finding.TURNED
        return Step(decision)

    def _refuse(self, finding: Finding) -> Step:
        self.finding = finding
        found = self._evidence.conclude()
        return Step(replace(found, outcome=Outcome.UNKNOWN, person=None, reasons=("not_living",)))

    @staticmethod
    def _asked(turn: Turn) -> Hint:
        return Hint.TURN_LEFT if turn.side == "left" else Hint.TURN_RIGHT
