"""Reads about consent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from willing.accounts.models import User
from willing.audit.clock_state import believed
from willing.consent.models import Answer, Channel, Decision, Excuse, Notice, Notification
from willing.consent.profiles import require_profile
from willing.consent.rules import Permission, PermissionSituation, RecordedAnswer, decide_permission
from willing.core.clock import STEP, now
from willing.core.prepared import Parameter, prepared
from willing.people.models import Guardian, GuardianLink, Person
from willing.people.queries import age_years, listed_guardians

ADULT_YEARS = 18
# Long enough to see that the wrong name was pressed, too short to talk anyone round.
UNDO_SECONDS = 120


def age_to_consent_years(person: Person) -> int | None:
    """Return a person's age as far as consent asks for it; None where it is not known.

    A member of staff whose birth date the school does not keep counts as an adult.
    """
    is_grown_up = person.birth_date is None and person.kind == Person.Kind.STAFF
    return ADULT_YEARS if is_grown_up else age_years(person)


def situation_of(person: Person, purpose: str) -> PermissionSituation:
    """Return everything recorded that a person's permission for `purpose` follows from."""
    guardians = _guardians.all(person=person.pk, purpose=purpose)
    return situation_as_read(person, guardians, _decisions.all(person=person.pk, purpose=purpose))


# About one purpose: the person, a guardian, whether they were notified, are excused, were removed by a list.
GuardianRow = tuple[UUID, UUID, bool, bool, bool]
# A decision: the person, its id, the guardian, the answer, its number, when its notice was replaced.
DecisionRow = tuple[UUID, int, UUID | None, str, int, datetime | None]


def situation_as_read(
    person: Person, guardians: Sequence[GuardianRow], decisions: Sequence[DecisionRow]
) -> PermissionSituation:
    """Return the situation of a person of whom these rows were read."""
    said = tuple(
        RecordedAnswer(pk, guardian, answer, number, believed(replaced) if replaced else None)
        for _, pk, guardian, answer, number, replaced in decisions
    )
    return PermissionSituation(
        age_years=age_to_consent_years(person),
        present=person.left_at is None,
        guardians=frozenset(one for _, one, _, _, is_removed in guardians if not is_removed),
        notified=frozenset(one for _, one, is_notified, _, _ in guardians if is_notified),
        said=said,
        excused=frozenset(one for _, one, _, is_excused, _ in guardians if is_excused),
        ended_by_list=frozenset(one for _, one, _, _, is_removed in guardians if is_removed),
    )


@prepared
def _guardians(person: Parameter, purpose: Parameter) -> QuerySet[GuardianLink, GuardianRow]:
    return guardian_rows(GuardianLink.objects.filter(person=person), purpose)


@prepared
def _decisions(person: Parameter, purpose: Parameter) -> QuerySet[Decision, DecisionRow]:
    return decision_rows(Decision.objects.filter(person=person), purpose)


def guardian_rows(
    links: QuerySet[GuardianLink], purpose: str | Parameter
) -> QuerySet[GuardianLink, GuardianRow]:
    """Return of these links those that count for a permission."""
    own = {"person": OuterRef("person_id"), "guardian": OuterRef("guardian_id")}
    counting = links.filter(Q(ended_at=None) | Q(ended_by_list=True)).annotate(
        is_notified=Exists(Notification.objects.filter(purpose=purpose, **own)),
        is_excused=Exists(Excuse.objects.filter(ended_at=None, **own)),
    )
    return counting.values_list("person_id", "guardian_id", "is_notified", "is_excused", "ended_by_list")


def decision_rows(decisions: QuerySet[Decision], purpose: str | Parameter) -> QuerySet[Decision, DecisionRow]:
    """Return those of these decisions that count, each person's in their order."""
    later = Notice.objects.filter(
        purpose=OuterRef("notice__purpose"),
        reader=OuterRef("notice__reader"),
        language=OuterRef("notice__language"),
        version__gt=OuterRef("notice__version"),
        is_material=True,
    )
    first_later = Subquery(later.order_by("version").values("published_at")[:1])
    rows = decisions.filter(purpose=purpose, undo=None).annotate(replaced=first_later)
    counting = rows.order_by("person_id", "number")
    return counting.values_list("person_id", "id", "guardian_id", "answer", "number", "replaced")


Replacements = Sequence[tuple[str, str, int, datetime]]


def _replacements(purpose: str) -> Replacements:
    """Return reader, language, version and time of a purpose's material changes, oldest first."""
    rows = Notice.objects.filter(purpose=purpose, is_material=True, version__gt=1).order_by("version")
    found = rows.values_list("reader", "language", "version", "published_at")
    return [(reader, language, version, believed(at)) for reader, language, version, at in found]


def replaced_at(notice: Notice, replacements: Replacements | None = None) -> datetime | None:
    """Return when a later version first changed what `notice` meant, or None where it still holds."""
    if replacements is None:
        replacements = _replacements(notice.purpose)
    later = (
        at
        for reader, language, version, at in replacements
        if (reader, language) == (notice.reader, notice.language) and version > notice.version
    )
    return next(later, None)


def replaced_notices(purpose: str | Parameter) -> QuerySet[Notice]:
    """Return a purpose's notices that a later version has materially changed."""
    later = Notice.objects.filter(
        purpose=OuterRef("purpose"),
        reader=OuterRef("reader"),
        language=OuterRef("language"),
        version__gt=OuterRef("version"),
        is_material=True,
    )
    return Notice.objects.filter(Exists(later), purpose=purpose)


