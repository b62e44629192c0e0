"""Decide over one session who is there and whether a living person is: the evidence, the watch, the turn.

The passive check decides only where the evidence names somebody. In its doubt band the person is asked for
one turn of the head to a random side, and has to be the same person before and after. A picture is
answered as anybody is who is not recognised: with the same answer, after as many frames as the face would
have needed if its owner were not enrolled.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from willing.face.decisions import FaceDecision, FaceOutcome, Policy
from willing.face.liveness.limits import AliveVerdict
from willing.face.liveness.turn import SIDES, HeadTurn, Side
from willing.face.liveness.watch import AliveWatch
from willing.face.types import Hint, Template


class AliveFinding(StrEnum):
    """What a session that named somebody is counted as: nothing of it is kept but this word's number."""

    LIVE = "live"
    TURNED = "turned"
    NOT_TURNED = "not_turned"
    PICTURE = "picture"
    DOUBT = "doubt"


class FrameComparison(Protocol):
    """What compares the frames of a session, here or in another process: `Evidence` is one."""

    def add(self, frame: Template, /) -> FaceDecision | None:
        """Add one frame; return the decision, or None while more are needed."""
        ...

    def reset(self) -> None:
        """Forget all frames."""
        ...


@dataclass(frozen=True, slots=True)
class FrameStep:
    """What one frame brought: the decision, or None while the session goes on with a hint."""

    decision: FaceDecision | None
    hint: Hint = Hint.OK


class Alive:
    """Let only a living person be the match of one session.

    acts: False counts what it would have found, and changes no decision (shadow). policy: of the source; a
    picture is kept waiting by it. finding: set where the session named somebody and the check could say
    anything, with the decision or, of a picture, before it; DOUBT only in shadow.
    """

    def __init__(
        self,
        watch: AliveWatch,
        *,
        acts: bool,
        choose: Callable[[], Side] = lambda: secrets.choice(SIDES),
        clock: Callable[[], float] = time.monotonic,
        policy: Policy | None = None,
    ) -> None:
        self.watch, self.acts = watch, acts
        self._policy = policy or Policy()
        self._choose, self._clock = choose, clock
        self._turn: HeadTurn | None = None
        self._is_turned = False
        self._named: FaceDecision | None = None
        self.finding: AliveFinding | None = None

    @property
    def finding_at_end(self) -> AliveFinding | None:
        """What the session is counted as when its time is over now: a turn that is under way was not made."""
        if self.finding is None and self._turn is not None:
            return AliveFinding.NOT_TURNED
        return self.finding

    def add(self, source: FrameComparison, template: Template) -> FrameStep:
        """Add one usable face, after the watch has seen it. Raises as the source does."""
        if self._turn is not None and self._turn.is_over(self._clock()):
            return self._refuse(AliveFinding.NOT_TURNED)
        if self._turn is not None and self._is_turned:
            return self._after(source, template)
        decision = source.add(template)
        if self._turn is not None:
            return self._while_turning(source, decision, self._turn)
        if self.finding is AliveFinding.PICTURE:
            return self._as_a_stranger(decision)
        if decision is None or decision.outcome is not FaceOutcome.MATCH:
            return FrameStep(decision)
        return self._judge(decision)

    def no_face(self, source: FrameComparison, hint: Hint) -> FrameStep:
        """Tell that a frame had no usable face. Two at once forget what was gathered; time closes a turn."""
        if self._turn is None:
            if hint is Hint.SEVERAL_FACES:
                source.reset()
            return FrameStep(None, hint)
        if hint is Hint.SEVERAL_FACES or self._turn.is_over(self._clock()):
            return self._refuse(AliveFinding.NOT_TURNED)
        return FrameStep(None, hint if self._is_turned else self._asked(self._turn))

    def _judge(self, decision: FaceDecision) -> FrameStep:
        verdict = self.watch.verdict(decision.frames)
        if verdict is AliveVerdict.MORE:
            waits = self.acts or decision.frames < self.watch.limits.frames_min
            return FrameStep(None if waits else decision)
        if verdict is AliveVerdict.LIVE or not self.acts:
            self.finding = AliveFinding(verdict.value)
            return FrameStep(decision)
        self._named = decision
        if verdict is AliveVerdict.PICTURE:
            self.finding = AliveFinding.PICTURE
            return self._as_a_stranger(decision)
        self._turn = self.watch.ask(self._choose(), self._clock(), decision.frames)
        return FrameStep(None, self._asked(self._turn))

    def _as_a_stranger(self, decision: FaceDecision | None) -> FrameStep:
        """Refuse a picture when it would have been sent on if only the runner-up were enrolled.

        Sooner, the wait alone would say that the picture was taken for somebody.
        """
        if decision is None:
            return FrameStep(None)
        runner_up, policy = decision.score - decision.margin, self._policy
        gave_up = decision.frames >= policy.give_up_frames and runner_up < policy.give_up_below
        is_over = decision.outcome is not FaceOutcome.MATCH or decision.frames >= policy.max_frames
        return self._refuse(AliveFinding.PICTURE) if gave_up or is_over else FrameStep(None)

    def _while_turning(
        self, source: FrameComparison, decision: FaceDecision | None, turn: HeadTurn
    ) -> FrameStep:
        """Wait for the turn; it counts for whom the same evidence, without a break, still names."""
        if not turn.is_done(self.watch.last.landmarks):
            return FrameStep(None, self._asked(turn))
        named = self._named
        if (
            decision is None
            or named is None
            or not _is_same(decision, named)
            or decision.frames <= named.frames
        ):
            return self._refuse(AliveFinding.NOT_TURNED)
        self._is_turned = True
        source.reset()
        return FrameStep(None, Hint.LOOK_STRAIGHT)

    def _after(self, source: FrameComparison, template: Template) -> FrameStep:
        """Compare anew, from straight frames alone."""
        if self.watch.last.score is None:
            return FrameStep(None, Hint.LOOK_STRAIGHT)
        decision = source.add(template)
        if decision is None:
            return FrameStep(None)
        if self._named is None or not _is_same(decision, self._named):
            return self._refuse(AliveFinding.NOT_TURNED)
        self.finding = AliveFinding.TURNED
        return FrameStep(decision)

    def _refuse(self, finding: AliveFinding) -> FrameStep:
        assert self._named is not None, "only somebody who was named is refused"
        self.finding = finding
        refused = replace(self._named, outcome=FaceOutcome.UNKNOWN, person=None, reasons=("not_living",))
        return FrameStep(refused)

    @staticmethod
    def _asked(turn: HeadTurn) -> Hint:
        return Hint.TURN_LEFT if turn.side == "left" else Hint.TURN_RIGHT


def _is_same(decision: FaceDecision, named: FaceDecision) -> bool:
    return decision.outcome is FaceOutcome.MATCH and decision.person == named.person
