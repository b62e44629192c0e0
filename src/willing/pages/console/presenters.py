"""Put together what a person's page and the desk show, from what the rooms say."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from willing.accounts.models import Invitation
from willing.accounts.queries import has_sign_in, may_sign_in, open_invitation_of
from willing.biometrics.engine import is_available
from willing.biometrics.models import Template
from willing.biometrics.queries import has_face, kinds_of, templates_of
from willing.biometrics.resealing import may_seal_anew
from willing.consent.models import Answer, Purpose
from willing.consent.queries import Voice, permission_as_read, voices
from willing.consent.rules import Permission
from willing.credentials.queries import credentials_of_person
from willing.ledger.queries import available_minor
from willing.mail.invitations import sends_mail
from willing.pages.console.labels import REASONS
from willing.people.models import Guardian, GuardianLink, Person, School
from willing.people.queries import listed_guardians
from willing.terminals.queries import asked_purposes
from willing.wallets.queries import has_siblings


@dataclass(frozen=True)
class PurposeOfPerson:
    """A person's state for a purpose: allowed or not and why, and whether a template is stored."""

    purpose: str
    label: str
    is_allowed: bool
    reasons: Sequence[str | Promise]
    template: Template | None
    permission: Permission
    may_enrol: bool
    # Stored, and may be sealed with the person's card, which needs no picture.
    may_seal_anew: bool


@dataclass(frozen=True)
class PurposeInFull:
    """The same, with everyone's word, for the office."""

    standing: PurposeOfPerson
    own: Voice
    own_said_yes: bool
    suspended_since: datetime | None
    suspended_until: datetime | None
    guardians: Sequence[Voice]


def standings(person: Person, school: School) -> list[PurposeOfPerson]:
    """Return a person's state for every purpose that families are asked about."""
    templates = {template.purpose: template for template in templates_of(person)}
    # A purpose that is no longer asked about still shows as long as a template is stored for it.
    purposes = dict.fromkeys([*asked_purposes(school), *templates])
    return [_purpose_of(person, purpose, templates.get(purpose), school) for purpose in purposes]


def _purpose_of(person: Person, purpose: str, template: Template | None, school: School) -> PurposeOfPerson:
    granted = permission_as_read(person, purpose)
    may_begin = granted.granted and is_available(school)
    return PurposeOfPerson(
        purpose=purpose,
        label=str(Purpose(purpose).label),
        is_allowed=granted.granted,
        reasons=[REASONS.get(reason, reason) for reason in granted.reasons],
        template=template,
        permission=granted,
        may_enrol=may_begin and template is None,
        may_seal_anew=may_begin
        and template is not None
        and template.holder == Template.Holder.CENTRAL
        and may_seal_anew(template, kinds_of(school)),
    )


def in_full(person: Person, school: School) -> list[PurposeInFull]:
    """Return a person's state, with everyone's answer."""
    return [_full(person, standing) for standing in standings(person, school)]


def _full(person: Person, purpose: PurposeOfPerson) -> PurposeInFull:
    own, *guardians = voices(person, purpose.purpose)
    said_yes = own.decision is not None and own.decision.answer == Answer.YES and not own.replaced_at
    found = purpose.permission
    return PurposeInFull(purpose, own, said_yes, found.suspended_since, found.suspended_until, guardians)


def first_tab(person: Person, balance_minor: int) -> str:
    """Return which part of a person's page is open at first: money, as long as they are here or have any."""
    return "money" if person.left_at is None or balance_minor else "record"


@dataclass(frozen=True)
class GuardianSignIn:
    """Whether a guardian signs in, the code that waits for them, and whether one can be e-mailed."""

    guardian: Guardian
    has_sign_in: bool
    invitation: Invitation | None
    may_mail: bool


@dataclass(frozen=True)
class SignIns:
    """Who signs in about a person."""

    guardians: Sequence[GuardianSignIn]
    may_pupil: bool


def sign_ins_of(person: Person) -> SignIns:
    """Return who signs in about a person, for the office."""
    listed = sorted(listed_guardians(person.id), key=lambda guardian: guardian.name)
    can_mail = any(one.email for one in listed) and sends_mail(person.school)
    return SignIns([_sign_in(one, can_mail=can_mail) for one in listed], may_sign_in(person))


def _sign_in(guardian: Guardian, *, can_mail: bool) -> GuardianSignIn:
    found = has_sign_in(guardian)
    may_mail = can_mail and bool(guardian.email) and not found
    return GuardianSignIn(guardian, found, open_invitation_of(guardian), may_mail)


def guardian_links(person: Person) -> list[GuardianLink]:
    """Return who may decide for a person today, in the order in which they are reached about an absence."""
    links = GuardianLink.objects.filter(person=person, ended_at=None).select_related("guardian")
    links = links.annotate(has_siblings=has_siblings(person))
    return sorted(links, key=lambda link: (link.contact_place == 0, link.contact_place, link.pk))


@dataclass(frozen=True)
class FoundGuardian:
    """A guardian who is here already: whose they are, and whether of the person in question."""

    guardian: Guardian
    persons: Sequence[Person]
    is_listed: bool


def found_guardians(guardians: Sequence[Guardian], person: Person) -> list[FoundGuardian]:
    """Return guardians with those whom they are guardians of, to tell two of one name apart."""
    links = GuardianLink.objects.filter(guardian__in=guardians, ended_at=None)
    persons = defaultdict(list)
    for link in links.select_related("person__year_group").order_by("person__till_number"):
        persons[link.guardian_id].append(link.person)
    return [FoundGuardian(one, persons[one.id], person in persons[one.id]) for one in guardians]


@dataclass(frozen=True)
class RecordInShort:
    """What tells two records of one person apart."""

    person: Person
    balance_minor: int
    cards: int
    has_face: bool


def record_in_short(person: Person) -> RecordInShort:
    """Return what tells a person's record from another one."""
    cards = credentials_of_person(person).cards
    return RecordInShort(person, available_minor(person), cards, has_face(person))
