"""The writers of marks: what people record in a register, each mark by itself, none of them lost.

The log counts the marks of a register; what a mark says is in no entry of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from willing.accounts.models import User
from willing.attendance import errors
from willing.attendance.models import CurrentMark, Mark, Register
from willing.attendance.proposals import proposals_of
from willing.attendance.queries import codes_of, lines_of, require_settings
from willing.attendance.rules import (
    REASON_CHARS_MAX,
    CodeSet,
    Held,
    MarkFault,
    MarkMerge,
    WantedMark,
    decide_arrival,
    decide_mark,
    decide_merge,
    device_time,
    is_correction,
)
from willing.attendance.set_code_queries import codes_set_for
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.errors import Refused
from willing.core.ids import new_id
from willing.core.transactions import atomic, lock
from willing.people.models import Person
from willing.people.queries import today


@dataclass(frozen=True)
class NewMark:
    """A mark that a person wants to make.

    id: chosen by the device, so that a repeated message is one mark. seen: the number of the mark that the
    device showed for this person; 0 for none. device_at: when it was made, by the clock of a device that had
    no connection; None where it was made at once.
    """

    person_id: UUID
    symbol: str
    minutes_late: int | None = None
    reason: str = ""
    seen: int = 0
    device_at: datetime | None = None
    id: UUID = field(default_factory=new_id)

    @property
    def wanted(self) -> WantedMark:
        """What the mark says."""
        return WantedMark(self.symbol, self.minutes_late, " ".join(self.reason.split())[:REASON_CHARS_MAX])


@dataclass(frozen=True)
class RecordedMark:
    """What became of one mark of several: recorded, disputed or the same; or refused, and the others not."""

    new: NewMark
    merge: MarkMerge | None
    refused: Refused | None = None


@atomic
def record_marks(register: Register, marks: Sequence[NewMark], *, by: User) -> list[RecordedMark]:
    """Record marks in a register, each by itself: one that is refused keeps none of the others back.

    What two devices send merges: the same mark twice is one, and where two people disagree without having
    seen each other's mark, the first one holds, the second is kept, and people decide (`disputes`).
    Raises Refused registers_not_set_up.
    """
    taking = _Taking(register, by)
    done = [taking.record(one) for one in marks]
    made = sum(one.merge in (MarkMerge.CURRENT, MarkMerge.DISPUTED) for one in done)
    if made:
        taking.complete()
        facts = {"marks": made, "corrected": taking.corrected, "by": by.pk}
        record("register.marked", subject=register.id, facts=facts, personal={})
    return done


@atomic
def mark_everyone_present(register: Register, *, by: User) -> int:
    """Mark everyone present of whom nothing is known yet, no planned absence either. Return how many.

    Raises Refused registers_not_set_up, mark_too_early, mark_reason_missing after the close.
    """
    taking = _Taking(register, by)
    symbol = taking.codes.present(is_morning=register.is_morning)
    away = {person_id for person_id, one in proposals_of(register).items() if one.is_explained}
    done = [
        taking.record(NewMark(person.id, symbol))
        for person in taking.persons.values()
        if not taking.held(person.id) and person.id not in away
    ]
    refused = next((one.refused for one in done if one.refused), None)
    if refused is not None:
        raise refused
    if done:
        taking.complete()
        facts = {"marks": len(done), "corrected": 0, "by": by.pk}
        record("register.marked", subject=register.id, facts=facts, personal={})
    return len(done)


def arrival_of(register: Register, at: datetime) -> tuple[str, int | None]:
    """Return the code and the minutes late of a person who comes at a moment."""
    codes = codes_of(require_settings(register.group.school))
    found = decide_arrival(
        codes,
        opens_at=register.opens_at,
        closes_at=register.closes_at,
        at=at,
        is_morning=register.is_morning,
    )
    return found.symbol, found.minutes_late


class _Taking:
    """One transaction's work on a register: what holds, and what is added to it."""

    def __init__(self, register: Register, by: User) -> None:
        self.register = lock(Register.objects).get(pk=register.pk)
        self.school = register.group.school
        self.by = by
        self.codes: CodeSet = codes_of(require_settings(self.school))
        self.corrected = 0
        lines = lines_of(register)
        self.persons: dict[UUID, Person] = {one.person.id: one.person for one in lines}
        self._held = {one.person.id: one.mark for one in lines if one.mark is not None}
        rows = Mark.objects.filter(register=register).order_by("number")
        self._numbers = dict(rows.values_list("person_id", "number"))
        self._is_over = self.register.day < today(self.school)
        self._set = codes_set_for(self.school, self.register.day, self.register.number)

    def held(self, person_id: UUID) -> Mark | None:
        """Return the mark that holds for a person."""
        return self._held.get(person_id)

    def record(self, new: NewMark) -> RecordedMark:
        """Record one mark, or say why not."""
        if Mark.objects.filter(pk=new.id).exists():
            return RecordedMark(new, MarkMerge.SAME)
        self._admit(new)
        new = self._with_reason(new)
        fault = self._fault(new)
        if fault is not MarkFault.NONE:
            return RecordedMark(new, None, errors.mark_not_valid(fault))
        merge = decide_merge(
            self._held_values(new.person_id),
            new.wanted,
            seen=new.seen,
            by=self.by.pk,
            is_late_news=new.device_at is not None and self._is_over,
        )
        if merge is not MarkMerge.SAME:
            self._write(new, is_disputed=merge is MarkMerge.DISPUTED)
        return RecordedMark(new, merge)

    def _with_reason(self, new: NewMark) -> NewMark:
        """Let a code that was set for many bear the reason it was set with, where the taker writes none."""
        known = self._set.get(new.person_id)
        is_proposed = known is not None and known.symbol == new.symbol and not new.reason
        return replace(new, reason=known.reason) if known and is_proposed else new

    def _fault(self, new: NewMark) -> MarkFault:
        return decide_mark(
            self.codes,
            new.wanted,
            is_morning=self.register.is_morning,
            is_member=new.person_id in self.persons,
            has_begun=now() >= self.register.opens_at,
            is_correction=self._is_correction(new),
        )

    def _admit(self, new: NewMark) -> None:
        """Let a pupil be marked who has moved to another group since a device read the list of this one."""
        if new.device_at is None or new.person_id in self.persons:
            return
        person = Person.objects.filter(
            pk=new.person_id, school=self.school, kind=Person.Kind.PUPIL, left_at=None, merged_into=None
        ).first()
        if person is None:
            return
        self.persons[person.id] = person
        current = CurrentMark.objects.filter(
            person=person, day=self.register.day, number=self.register.number
        ).select_related("mark")
        self._held.update({one.person_id: one.mark for one in current})

    def _is_correction(self, new: NewMark) -> bool:
        made_at = device_time(new.device_at, now())
        return is_correction(
            self.register.closed_at,
            self.register.closes_at,
            made_at,
            changes_past_day=self._is_over and self.held(new.person_id) is not None,
        )

    def _held_values(self, person_id: UUID) -> Held | None:
        mark = self._held.get(person_id)
        return Held(mark.symbol, mark.minutes_late, mark.number, mark.user_id) if mark else None

    def _source(self, new: NewMark) -> str:
        if self._is_correction(new):
            return Mark.Source.CORRECTION
        return Mark.Source.DEVICE if new.device_at is not None else Mark.Source.REGISTER

    def _write(self, new: NewMark, *, is_disputed: bool) -> None:
        number = self._numbers.get(new.person_id, 0) + 1
        wanted = new.wanted
        mark = Mark.objects.create(
            id=new.id,
            register=self.register,
            person_id=new.person_id,
            number=number,
            symbol=wanted.symbol,
            minutes_late=wanted.minutes_late,
            source=self._source(new),
            reason=wanted.reason,
            user=self.by,
            recorded_at=now(),
            device_at=device_time(new.device_at, now()),
            is_disputed=is_disputed,
        )
        self._numbers[new.person_id] = number
        self.corrected += mark.source == Mark.Source.CORRECTION
        if not is_disputed:
            self._held[new.person_id] = mark
            hold(mark)

    def complete(self) -> None:
        """Note when nobody was left without a mark for the first time."""
        if self.register.completed_at is None and self.persons.keys() <= self._held.keys():
            Register.objects.filter(pk=self.register.pk).update(completed_at=now())


def hold(mark: Mark) -> None:
    """Let a mark hold from now on."""
    CurrentMark.objects.update_or_create(
        person_id=mark.person_id,
        day=mark.register.day,
        number=mark.register.number,
        defaults={"register": mark.register, "mark": mark, "symbol": mark.symbol},
    )