def permission(person: Person, purpose: str) -> Permission:
    """Return whether a person's face may be used for `purpose`, at this moment."""
    return permission_as_read(Person.objects.select_related("school").get(pk=person.pk), purpose)


def permission_as_read(person: Person, purpose: str) -> Permission:
    """Return the same of a person who was read with their school a moment ago, in this transaction."""
    return decide_permission(require_profile(person.school.legal_profile), situation_of(person, purpose))


def permission_before_list(person: Person, purpose: str) -> Permission:
    """Return the permission that a person has again if the file that says they left is undone."""
    found = Person.objects.select_related("school").get(pk=person.pk)
    situation = situation_of(found, purpose).before_list()
    return decide_permission(require_profile(found.school.legal_profile), situation)


def latest_decision(person: Person, purpose: str, guardian_id: UUID | None) -> Decision | None:
    """Return the latest decision of one guardian (or, with None, of the person) about `purpose`."""
    found = Decision.objects.filter(person=person, purpose=purpose, undo=None).select_related("notice")
    found = found.filter(guardian_id=guardian_id) if guardian_id else found.filter(guardian=None)
    return found.order_by("number").last()


def require_notice(purpose: str, reader: str, language: str) -> Notice:
    """Return the newest published notice in `language`, in English where there is none.

    Raises Notice.DoesNotExist before the notices were published.
    """
    found = newest_notice(purpose, reader, language) or newest_notice(purpose, reader, "en")
    if found is None:
        raise Notice.DoesNotExist
    return found


def newest_notice(purpose: str, reader: str, language: str) -> Notice | None:
    """Return the newest published notice in exactly this language, or None."""
    found = Notice.objects.filter(purpose=purpose, reader=reader, language=language)
    return found.order_by("-version").first()


def own_reader(person: Person) -> str:
    """Return which text a person reads about themselves: adults another one than children.

    Someone whose age is not known reads the child's: it asks for nothing that an adult could not read.
    """
    age = age_to_consent_years(person)
    return Notice.Reader.SELF if age is not None and age >= ADULT_YEARS else Notice.Reader.CHILD


@dataclass(frozen=True)
class Voice:
    """One who may decide about a person and a purpose: when they were notified, and their latest decision.

    guardian: None where it is the person's own voice, which nobody has to be notified of.
    """

    guardian: Guardian | None
    told_at: datetime | None
    decision: Decision | None
    excuse: Excuse | None = None
    replacements: Replacements = ()

    @property
    def replaced_at(self) -> datetime | None:
        """Since when their yes counts no more, because its notice has materially changed."""
        if self.decision is None or self.decision.answer != Answer.YES:
            return None
        return replaced_at(self.decision.notice, self.replacements)


def voices(person: Person, purpose: str) -> list[Voice]:
    """Return the person's own voice, then each listed guardian's."""
    rows = Decision.objects.filter(person=person, purpose=purpose, undo=None).select_related("notice")
    last = {one.guardian_id: one for one in rows.order_by("number")}
    replaced = _replacements(purpose)
    told = dict(
        Notification.objects.filter(person=person, purpose=purpose)
        .order_by("-at")  # the first time counts, so it is the one that stays in the dictionary
        .values_list("guardian_id", "at")
    )
    excuses = {one.guardian_id: one for one in Excuse.objects.filter(person=person, ended_at=None)}
    guardians = sorted(listed_guardians(person.id), key=lambda guardian: guardian.name)
    return [
        Voice(None, None, last.get(None), replacements=replaced),
        *(Voice(one, told.get(one.id), last.get(one.id), excuses.get(one.id), replaced) for one in guardians),
    ]


def has_refused(guardian: Guardian, person: Person) -> bool:
    """Return whether a guardian's latest decision about a person is a no or a withdrawal for any purpose."""
    rows = Decision.objects.filter(guardian=guardian, person=person, undo=None).order_by("number")
    last = dict(rows.values_list("purpose", "answer"))
    return any(answer != Answer.YES for answer in last.values())


def find_notice(notice_id: UUID) -> Notice | None:
    """Return a published notice by its id, or None."""
    return Notice.objects.filter(pk=notice_id).first()


def refusals_to_undo(person: Person, *, by: User) -> QuerySet[Decision]:
    """Return the noes about a person that `by` entered a moment ago and has not taken back."""
    present = now()
    since = present - timedelta(seconds=UNDO_SECONDS)
    told = Decision.objects.filter(person=person, recorded_by=by, channel=Channel.VERBAL, undo=None)
    # What seems to lie ahead was entered under another clock, and may be long ago: a no stays.
    return told.filter(at__gte=since, at__lte=present + STEP)


def may_undo_no(person: Person, *, by: User) -> bool:
    """Say whether `by` may still take back a no about a person."""
    return refusals_to_undo(person, by=by).exists()


def notices_on_forms(purpose: str, own: str) -> list[Notice]:
    """Return every text that a signed form may carry, guardians' and the person's own, newest first."""
    found = Notice.objects.filter(purpose=purpose, reader__in=[Notice.Reader.ADULT, own])
    return list(found.order_by("-version", "reader", "language"))
