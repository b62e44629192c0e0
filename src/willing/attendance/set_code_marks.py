"""The writers of marks that are set for many at once, and of those that follow as that is undone: in batches.

Each batch is a transaction of its own, between which tills and registers write; where a process is killed,
the next one goes on. What is done already is seen in the marks themselves: nothing is recorded twice. Marks
stay append-only: undone, a mark with what held before follows.
"""

import time
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Max

from willing.accounts.models import User
from willing.attendance.models import CurrentMark, Mark, Register, RegisterGroup, SetCode
from willing.attendance.queries import codes_of, lines_of, require_settings, unexplained_symbols
from willing.attendance.registers import open_due
from willing.attendance.set_code_queries import (
    RECORD_JOB,
    UNDO_JOB,
    SetPlace,
    held_at,
    marks_to_undo,
    places_left,
)
from willing.attendance.set_code_rules import SetMark, decide_set_mark
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import derive_id, new_id
from willing.core.transactions import atomic, lock
from willing.jobs.actions import enqueue, extend_lease

# Marks of one transaction, and of one press without the worker: three classes in one register, some 35 ms of
# one processor (docs/performance.md). A till waits for one of them at most.
BATCH = 100
LEASE_SECONDS = 30.0


def record_few(row: SetCode, places: Sequence[SetPlace] | None) -> int | None:
    """Record the marks of a class in the caller's transaction; of more, leave them to the worker: None.

    places: None where it is known already that they are more.
    """
    if places is None or len(places) > BATCH:
        enqueue(RECORD_JOB, [row.id])
        return None
    return _record(row, places)


def undo_few(row: SetCode, held_ids: Sequence[int]) -> int | None:
    """Undo the marks of a class in the caller's transaction; more are left to the worker: None."""
    if len(held_ids) > BATCH:
        enqueue(UNDO_JOB, [row.id])
        return None
    return _undo(row, held_ids)


def finish_recording(set_code_id: UUID) -> None:
    """Do the job: record what is left of a code, until it is all there or somebody undoes it."""
    row = SetCode.objects.select_related("school").filter(pk=set_code_id, undone_at=None).first()
    if row is None:
        return
    kept = _Lease(RECORD_JOB, set_code_id)
    for batch in _batches(places_left(row)):
        if not _record_batch(set_code_id, batch):
            return
        kept.extend()


def finish_undoing(set_code_id: UUID) -> None:
    """Do the job: undo what is left of a code that was undone."""
    row = SetCode.objects.select_related("school").get(pk=set_code_id)
    kept = _Lease(UNDO_JOB, set_code_id)
    held_ids = marks_to_undo(row)
    for start in range(0, len(held_ids), BATCH):
        _undo_batch(row, held_ids[start : start + BATCH])
        kept.extend()


class _Lease:
    """Keeps a job that takes long."""

    def __init__(self, kind: str, subject: UUID) -> None:
        self.kind, self.subject, self._kept_at = kind, subject, time.monotonic()

    def extend(self) -> None:
        if time.monotonic() - self._kept_at >= LEASE_SECONDS:
            self._kept_at = time.monotonic()
            extend_lease(self.kind, self.subject)


def _batches(places: Sequence[SetPlace]) -> Iterator[Sequence[SetPlace]]:
    """Return places in batches; a register is in one where it fits."""
    batch: list[SetPlace] = []
    for number, one in enumerate(places):
        is_next = number and places[number - 1].slot is not one.slot
        if len(batch) >= BATCH or (is_next and len(batch) + _length(places, number) > BATCH):
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def _length(places: Sequence[SetPlace], start: int) -> int:
    """Return how many places follow each other in one register, from one of them on."""
    end = start
    while end < len(places) and places[end].slot is places[start].slot:
        end += 1
    return end - start


@atomic
def _record_batch(set_code_id: UUID, places: Sequence[SetPlace]) -> bool:
    """Record a batch. Return False, and record nothing, where the code was undone meanwhile."""
    rows = lock(SetCode.objects).select_related("school", "recorded_by")
    row = rows.filter(pk=set_code_id, undone_at=None).first()
    if row is None:
        return False
    _record(row, places)
    return True


def _record(row: SetCode, places: Sequence[SetPlace]) -> int:
    """Record the marks of some places that were read before: what holds now decides. Return how many."""
    by = row.recorded_by
    registers = _registers(places, by)
    held = held_at(places)
    unexplained = unexplained_symbols(row.school)
    marks = []
    for one in places:
        symbol, register_id = held.get(one.key, ("", registers[one.key].id))
        became = decide_set_mark(symbol, row.symbol, unexplained=unexplained, replaces=row.replaces)
        # Marked in another register since: a person has it in hand.
        if became is SetMark.RECORD and register_id == registers[one.key].id:
            marks.append(_mark_of(row, registers[one.key], one.person_id, by))
    # What a person has corrected since stays: each mark is recorded once.
    known = set(Mark.objects.filter(pk__in=[one.pk for one in marks]).values_list("pk", flat=True))
    fresh = [one for one in marks if one.pk not in known]
    if fresh:
        _write(fresh)
        _complete({one.register for one in fresh})
        facts = {"marks": len(fresh), "registers": len({one.register_id for one in fresh}), "by": by.pk}
        record("register_code.recorded", subject=row.id, facts=facts, personal={})
    return len(fresh)


