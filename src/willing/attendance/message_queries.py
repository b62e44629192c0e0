"""Reads about messages of absence: who is unexplained and why, how each family is reached, what was sent."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from willing.attendance import errors
from willing.attendance.explained import known_at
from willing.attendance.message_models import AbsenceMessage, ContactTry, MessageRun, MessageSettings
from willing.attendance.message_ports import came_in, ports
from willing.attendance.message_rules import AbsenceEvidence, MessageVerdict, decide_message
from willing.attendance.models import CurrentMark, Register
from willing.attendance.queries import codes_of, require_settings, unexplained_symbols
from willing.attendance.rules import Group
from willing.mail.models import Topic
from willing.mail.outbox import Unreached, unreachable
from willing.people.models import Guardian, Person, School
from willing.people.queries import contacts_of, present_persons, today

MAIL = "mail"
ACTIVE = ("waiting", "sent", "cleared")
OPEN_RUNS = (MessageRun.State.STOPPED, MessageRun.State.HELD)


def message_settings(school: School) -> MessageSettings:
    """Return how a school messages families; where nothing was set, only by a press."""
    return MessageSettings.objects.filter(school=school).first() or MessageSettings(school=school)


def roll_of(school: School) -> int:
    """Return how many pupils the school has, of which the cap is a share."""
    return present_persons(school).filter(kind=Person.Kind.PUPIL).count()


def evidence_of(
    school: School, day: date, number: int, person_ids: Collection[UUID], *, but: UUID | None = None
) -> dict[UUID, AbsenceEvidence]:
    """Return what is known of some persons in one of a day's registers, in a few statements for all.

    but: the run whose own messages do not count as a message about them.
    """
    codes, unexplained = codes_of(require_settings(school)), unexplained_symbols(school)
    here: defaultdict[UUID, set[int]] = defaultdict(set)
    held: dict[UUID, str] = {}
    for one in CurrentMark.objects.filter(person_id__in=person_ids, day=day):
        if codes.codes[one.symbol].means_here:
            here[one.person_id].add(one.number)
        if one.number == number:
            held[one.person_id] = one.symbol
    times = Register.objects.filter(group__school=school, day=day, number=number).order_by("id").first()
    known = known_at(school, (day, number), [times.opens_at, times.closes_at] if times else [])
    through = came_in(school, day, person_ids)
    active = AbsenceMessage.objects.filter(
        person_id__in=person_ids, day=day, number=number, state__in=ACTIVE
    ).exclude(run_id=but)
    messaged = set(active.values_list("person_id", flat=True))
    present = {symbol for symbol, code in codes.codes.items() if code.group is Group.PRESENT}
    return {
        one: AbsenceEvidence(
            is_unexplained=held.get(one) in unexplained,
            is_here=any(other >= number for other in here[one]),
            was_here=any(other < number for other in here[one]),
            known=known.get(one),
            came_in=one in through,
            is_messaged=one in messaged,
            was_there=held.get(one) in present,
        )
        for one in person_ids
    }


@dataclass(frozen=True)
class UnexplainedPupil:
    """A pupil who was absent at the close, in which register, and whether their family is messaged."""

    person: Person
    register: Register
    verdict: MessageVerdict


def unexplained_on(school: School, day: date, number: int) -> list[UnexplainedPupil]:
    """Return who is absent without a reason in the closed registers of a day, by class and name.

    A register that is open, or that nobody has taken, says nothing about anyone.
    """
    rows = CurrentMark.objects.filter(
        register__group__school=school,
        register__closed_at__isnull=False,
        day=day,
        number=number,
        symbol__in=unexplained_symbols(school),
    ).select_related("person__year_group", "register__group__year_group")
    marks = list(rows.order_by("register__group__year_group__position", "person__given_name", "person_id"))
    found = evidence_of(school, day, number, [one.person_id for one in marks])
    return [UnexplainedPupil(one.person, one.register, decide_message(found[one.person_id])) for one in marks]


@dataclass(frozen=True)
class ContactWay:
    """A way to reach a guardian. fault: why a message can't go this way, "" where it can."""

    guardian: Guardian
    channel: str
    fault: str = ""

    @property
    def key(self) -> tuple[UUID, str]:
        """Return what tells this way from others."""
        return self.guardian.id, self.channel


