"""Run the pad protocol: which presentation attacks pass, and what that costs the living (ISO/IEC 30107-3).

A session is at most two seconds of a clip, one every quarter of a second, decided as the till decides;
sessions of one clip are not independent, so rates are given by session and by clip. Photographs are judged
in `pad_photographs`. A recording cannot answer a random turn: who would be asked is counted apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from time import perf_counter

import numpy as np

from willing.face.alive import Alive, AliveFinding
from willing.face.decisions import Evidence
from willing.face.engine import Engine
from willing.face.evaluation.clips import Clip, Frame, read_clip
from willing.face.evaluation.statistics import ErrorRate
from willing.face.gallery import Gallery
from willing.face.liveness.limits import LIMITS, AliveVerdict
from willing.face.liveness.turn import MISS_MIN, TURN_SECONDS, nose_miss
from willing.face.liveness.watch import AliveWatch, Liveness
from willing.face.pipeline.choose import DEFAULT_ZONE
from willing.face.types import Float32, Hint, Pixels, Template

# In frames of a clip, which come some seven a second.
SESSION_FRAMES, BETWEEN_SESSIONS = 15, 2
LIVING, REFERENCE = "live", "broadcast"
_DRAWS = 2_000


@dataclass(frozen=True, slots=True)
class PadSession:
    """How one session was decided. verdict: of the passive check; MORE: no answer in its time.

    accepted: as the person enrolled and living, without a turn; None where nobody is enrolled for the clip.
    near: the face was nearer than the till's zone lets it be.
    """

    kind: str
    clip: str
    verdict: AliveVerdict
    accepted: bool | None = None
    near: bool = False


@dataclass(frozen=True, slots=True)
class KindResult:
    """One kind's rates over the sessions that were answered; sessions of one clip count each."""

    kind: str
    is_attack: bool
    clips: int
    sessions: int
    no_answer: int
    too_near: int
    passed: ErrorRate
    asked: ErrorRate
    sent_on: ErrorRate
    clips_with_a_pass: ErrorRate
    passed_resampled_by_clip: tuple[float, float]
    accepted: ErrorRate | None
    riapar: float | None = None
    riapar_if_every_turn_is_answered: float | None = None


@dataclass(frozen=True, slots=True)
class TurnResult:
    """How often four seconds of a clip would answer a turn to a side chosen at random."""

    kind: str
    clip: str
    windows: int
    answered: float
    furthest: float


@dataclass(frozen=True, slots=True)
class Cost:
    """The check's time beside a frame's, milliseconds, medians over the same frames."""

    frames: int
    frame_ms: float
    added_ms: float
    share: float


def clip_sessions(engine: Engine, check: Liveness, clips: Sequence[Clip]) -> Iterator[PadSession]:
    """Yield the sessions of all clips. Raises BadProtocol where a clip cannot be read."""
    galleries = _enrol(engine, clips)
    for clip in clips:
        frames = read_clip(engine, clip)
        for first in range(0, max(1, len(frames) - LIMITS.frames_min + 1), BETWEEN_SESSIONS):
            part = frames[first : first + SESSION_FRAMES]
            yield _session(engine, check, clip, part, galleries.get(clip.person))


