"""What waits for those who work here: a line for each kind of work, with its count and the page for it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import ngettext_lazy

from willing.accounts.models import User
from willing.allergens.models import PersonAllergen
from willing.allergens.queries import due_of, persons_with_allergens
from willing.attendance.message_queries import count_unexplained
from willing.attendance.note_queries import count_open_notes
from willing.attendance.untaken import untaken_on
from willing.biometrics.enrolment_queue import count_ready
from willing.boarding.models import House
from willing.boarding.queries import EveningCounts, count_evening
from willing.complaints.queries import Unanswered, count_unanswered
from willing.credentials.print_queries import open_runs
from willing.credentials.queries import CardWishes, count_card_wishes, count_without_credential
from willing.dpia.queries import lock_of
from willing.drawers.queries import left_open
from willing.entitlements.queries import due_entitlements
from willing.leave.desk_queries import LeaveCounts, count_leaves
from willing.meals.duplicates import count_open as count_duplicates
from willing.meals.owed import count_arrears
from willing.ops.health import conditions
from willing.pages.console.roles import (
    ADMINISTERS,
    AGREES_TO_LEAVE,
    ANSWERS_FAMILIES,
    ANY_STAFF,
    KEEPS_THE_MENU,
    MESSAGES_FAMILIES,
    OFFICE,
    PROTECTS,
    READS_MAIL,
    READS_MONEY,
    READS_PROTECTION,
    RECEIVES_VISITORS,
    SETS_UP_TERMINALS,
    SIGNS_OUT,
    TAKES_REGISTERS,
)
from willing.payments.queries import count_pay_outs_to_do, count_waiting
from willing.people.calendar_rules import CalendarDay
from willing.people.models import Person, School
from willing.people.queries import today
from willing.people.school_days import calendar_day
from willing.till.dishes import count_unsigned, without_safe_meal
from willing.visits.queries import count_never_out
from willing.wallets.queries import leaver_balances
from willing.wallets.rules import Leaver


class Reads:
    """What several kinds of work are counted from, read once for a front page.

    houses: whose evening lists are read. teacher: who sees only their own registers; None for the office.
    """

    def __init__(self, school: School, houses: Sequence[House], teacher: int | None = None) -> None:
        self.school = school
        self.houses = houses
        self.teacher = teacher

    @cached_property
    def evening(self) -> EveningCounts:
        """How many boarders are missing in the houses whose lists one takes, and how many lists are due."""
        return count_evening(self.school, self.houses)

    @cached_property
    def leaves(self) -> LeaveCounts:
        """How many leaves wait, and how many pupils should be back from one."""
        return count_leaves(self.school)

    @cached_property
    def allergic(self) -> list[tuple[Person, list[PersonAllergen]]]:
        """Who must not eat something, with their entries."""
        return persons_with_allergens(self.school)

    @cached_property
    def unanswered(self) -> Unanswered:
        """How many complaints and requests wait for an answer."""
        return count_unanswered(self.school)

    @cached_property
    def cards(self) -> CardWishes:
        """How many need a card after a loss, and how many ask for a PIN."""
        return count_card_wishes(self.school)

    @cached_property
    def calendar(self) -> CalendarDay:
        """What the calendar says of today."""
        return calendar_day(self.school, today(self.school))

    @property
    def is_school_day(self) -> bool:
        """Whether the school is open today."""
        return self.calendar.is_school_day


def _of(count: Callable[[School], int]) -> Callable[[Reads], int]:
    return lambda reads: count(reads.school)


@dataclass(frozen=True)
class WaitingKind:
    """A kind of work. count: how much of it waits now; label: said of that many; is_urgent: shown first."""

    key: str
    roles: Sequence[str]
    url_name: str
    count: Callable[["Reads"], int]
    label: Promise
    is_urgent: bool = False
    # What of the page it is: the filters of a list.
    query: str = ""


@dataclass(frozen=True)
class Waits:
    """Work that waits, as the front page shows it. detail: what follows, of something that is wrong."""

    key: str
    label: str
    url: str
    is_urgent: bool
    detail: str = ""


def _left_open(school: School) -> int:
    return len(left_open(school, today(school)))


def _unsigned(reads: Reads) -> int:
    """Return how many products of today are unsigned, where it is a school day and someone needs to know."""
    return count_unsigned(reads.school) if reads.is_school_day and reads.allergic else 0


def _unfed(reads: Reads) -> int:
    return len(without_safe_meal(reads.school)) if reads.is_school_day and reads.allergic else 0


def _allergies_due(reads: Reads) -> int:
    entries = [entry for _person, own in reads.allergic for entry in own]
    return len({one.person_id for one in due_of(reads.school, entries)})


def _registers(reads: Reads) -> int:
    """Return how many registers nobody has taken: a teacher's own, or everyone's for the office."""
    untaken = untaken_on(reads.school, today(reads.school), reads.calendar)
    return sum(reads.teacher is None or reads.teacher in one.teachers for one in untaken)


def _leavers(school: School) -> int:
    return sum(one.state is Leaver.DUE for one in leaver_balances(school))


def _review_due(school: School) -> int:
    return int("review_due" in lock_of(school).reasons)


# What comes first of two that are as urgent as each other is higher up.
KINDS = (
    WaitingKind(
        "missing_boarders",
        ANY_STAFF,
        "console:boarding",
        lambda reads: reads.evening.missing,
        ngettext_lazy("%d boarder is not accounted for tonight", "%d boarders are not accounted for tonight"),
        is_urgent=True,
    ),
    WaitingKind(
        "evening_lists",
        ANY_STAFF,
        "console:boarding",
        lambda reads: reads.evening.due,
        ngettext_lazy("%d evening list is not complete", "%d evening lists are not complete"),
        is_urgent=True,
    ),
    WaitingKind(
        "unfed",
        KEEPS_THE_MENU,
        "console:allergens",
        _unfed,
        ngettext_lazy(
            "%d person has no safe main meal on today's menu",
            "%d people have no safe main meal on today's menu",
        ),
        is_urgent=True,
    ),
    WaitingKind(
        "unsigned",
        KEEPS_THE_MENU,
        "console:allergens",
        _unsigned,
        ngettext_lazy(
            "%d product of today's menu to declare or sign for allergens",
            "%d products of today's menu to declare or sign for allergens",
        ),
        is_urgent=True,
    ),
    WaitingKind(
        "overdue",
        ANSWERS_FAMILIES,
        "console:complaints",
        lambda reads: reads.unanswered.overdue,
        ngettext_lazy("%d answer to a family is overdue", "%d answers to families are overdue"),
        is_urgent=True,
    ),
    WaitingKind(
        "drawers",
        READS_MONEY,
        "console:drawers",
        _of(_left_open),
        ngettext_lazy("%d drawer was not closed on its day", "%d drawers were not closed on their day"),
        is_urgent=True,
    ),
    WaitingKind(
        "registers",
        TAKES_REGISTERS,
        "console:registers",
        _registers,
        ngettext_lazy("%d register of today is not taken yet", "%d registers of today are not taken yet"),
        is_urgent=True,
    ),
    WaitingKind(
        "overdue_back",
        SIGNS_OUT,
        "console:leave-desk",
        lambda reads: reads.leaves.overdue,
        ngettext_lazy("%d pupil should be back from leave", "%d pupils should be back from leave"),
        is_urgent=True,
    ),
    WaitingKind(
        "visits",
        RECEIVES_VISITORS,
        "console:visits",
        _of(count_never_out),
        ngettext_lazy(
            "%d visitor of an earlier day was never signed out",
            "%d visitors of earlier days were never signed out",
        ),
        is_urgent=True,
    ),
    WaitingKind(
        "leaves",
        AGREES_TO_LEAVE,
        "console:leaves",
        lambda reads: reads.leaves.waiting,
        ngettext_lazy("%d leave or illness waits for an answer", "%d leaves or illnesses wait for an answer"),
        is_urgent=True,
    ),
    WaitingKind(
        "unexplained",
        MESSAGES_FAMILIES,
        "console:absence-messages",
        lambda reads: count_unexplained(reads.school, today(reads.school)) if reads.is_school_day else 0,
        ngettext_lazy(
            "%d pupil is absent without a reason, and the family was not asked",
            "%d pupils are absent without a reason, and the families were not asked",
        ),
        is_urgent=True,
    ),
    WaitingKind(
        "review",
        PROTECTS,
        "console:assessment",
        _of(_review_due),
        ngettext_lazy("%d impact assessment is due for review", "%d impact assessments are due for review"),
        is_urgent=True,
    ),
    WaitingKind(
        "complaints",
        ANSWERS_FAMILIES,
        "console:complaints",
        lambda reads: reads.unanswered.in_time,
        ngettext_lazy("%d complaint or request to answer", "%d complaints and requests to answer"),
    ),
    WaitingKind(
        "register-notes",
        OFFICE,
        "console:register-notes",
        _of(count_open_notes),
        ngettext_lazy("%d message of a family about a mark", "%d messages of families about marks"),
    ),
    WaitingKind(
        "bank",
        OFFICE,
        "console:bank",
        _of(count_waiting),
        ngettext_lazy("%d payment by the bank to book", "%d payments by the bank to book"),
    ),
    WaitingKind(
        "pay_outs",
        OFFICE,
        "console:pay-outs",
        _of(count_pay_outs_to_do),
        ngettext_lazy("%d pay-out to decide about or to send", "%d pay-outs to decide about or to send"),
    ),
    WaitingKind(
        "duplicates",
        OFFICE,
        "console:duplicates",
        _of(count_duplicates),
        ngettext_lazy("%d purchase that may be counted twice", "%d purchases that may be counted twice"),
    ),
    WaitingKind(
        "credentials",
        OFFICE,
        "console:people",
        _of(count_without_credential),
        ngettext_lazy("%d person has neither card nor PIN", "%d people have neither card nor PIN"),
        query="?with=no-card&with=no-pin",
    ),
    WaitingKind(
        "printed",
        OFFICE,
        "console:people",
        _of(lambda school: len(open_runs(school))),
        ngettext_lazy(
            "%d printing to confirm: did it come out?",
            "%d printings to confirm: did they come out?",
        ),
    ),
    WaitingKind(
        "lost_cards",
        OFFICE,
        "console:people",
        lambda reads: reads.cards.lost,
        ngettext_lazy(
            "%d person has lost their card and needs a new one",
            "%d people have lost their cards and need new ones",
        ),
        query="?with=lost-card",
    ),
    WaitingKind(
        "asked_pins",
        OFFICE,
        "console:people",
        lambda reads: reads.cards.pins,
        ngettext_lazy("%d person asks for a new PIN", "%d people ask for a new PIN"),
        query="?with=asks-pin",
    ),
    WaitingKind(
        "ready_to_enrol",
        OFFICE,
        "console:enrol",
        _of(count_ready),
        ngettext_lazy(
            "%d person is ready at the enrolment desk: everyone has agreed",
            "%d people are ready at the enrolment desk: everyone has agreed",
        ),
    ),
    WaitingKind(
        "arrears",
        OFFICE,
        "console:arrears",
        _of(count_arrears),
        ngettext_lazy("%d balance below zero", "%d balances below zero"),
    ),
    WaitingKind(
        "entitlements",
        OFFICE,
        "console:entitlements",
        _of(lambda school: len(due_entitlements(school))),
        ngettext_lazy("%d free or reduced meal to check again", "%d free or reduced meals to check again"),
    ),
    WaitingKind(
        "allergies",
        OFFICE,
        "console:allergens",
        _allergies_due,
        ngettext_lazy(
            "%d person's allergies to confirm this term", "%d people's allergies to confirm this term"
        ),
    ),
    WaitingKind(
        "leavers",
        (*OFFICE, *ADMINISTERS),
        "console:leavers",
        _of(_leavers),
        ngettext_lazy("%d leaver's balance to pay out", "%d leavers' balances to pay out"),
    ),
)


# Where a fault that Health found is put right, and by whom; every other one is on Health alone.
FAULT_PAGES: Mapping[str, tuple[str, Sequence[str]]] = {
    "breach": ("console:breaches", READS_PROTECTION),
    "fuse_blown": ("console:fuses", READS_PROTECTION),
    "fuse_warning": ("console:fuses", READS_PROTECTION),
    "mail": ("console:mail", READS_MAIL),
    "mail_inbox": ("console:mail", READS_MAIL),
    "mail_refused": ("console:mail", READS_MAIL),
    "printer": ("console:terminals", SETS_UP_TERMINALS),
    "unconfirmed_faces": ("console:unconfirmed", PROTECTS),
}


def waiting_for(
    roles: frozenset[str], school: School, user: User, houses: Sequence[House] = ()
) -> list[Waits]:
    """Return what waits for someone with these roles: what is wrong, what is urgent, then the rest.

    houses: whose evening lists they take.
    """
    reads = Reads(school, houses, teacher=user.pk if roles.isdisjoint(OFFICE) else None)
    found = [
        Waits(one.key, str(one.label % count), f"{reverse(one.url_name)}{one.query}", one.is_urgent)
        for one in KINDS
        if not roles.isdisjoint(one.roles) and (count := one.count(reads))
    ]
    return [*_faults(roles, school), *sorted(found, key=lambda one: not one.is_urgent)]


def _faults(roles: frozenset[str], school: School) -> Iterator[Waits]:
    """Name what Health found that is not as it should be, to those who read that page."""
    if roles.isdisjoint(READS_PROTECTION):
        return
    for one in conditions(school):
        if not one.is_ok:
            page, may_open = FAULT_PAGES.get(one.code, ("console:health", READS_PROTECTION))
            url = reverse(page if not roles.isdisjoint(may_open) else "console:health")
            yield Waits(one.code, str(one.label), url, is_urgent=True, detail=one.detail)