def ways_of(school: School, person_ids: Collection[UUID]) -> dict[UUID, list[ContactWay]]:
    """Return the ways to reach the family of each, in the order of contacts: e-mail first, then ports."""
    contacts = contacts_of(person_ids)
    guardians = {one.id: one for several in contacts.values() for one in several}
    faults = unreachable(school, list(guardians.values()), Topic.ABSENT)
    return {one: _ways(contacts.get(one, []), faults) for one in person_ids}


def _ways(contacts: Sequence[Guardian], faults: dict[UUID, Unreached]) -> list[ContactWay]:
    found = []
    for guardian in contacts:
        fault = faults.get(guardian.id)
        found.append(ContactWay(guardian, MAIL, fault.value if fault else ""))
        found += [
            ContactWay(guardian, one.name)
            for one in ports()
            if guardian.phone and one.reaches(guardian.phone) and fault != Unreached.NOT_WANTED
        ]
    return found


def usable(ways: Sequence[ContactWay]) -> list[ContactWay]:
    """Return the ways that a message can go."""
    return [one for one in ways if not one.fault]


def families_of(ways: dict[UUID, list[ContactWay]]) -> int:
    """Return how many families that are: those whose first contact is the same are one."""
    firsts: set[UUID] = set()
    for person_id, several in ways.items():
        found = usable(several)
        firsts.add(found[0].guardian.id if found else person_id)
    return len(firsts)


def require_run(school: School, run_id: UUID) -> MessageRun:
    """Return a run of messages. Raises Refused message_run_unknown."""
    found = MessageRun.objects.filter(school=school, pk=run_id).first()
    if found is None:
        raise errors.message_run_unknown()
    return found


def require_message(school: School, message_id: UUID) -> AbsenceMessage:
    """Return a message about a pupil. Raises Refused message_unknown."""
    rows = AbsenceMessage.objects.filter(run__school=school, pk=message_id)
    found = rows.select_related("person", "run").first()
    if found is None:
        raise errors.message_unknown()
    return found


def runs_on(school: School, day: date) -> list[MessageRun]:
    """Return the runs of a day, the newest first."""
    rows = MessageRun.objects.filter(school=school, day=day).select_related("staged_by", "settled_by")
    return list(rows.order_by("-staged_at", "-id"))


def messages_of(run: MessageRun) -> list[AbsenceMessage]:
    """Return the messages of a run by class and name, each with what was tried."""
    rows = AbsenceMessage.objects.filter(run=run).select_related("person__year_group", "reached_by")
    rows = rows.prefetch_related("tries__guardian", "tries__mail")
    return list(rows.order_by("person__year_group__position", "person__given_name", "person_id"))


def is_settled(message: AbsenceMessage) -> bool:
    """Say whether nobody has to be asked any more; the message's tries have to be read with it."""
    answered = any(one.answer for one in message.tries.all())
    return message.state != AbsenceMessage.State.SENT or message.reached_at is not None or answered


def own_attempts(guardian: Guardian, person: Person) -> QuerySet[ContactTry]:
    """Return what the school wrote to one guardian about one child; of other guardians nothing."""
    rows = ContactTry.objects.filter(guardian=guardian, message__person=person)
    rows = rows.exclude(state=ContactTry.State.WITHDRAWN)
    return rows.select_related("message").order_by("-begun_at", "-id")


def open_absences(guardian: Guardian) -> list[Person]:
    """Return the children about whom the school asked this guardian today and got no answer from them."""
    rows = ContactTry.objects.filter(
        guardian=guardian,
        is_clear=False,
        answer="",
        message__state=AbsenceMessage.State.SENT,
        message__reached_at=None,
        message__day=today(guardian.school),
        message__person__guardian_links__guardian=guardian,
        message__person__guardian_links__ended_at=None,
    ).exclude(state=ContactTry.State.WITHDRAWN)
    return list(
        {one.message.person_id: one.message.person for one in rows.select_related("message__person")}.values()
    )


def count_unexplained(school: School, day: date) -> int:
    """Return how many pupils of a day are absent without a reason and nobody has asked their family yet."""
    closed = Register.objects.filter(group__school=school, day=day, closed_at__isnull=False)
    numbers = closed.order_by("number").values_list("number", flat=True).distinct()
    return sum(
        one.verdict in (MessageVerdict.MESSAGE, MessageVerdict.HERE_EARLIER)
        for number in numbers
        for one in unexplained_on(school, day, number)
    )
