"""Put together what a guardian's page shows, from what the rooms say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext

from willing.audit.models import Entry
from willing.audit.queries import latest_entry
from willing.biometrics.models import FaceSession, Template
from willing.biometrics.queries import has_face, places_of, templates_of, uses_of_face
from willing.consent.models import Decision, Notice, Purpose
from willing.consent.queries import latest_decision, permission, replaced_at, require_notice
from willing.consent.rules import Permission
from willing.ledger.queries import available_minor
from willing.pages.portal.forms import LIMITS
from willing.pages.portal.labels import ConsentState, DecisionState, describe_state
from willing.people.models import Guardian, Person
from willing.terminals.queries import asked_purposes
from willing.till.limit_rules import PersonLimits, Spent, left_to_spend
from willing.till.models import Sale
from willing.till.queries import sales_of_person

SHOWN = 10


@dataclass(frozen=True)
class Choice:
    """One child's part of a question: the state, and which buttons it has."""

    person: Person
    state: ConsentState
    mine: Decision | None
    permission: Permission
    may_answer: bool
    is_enrolled: bool
    asked_again_at: datetime | None

    @property
    def is_asked_again(self) -> bool:
        """Whether this guardian's yes was to a text that has changed since."""
        return self.asked_again_at is not None

    @property
    def suspended_since(self) -> datetime | None:
        """Since when no face is used because the text has changed."""
        return None if self.permission.granted else self.permission.suspended_since or self.asked_again_at

    @property
    def is_yes(self) -> bool:
        """Whether this guardian's latest decision is a yes that still counts, which one press withdraws."""
        return self.mine is not None and self.mine.answer == "yes" and not self.is_asked_again

    @property
    def has_answered(self) -> bool:
        """Whether this guardian's latest decision is about the present text."""
        return self.mine is not None and not self.is_asked_again


@dataclass(frozen=True)
class LimitShown:
    """One of a person's limits: which, how much (None: no limit), whose it is, and what is left of it.

    left_minor: None where there is no limit, or where each purchase has it anew. is_of_week: this week.
    """

    label: str
    minor: int | None
    owner: str
    left_minor: int | None = None
    is_of_week: bool = False


def limits_shown(limits: PersonLimits, spent: Spent, reader: Guardian | None) -> list[LimitShown]:
    """Return a person's limits as a guardian reads them, or, without one, the person themselves."""
    left = left_to_spend(limits, spent)
    return [
        LimitShown(
            str(label),
            getattr(limits, f"{name}_minor"),
            _owner(getattr(limits.owners, name), reader),
            getattr(left, f"{name}_minor", None),
            is_of_week=name == "weekly",
        )
        for name, label in LIMITS.items()
    ]


def _owner(owner: UUID | None, reader: Guardian | None) -> str:
    if owner is None:
        return gettext("the school's limit")
    if reader is None:
        return gettext("set by a guardian")
    return gettext("set by you") if owner == reader.id else gettext("set by another guardian")


@dataclass(frozen=True)
class Question:
    """One purpose: its notice, the text for children, and a choice for each child."""

    purpose: str
    label: str
    notice: Notice
    child_notice: Notice
    choices: Sequence[Choice]

    @property
    def is_answered(self) -> bool:
        """Whether this guardian has answered for every child, so that the notice need not be open."""
        return all(choice.has_answered for choice in self.choices)


@dataclass(frozen=True)
class FaceUse:
    """One use of a face: when and at which terminal."""

    session: FaceSession
    place: str


@dataclass(frozen=True)
class Child:
    """What a guardian sees of one child beside the questions."""

    person: Person
    balance_minor: int
    sales: Sequence[Sale]
    uses: Sequence[FaceUse]
    templates: Sequence[Template]
    erased: Entry | None


def questions(guardian: Guardian, persons: Sequence[Person], language: str) -> list[Question]:
    """Return what a guardian is asked. A purpose that no terminal serves is not asked about."""
    return [
        Question(
            purpose,
            str(Purpose(purpose).label),
            require_notice(purpose, Notice.Reader.ADULT, language),
            require_notice(purpose, Notice.Reader.CHILD, language),
            [_choice(guardian, person, purpose) for person in persons],
        )
        for purpose in (asked_purposes(guardian.school) if persons else ())
    ]


def _choice(guardian: Guardian, person: Person, purpose: str) -> Choice:
    found = permission(person, purpose)
    mine = latest_decision(person, purpose, guardian.id)
    asked_again_at = replaced_at(mine.notice) if mine is not None and mine.answer == "yes" else None
    is_enrolled = has_face(person, purpose)
    standing = DecisionState(found, mine, is_enrolled=is_enrolled, is_asked_again=asked_again_at is not None)
    return Choice(
        person=person,
        state=describe_state(person.given_name, purpose, standing),
        mine=mine,
        permission=found,
        may_answer=not {"left_school", "profile_forbids"} & {*found.reasons},
        is_enrolled=is_enrolled,
        asked_again_at=asked_again_at,
    )


def child(person: Person) -> Child:
    """Return a child's balance, purchases and uses of the face."""
    sessions = list(uses_of_face(person)[:SHOWN])
    places = places_of(sessions)
    return Child(
        person=person,
        balance_minor=available_minor(person),
        sales=list(sales_of_person(person)[:SHOWN]),
        uses=[FaceUse(session, places[session.id]) for session in sessions],
        templates=list(templates_of(person)),
        erased=latest_entry("face.erased", person.id),
    )
