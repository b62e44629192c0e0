"""What the tests of a school's tills with pictures gave: how far one is, and its rates with intervals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, Sum

from willing.biometrics import errors
from willing.biometrics.picture_models import PictureTest, PictureTestCount
from willing.core.collation import by_language
from willing.core.statistics import exact_interval
from willing.dpia.fuse_rules import Pictures
from willing.people.models import School
from willing.terminals.models import Terminal

Kind = PictureTestCount.Kind
Distance = PictureTestCount.Distance
TRIES_EACH = 5
TRIES = TRIES_EACH * len(Kind) * len(Distance)
OUTCOMES = ("passed", "turned", "not_turned", "refused", "unanswered")


def attempts_done(test: PictureTest) -> Mapping[tuple[str, str], int]:
    """Return each kind at each distance, those without an answer among them."""
    total = sum((F(outcome) for outcome in OUTCOMES[1:]), start=F(OUTCOMES[0]))
    rows = test.counts.values("kind", "distance").annotate(done=Sum(total)).order_by()
    return {(row["kind"], row["distance"]): row["done"] for row in rows}


@dataclass(frozen=True)
class NextTry:
    """What is to be tried next: a kind at a distance, for the so-manieth time."""

    kind: str
    distance: str
    number: int


def next_try(test: PictureTest, kind: str = "") -> NextTry | None:
    """Return what is to be tried next, of one kind where it is named; None where nothing is left."""
    done = attempts_done(test)
    for one in Kind.values:
        for distance in Distance.values:
            count = done.get((one, distance), 0)
            if count < TRIES_EACH and kind in {"", one}:
                return NextTry(one, distance, count + 1)
    return None


def finished_tests(terminal: Terminal) -> list[PictureTest]:
    """Return a till's finished tests, the latest first."""
    rows = PictureTest.objects.filter(terminal=terminal, finished_on__isnull=False)
    return list(rows.order_by("-finished_on", "-id"))


def require_finished_test(terminal: Terminal, test_id: UUID) -> PictureTest:
    """Return a finished test of a till. Raises Refused test_unknown."""
    found = PictureTest.objects.filter(terminal=terminal, finished_on__isnull=False, pk=test_id).first()
    if found is None:
        raise errors.test_unknown()
    return found


@dataclass(frozen=True)
class KindResults:
    """How one kind did in a test. errors: pictures that passed, or living people who did not.

    answered: tries with an answer; low, high: the 95 % interval of the errors' share of them (Clopper and
    Pearson). For pictures that share is ISO/IEC 30107-3's APCER, for the living BPCER. asked: those of the
    answered who were asked to turn.
    """

    kind: str
    tries: int
    answered: int
    errors: int
    asked: int
    low: float
    high: float

    @property
    def is_attack(self) -> bool:
        """Whether pictures were held up."""
        return self.kind != Kind.LIVE


def results_of(test: PictureTest, distance: str = "") -> list[KindResults]:
    """Return a test's results by kind, of one distance where it is named; without kinds that nobody tried."""
    rows = test.counts.filter(distance=distance) if distance else test.counts
    sums = rows.values("kind").annotate(**{f"{outcome}_sum": Sum(outcome) for outcome in OUTCOMES})
    found = {row["kind"]: _results(dict(row)) for row in sums.order_by()}
    return [found[kind] for kind in Kind.values if kind in found]


def _results(row: Mapping[str, Any]) -> KindResults:
    passed, turned, not_turned, refused, unanswered = (row[f"{one}_sum"] for one in OUTCOMES)
    answered = passed + turned + not_turned + refused
    wrong = not_turned + refused if row["kind"] == Kind.LIVE else passed + turned
    low, high = exact_interval(wrong, answered)
    tried = answered + unanswered
    return KindResults(row["kind"], tried, answered, wrong, turned + not_turned, low, high)


@dataclass(frozen=True)
class TriedTill:
    """A till that takes faces, and the results of its latest finished test, if it has one."""

    terminal: Terminal
    test: PictureTest | None
    figures: list[KindResults]

    @property
    def finished_on(self) -> date | None:
        """When the latest test was finished."""
        return self.test.finished_on if self.test else None

    @property
    def attacks(self) -> tuple[int, int]:
        """How many pictures were accepted, of how many that had an answer."""
        pictures = [one for one in self.figures if one.is_attack]
        return sum(one.errors for one in pictures), sum(one.answered for one in pictures)

    @property
    def living(self) -> tuple[int, int]:
        """How many living people were not accepted, of how many that had an answer."""
        people = [one for one in self.figures if not one.is_attack]
        return sum(one.errors for one in people), sum(one.answered for one in people)


def tried_tills(school: School) -> list[TriedTill]:
    """Return the tills in use that take faces, by name, each with the results of its latest test."""
    tills = Terminal.objects.filter(school=school, retired_at=None, takes_face=True)
    tests = PictureTest.objects.filter(terminal__in=tills, finished_on__isnull=False)
    latest = {test.terminal_id: test for test in tests.order_by("finished_on", "id")}
    return [
        TriedTill(till, latest.get(till.pk), results_of(latest[till.pk]) if till.pk in latest else [])
        for till in tills.order_by(*by_language("name"))
    ]


def passed_in_tests(school: School) -> Pictures:
    """Return how many pictures were answered in the latest test of each till, and how many of them passed."""
    found = [one for till in tried_tills(school) for one in till.figures if one.is_attack]
    return Pictures(sum(one.answered for one in found), sum(one.errors for one in found))
