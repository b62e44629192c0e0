"""One lunch hour, step by step with the real actions on the real database.

Every step asserts what it shows: a story that does not come out as written raises StoryBroken.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from willing.core.errors import Refused
from willing.demo.absences import ask_for_leave, plan_a_trip
from willing.demo.boarding import take_evening_list
from willing.demo.face_scenes import FaceScenes
from willing.demo.food import hold_back
from willing.demo.proof_scenes import show_altered_copy, show_calendar, show_ledger, show_log
from willing.demo.school import DemoSchool
from willing.demo.stage import DemoStage, Scene, StoryBroken
from willing.demo.till_scenes import TillScenes

PORTRAITS = ("person_a_1.jpg", "person_a_2.jpg", "person_b_1.jpg", "person_b_2.jpg", "impostor_1.jpg")


@dataclass(frozen=True)
class StoryStep:
    """One line of the story; amounts in minor units, ms measured."""

    step: str
    way: str
    person: str
    outcome: str
    amount: int | None
    balance: int | None
    ms: float


class Story:
    """The demo's lunch hour at both tills. without_faces: why nobody pays by face, or empty."""

    def __init__(self, demo: DemoSchool, *, without_faces: str = "") -> None:
        self.stage = stage = DemoStage(demo)
        self.school = demo.school
        self.without_faces = without_faces
        self.faces, self.till = FaceScenes(stage), TillScenes(stage, without_faces=without_faces)

    def run(self) -> Iterator[StoryStep]:
        """Yield each step as it happens. Raises StoryBroken where a visitor changed the school too much."""
        for name, scene in self._scenes():
            begin = time.perf_counter()
            try:
                result = scene()
            except Refused as refused:
                raise StoryBroken(f"{name}: {refused.message} ({refused.code})") from refused
            ms = (time.perf_counter() - begin) * 1000
            yield StoryStep(
                name, result.way, result.person, result.outcome, result.amount, result.balance, round(ms, 1)
            )

    def _scenes(self) -> list[tuple[str, Scene]]:
        with_faces = not self.without_faces
        scenes: list[tuple[str, Scene]] = [("the till opens", self.till.prepare)]
        scenes += [
            ("Alex and a guardian say yes", lambda: self.faces.agree("Alex")),
            ("Bea and a guardian say yes", lambda: self.faces.agree("Bea")),
        ]
        if with_faces:
            scenes += [
                ("Alex is enrolled", lambda: self.faces.enrol("Alex", "person_a_2.jpg")),
                (
                    "Bea is enrolled with her card",
                    lambda: self.faces.enrol_with_card("Bea", "person_b_1.jpg"),
                ),
                (
                    "Alex pays at till 1, on a later portrait",
                    lambda: self.faces.pay_by_face("Alex", "person_a_1.jpg"),
                ),
                (
                    "Bea pays at till 2, with card and face",
                    lambda: self.faces.pay_by_card_and_face("Bea", "person_b_2.jpg"),
                ),
                (
                    "a stranger looks into till 1's camera",
                    lambda: self.faces.not_recognised("impostor_1.jpg"),
                ),
                (
                    "a stranger holds Bea's card at till 2",
                    lambda: self.faces.not_confirmed("Bea", "impostor_1.jpg"),
                ),
            ]
        scenes += [
            ("who was not recognised pays by PIN", lambda: self.till.pay_by_pin("Sam")),
            ("a card code pays", lambda: self.till.pay_by_card("Dina")),
            ("one basket, confirmed three times", lambda: self.till.confirm_three_times("Dina")),
            ("an empty balance still gets the main meal", lambda: self.till.pay_by_card("Chen")),
            ("a visitor pays in cash", self.till.pay_in_cash),
        ]
        if "Mila" in self.stage.demo.cards:  # an earlier demo has nobody with an allergy
            scenes.append(("Mila must not eat gluten", lambda: hold_back(self.stage, "Mila")))
        if "teacher" in self.stage.demo.passwords:  # an earlier demo has none
            scenes += [
                ("Alex asks for leave over lunch", lambda: ask_for_leave(self.stage.demo, "Alex")),
                ("a teacher plans a trip", lambda: plan_a_trip(self.stage.demo)),
                ("a house warden takes the evening list", lambda: take_evening_list(self.stage.demo)),
            ]
        if with_faces:
            scenes += [
                ("Alex's guardian withdraws", lambda: self.faces.withdraw("Alex")),
                ("the same portrait, a second later", lambda: self.faces.not_recognised("person_a_1.jpg")),
            ]
        return [
            *scenes,
            ("Alex's card still pays", lambda: self.till.pay_by_card("Alex")),
            ("the calendar has a term and two holidays", lambda: show_calendar(self.school)),
            ("the ledger is verified", show_ledger),
            ("the log is verified", show_log),
            ("one row is altered in a copy of the log", show_altered_copy),
        ]