def _mark_of(row: SetCode, register: Register, person_id: UUID, by: User) -> Mark:
    return Mark(
        id=derive_id(row.id, str(register.id), str(person_id)),
        register=register,
        person_id=person_id,
        symbol=row.symbol,
        source=Mark.Source.GROUP,
        set_code=row,
        reason=row.reason,
        user=by,
        recorded_at=now(),
    )


def _registers(places: Sequence[SetPlace], by: User) -> dict[tuple[UUID, date, int], Register]:
    """Return the register of each place, locked: the one of what holds there, else its group's, opened."""
    opened = _opened([one for one in places if one.register_id is None], by)
    ids = {one.key: one.register_id or opened[_hour(one)].id for one in places}
    # In the order of their ids, as whoever else records in several.
    rows = lock(Register.objects).filter(pk__in=set(ids.values())).order_by("pk")
    rows = rows.select_related("group__school", "group__year_group")
    found = {one.id: one for one in rows}
    return {key: found[register_id] for key, register_id in ids.items()}


def _hour(place: SetPlace) -> tuple[UUID, date, int]:
    return place.slot.group.id, place.slot.day, place.slot.number


def _opened(places: Sequence[SetPlace], by: User) -> dict[tuple[UUID, date, int], Register]:
    """Return the registers that marks without an earlier one go into, opened where they are not yet."""
    slots = {_hour(one): one.slot for one in places}
    groups = {one.group.id for one in slots.values() if one.register is None}
    list(lock(RegisterGroup.objects).filter(pk__in=groups).order_by("pk"))
    found = {}
    for key, slot in slots.items():
        register = (
            slot.register
            or Register.objects.filter(group=slot.group, day=slot.day, number=slot.number).first()
        )
        if register is None and slot.due is not None:
            register = open_due(slot.due, slot.day, by=by)
        assert register is not None, "a day without school has only registers that were opened"
        found[key] = register
    return found


def _write(marks: Sequence[Mark]) -> None:
    """Write marks with the next number of each, and let them hold."""
    # By register alone: by person too, SQLite reads each pupil's marks of six years.
    rows = Mark.objects.filter(register_id__in={one.register_id for one in marks})
    numbers = {
        (register_id, person_id): highest
        for register_id, person_id, highest in rows.values_list("register_id", "person_id").annotate(
            highest=Max("number")
        )
    }
    for one in marks:
        one.number = numbers.get((one.register_id, one.person_id), 0) + 1
    Mark.objects.bulk_create(marks)
    CurrentMark.objects.bulk_create(
        [
            CurrentMark(
                person_id=one.person_id,
                day=one.register.day,
                number=one.register.number,
                register=one.register,
                mark=one,
                symbol=one.symbol,
            )
            for one in marks
        ],
        update_conflicts=True,
        unique_fields=["person", "day", "number"],
        update_fields=["register", "mark", "symbol"],
    )


def _complete(registers: Collection[Register]) -> None:
    """Note which of some registers have nobody left without a mark for the first time."""
    for one in registers:
        if one.completed_at is None and all(line.mark for line in lines_of(one)):
            Register.objects.filter(pk=one.pk).update(completed_at=now())


@atomic
def _undo_batch(row: SetCode, held_ids: Sequence[int]) -> None:
    _undo(row, held_ids)


def _undo(row: SetCode, held_ids: Sequence[int]) -> int:
    """Let what held before marks of a code hold again. held_ids: of those that held; some may no longer."""
    rows = CurrentMark.objects.filter(pk__in=held_ids)
    ids = set(rows.values_list("register_id", flat=True))
    registers = {one.pk: one for one in lock(Register.objects).filter(pk__in=ids).order_by("pk")}
    # Read once more under the lock: what a person has corrected meanwhile stays. Whose marks they are is seen
    # here: asked for, SQLite goes through every mark of the code for each batch.
    found = list(rows.select_related("mark"))
    held = [one for one in found if one.mark.set_code_id == row.pk and one.register_id in registers]
    before = _before(held)
    unexplained = codes_of(require_settings(row.school)).unexplained
    marks, gone = [], []
    for one in held:
        earlier, register = before.get(one.pk), registers[one.register_id]
        if earlier is None and register.closed_at is None:
            gone.append(one)
            continue
        symbol, minutes_late, set_code_id = earlier or (unexplained, None, None)
        marks.append(
            Mark(
                id=new_id(),
                register=register,
                person_id=one.person_id,
                symbol=symbol,
                minutes_late=minutes_late,
                source=Mark.Source.UNDONE,
                set_code_id=set_code_id,
                reason=row.reason,
                user=row.undone_by,
                recorded_at=now(),
            )
        )
    _write(marks)
    CurrentMark.objects.filter(pk__in=[one.pk for one in gone]).delete()
    emptied = {one.register_id for one in gone}
    Register.objects.filter(pk__in=emptied, closed_at=None).update(completed_at=None)
    return len(held)


def _before(held: Sequence[CurrentMark]) -> dict[int, tuple[str, int | None, UUID | None]]:
    """Return what held before marks of a code, by the id of what holds: symbol, minutes late, set code."""
    own = {(one.register_id, one.mark.person_id): one for one in held}
    rows = Mark.objects.filter(register_id__in={key[0] for key in own}, is_disputed=False)
    rows = rows.exclude(set_code__undone_at__isnull=False)  # what was undone since holds no more
    found = {}
    columns = ("register_id", "person_id", "number", "symbol", "minutes_late", "set_code_id")
    for register_id, person_id, number, *said in rows.order_by("number").values_list(*columns):
        one = own.get((register_id, person_id))
        if one is not None and number < one.mark.number:
            found[one.pk] = (said[0], said[1], said[2])
    return found
