"""What a device brings that took registers while it had no connection: sent again until it was answered.

Each mark has an id of the device's choice, so that a message which comes twice is recorded once. The device's
clock is written down beside the server's and decides nothing but whether a mark is a correction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from willing.accounts.models import User
from willing.attendance import errors
from willing.attendance.marking import NewMark, RecordedMark, arrival_of, record_marks
from willing.attendance.models import Register
from willing.attendance.queries import codes_of, lines_of, require_settings
from willing.attendance.registers import open_register
from willing.attendance.rules import Arrival, MarkMerge, decide_scan, device_time
from willing.core.clock import now
from willing.core.transactions import atomic
from willing.people.models import School


@dataclass(frozen=True)
class RegisterSlot:
    """Which register a device took: a group, a day, and which of the day's."""

    group_id: UUID
    day: date
    number: int


@dataclass(frozen=True)
class DeviceMark:
    """A mark as a device brings it.

    person_id: None where a card was scanned that is nobody's. symbol: "" for a scanned card, which says that
    its owner is there. minutes_late: None where the clock says it. made_at: None where it was made just now.
    """

    id: UUID
    person_id: UUID | None
    symbol: str
    minutes_late: int | None = None
    reason: str = ""
    seen: int = 0
    made_at: datetime | None = None


@dataclass(frozen=True)
class Received:
    """The register, opened if no one had, and what became of each mark, in their order."""

    register: Register
    done: Sequence[RecordedMark]


@atomic
def record_from_device(
    school: School, slot: RegisterSlot, marks: Sequence[DeviceMark], *, made_by: int, by: User
) -> Received:
    """Record what a device brings for one register. made_by: the id of who made the marks on it.

    Raises Refused marks_of_another_person, registers_not_set_up, register_group_unknown,
    no_register_that_day.
    """
    if made_by != by.pk:
        raise errors.marks_of_another_person()
    register = open_register(school, slot.group_id, slot.day, slot.number, by=by)
    reading = _Reading(register)
    read = [reading.read(one) for one in marks]
    written = iter(record_marks(register, [one for one in read if isinstance(one, NewMark)], by=by))
    return Received(register, [next(written) if isinstance(one, NewMark) else one for one in read])


class _Reading:
    """What a device's marks mean, one after the other: a card that is scanned after a mark knows of it."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.codes = codes_of(require_settings(register.group.school))
        self._held = {one.person.id: one.mark.symbol for one in lines_of(register) if one.mark is not None}

    def read(self, one: DeviceMark) -> NewMark | RecordedMark:
        """Return the mark to record; or what became of it, where there is nothing to record."""
        if one.person_id is None:
            return RecordedMark(_named(one, UUID(int=0), one.symbol), None, errors.scan_unknown())
        arrival = self._arrival(one, one.person_id)
        if arrival is None:
            return RecordedMark(_named(one, one.person_id, self._held[one.person_id]), MarkMerge.SAME)
        self._held[one.person_id] = arrival.symbol
        return _named(one, one.person_id, arrival.symbol, arrival.minutes_late)

    def _arrival(self, one: DeviceMark, person_id: UUID) -> Arrival | None:
        late = (self.codes.late, self.codes.late_after_close)
        if one.symbol and (one.symbol not in late or one.minutes_late is not None):
            return Arrival(one.symbol, one.minutes_late)
        symbol, minutes = arrival_of(self.register, device_time(one.made_at, now()) or now())
        if one.symbol:
            is_open = self.register.closed_at is None
            return Arrival(symbol, minutes) if minutes and is_open else Arrival(one.symbol)
        return decide_scan(
            self.codes,
            held=self._held.get(person_id, ""),
            arrival=Arrival(symbol, minutes),
            is_morning=self.register.is_morning,
        )


def _named(one: DeviceMark, person_id: UUID, symbol: str, minutes: int | None = None) -> NewMark:
    return NewMark(person_id, symbol, minutes, one.reason, one.seen, one.made_at, one.id)