def _enrol(engine: Engine, clips: Sequence[Clip]) -> dict[str, Gallery]:
    """Return a gallery of one for each person whom a clip shows living."""
    found: dict[str, Gallery] = {}
    for clip in clips:
        if clip.kind not in {LIVING, REFERENCE} or not clip.person or clip.person in found:
            continue
        frames = read_clip(engine, clip)
        picked = [frames[len(frames) * part // 6] for part in (1, 3, 5)]
        faces = [engine.portrait(frame.pixels) for frame in picked]
        references: list[Template] = [face.reference for face in faces if face is not None]
        if references:
            found[clip.person] = Gallery()
            found[clip.person].add(clip.person, references)
    return found


def _session(
    engine: Engine, check: Liveness, clip: Clip, frames: Sequence[Frame], gallery: Gallery | None
) -> PadSession:
    # Nearer faces are judged as well: leaving them out would make attacks look rarer than they are.
    watch, near, verdict = AliveWatch(check), False, AliveVerdict.MORE
    alive = Alive(watch, acts=True)
    evidence = Evidence(gallery, person=clip.person) if gallery is not None else None
    accepted = None if evidence is None else False
    seen = 0
    for frame in frames:
        look = engine.process_frame(frame.pixels, zone=DEFAULT_ZONE, watch=watch)
        if look.face is None:
            continue
        near = near or look.face.box_px[3] > LIMITS.face_height_max * frame.pixels.shape[0]
        seen += 1
        verdict = watch.verdict(seen)
        step = alive.add(evidence, look.face.template) if evidence else None
        if step is not None and step.decision is not None:
            accepted = alive.finding is AliveFinding.LIVE
        is_over = step is None or step.decision is not None or step.hint in {Hint.TURN_LEFT, Hint.TURN_RIGHT}
        if verdict is not AliveVerdict.MORE and is_over:
            break
    return PadSession(clip.kind, clip.path.name, verdict, accepted, near)


def results(sessions: Sequence[PadSession], seed: int = 1) -> list[KindResult]:
    """Return the rates of each kind, living people first, with RIAPAR where somebody is enrolled."""
    kinds = sorted({one.kind for one in sessions}, key=lambda kind: (kind != LIVING, kind))
    found = [_of_kind(kind, [one for one in sessions if one.kind == kind], seed) for kind in kinds]
    living = next((one.accepted for one in found if one.kind == LIVING), None)
    return [_with_riapar(one, living) for one in found]


def _of_kind(kind: str, sessions: Sequence[PadSession], seed: int) -> KindResult:
    answered = [one for one in sessions if one.verdict is not AliveVerdict.MORE]
    counts = Counter(one.verdict for one in answered)
    clips = sorted({one.clip for one in sessions})
    by_clip = [[one.verdict is AliveVerdict.LIVE for one in answered if one.clip == clip] for clip in clips]
    enrolled = [one.accepted for one in sessions if one.accepted is not None]
    return KindResult(
        kind=kind,
        is_attack=kind not in {LIVING, REFERENCE},
        clips=len(clips),
        sessions=len(sessions),
        no_answer=len(sessions) - len(answered),
        too_near=sum(one.near for one in sessions),
        passed=ErrorRate.of(counts[AliveVerdict.LIVE], len(answered)),
        asked=ErrorRate.of(counts[AliveVerdict.DOUBT], len(answered)),
        sent_on=ErrorRate.of(counts[AliveVerdict.PICTURE], len(answered)),
        clips_with_a_pass=ErrorRate.of(sum(map(any, by_clip)), len(clips)),
        passed_resampled_by_clip=_resampled(by_clip, seed),
        accepted=ErrorRate.of(sum(enrolled), len(enrolled)) if enrolled else None,
    )


def _resampled(by_clip: Sequence[Sequence[bool]], seed: int) -> tuple[float, float]:
    """Return the middle 95 % of the share of passes when clips are drawn anew, each with its sessions."""
    passes = np.array([sum(one) for one in by_clip])
    trials = np.array([len(one) for one in by_clip])
    if not trials.sum():
        return 0.0, 1.0
    drawn = np.random.default_rng([seed, 30107]).integers(0, len(by_clip), (_DRAWS, len(by_clip)))
    totals = trials[drawn].sum(axis=1)
    shares = passes[drawn].sum(axis=1)[totals > 0] / totals[totals > 0]
    low, high = np.quantile(shares, [0.025, 0.975])
    return float(low), float(high)


def _with_riapar(one: KindResult, living: ErrorRate | None) -> KindResult:
    """Add RIAPAR = IAPAR + FRR, a living person who is asked to turn counting as rejected."""
    if not one.is_attack or one.accepted is None or living is None:
        return one
    rejected = 1 - living.rate
    worst = min(1.0, one.accepted.rate + one.asked.rate)
    return replace(
        one, riapar=one.accepted.rate + rejected, riapar_if_every_turn_is_answered=worst + rejected
    )


class _Points:
    """A check that scores nothing: only the landmarks of a frame are wanted."""

    name = "points"

    def score(self, square: Pixels) -> float:
        """Return no evidence either way."""
        del square
        return 0.0


def clip_turns(engine: Engine, clips: Sequence[Clip]) -> Iterator[TurnResult]:
    """Yield for each clip how its heads or pictures move, by the five points alone."""
    for clip in clips:
        looks: list[tuple[float, float, Float32]] = []
        for frame in read_clip(engine, clip):
            watch = AliveWatch(_Points())
            look = engine.process_frame(frame.pixels, watch=watch)
            if look.face is not None:
                looks.append((frame.at, watch.last.yaw_deg, watch.last.landmarks))
        yield _turns(clip, looks)


def _turns(clip: Clip, frames: Sequence[tuple[float, float, Float32]]) -> TurnResult:
    answered, windows, furthest = 0, 0, 0.0
    for at, yaw, straight in frames:
        later = [nose_miss(straight, points) for when, _, points in frames if at < when <= at + TURN_SECONDS]
        if abs(yaw) > LIMITS.yaw_deg_max or not later:
            continue
        windows += 1
        answered += (max(later) >= MISS_MIN) + (min(later) <= -MISS_MIN)
        furthest = max(furthest, *map(abs, later))
    return TurnResult(clip.kind, clip.path.name, windows, answered / (2 * max(1, windows)), furthest)


def cost(engine: Engine, check: Liveness, frames: Sequence[Frame], rounds: int = 7) -> Cost:
    """Return what the check adds to a frame, on frames with a usable face, with and without in turns.

    Of each frame the quickest of some rounds counts, so that what else the computer does counts little.
    """
    plain, watched = list[float](), list[float]()
    for frame in [one for one in frames if engine.process_frame(one.pixels).face is not None]:
        pairs = [_both(engine, check, frame) for _ in range(rounds)]
        plain.append(min(without for without, _ in pairs))
        watched.append(min(with_it for _, with_it in pairs))
    if not plain:
        return Cost(0, 0.0, 0.0, 0.0)
    frame_ms, both_ms = median(plain) * 1e3, median(watched) * 1e3
    return Cost(len(plain), frame_ms, both_ms - frame_ms, (both_ms - frame_ms) / frame_ms)


def _both(engine: Engine, check: Liveness, frame: Frame) -> tuple[float, float]:
    """Return the seconds of one frame without the check and with it."""
    started = perf_counter()
    engine.process_frame(frame.pixels)
    between = perf_counter()
    engine.process_frame(frame.pixels, watch=AliveWatch(check))
    return between - started, perf_counter() - between
