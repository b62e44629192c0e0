"""The writer of ticks: as many as phones bring, each once, whoever brings it and however late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.errors import Refused
from willing.core.ids import derive_id
from willing.core.transactions import atomic, lock
from willing.people.models import School
from willing.rollcall import errors
from willing.rollcall.calling import ring_for, write_counts, write_list
from willing.rollcall.models import Listed, RollCall, Tick
from willing.rollcall.presence import visitors_gone, who_is_expected
from willing.rollcall.rules import TickFault, decide_tick, merge_time, tick_time


@dataclass(frozen=True)
class NewTick:
    """A tick as a phone brings it. by: the id of who made it; device: on which phone."""

    subject: UUID
    state: str
    at: datetime
    by: int
    device: UUID

    def id_in(self, roll_call: RollCall) -> UUID:
        """Return the tick's id: the same from whichever phone it comes."""
        moment = self.second.isoformat()
        return derive_id(roll_call.id, str(self.subject), self.state, moment, str(self.device))

    @property
    def second(self) -> datetime:
        """When it was made, by the phone, in whole seconds."""
        return self.at.replace(microsecond=0)


@dataclass(frozen=True)
class TickResult:
    """What became of a tick: recorded, now or before, or refused."""

    tick: NewTick
    refused: Refused | None = None


@atomic
def record_ticks(
    school: School, roll_call_id: UUID, ticks: Sequence[NewTick], *, by: User
) -> tuple[RollCall, list[TickResult]]:
    """Record the ticks of a phone and those that it got from others; say what became of each.

    Raises Refused roll_call_unknown.
    """
    roll_call = lock(RollCall.objects).filter(school=school, pk=roll_call_id).first()
    if roll_call is None:
        raise errors.roll_call_unknown()
    roll_call.school = school
    writing = _Writing(roll_call, ticks, by)
    taken = [writing.take(one) for one in ticks]
    writing.write()
    return roll_call, taken


class _Writing:
    """The ticks of one message, as they are written."""

    def __init__(self, roll_call: RollCall, ticks: Sequence[NewTick], by: User) -> None:
        self.roll_call, self.by, self.at = roll_call, by, now()
        self.listed = self._listed({one.subject for one in ticks})
        staff = User.objects.filter(roles__school=roll_call.school, guardian=None, person=None)
        staff = staff.filter(pk__in={one.by for one in ticks})
        self.users = set(staff.values_list("pk", flat=True))
        ids = [one.id_in(roll_call) for one in ticks]
        self.known = set(Tick.objects.filter(pk__in=ids).values_list("id", flat=True))
        self.new: list[Tick] = []

    def _listed(self, subjects: set[UUID]) -> dict[UUID, int]:
        rows = Listed.objects.filter(roll_call=self.roll_call)
        found = dict(rows.filter(subject__in=subjects).values_list("subject", "pk"))
        if subjects <= found.keys():
            return found
        # Who has come since the start, as a visitor may have, is put on the list by the first tick, also
        # where it arrives when they have left again.
        school, start = self.roll_call.school, self.roll_call.started_at
        came = [*who_is_expected(school, self.at), *visitors_gone(school, start)]
        write_list(self.roll_call, [one for one in came if one.subject in subjects - found.keys()])
        return dict(rows.filter(subject__in=subjects).values_list("subject", "pk"))

    def take(self, tick: NewTick) -> TickResult:
        """Take one tick."""
        roll_call, key = self.roll_call, tick.id_in(self.roll_call)
        if key in self.known:
            return TickResult(tick)
        at = tick_time(tick.second, roll_call.started_at, self.at)
        fault = decide_tick(
            is_listed=tick.subject in self.listed,
            is_valid=tick.state in Tick.State.values and tick.by in self.users,
            at=at,
            started_at=roll_call.started_at,
            closed_at=roll_call.ended_at,
            now=self.at,
        )
        if fault is not TickFault.NONE:
            return TickResult(tick, errors.tick_not_taken(fault))
        self.known.add(key)
        self.new.append(
            Tick(
                id=key,
                roll_call=roll_call,
                listed_id=self.listed[tick.subject],
                number=roll_call.ticks_received + len(self.new) + 1,
                state=tick.state,
                device_at=merge_time(tick.second, self.at),
                at=at,
                user_id=tick.by,
                device=tick.device,
                received_at=self.at,
                received_from=self.by,
            )
        )
        return TickResult(tick)

    def write(self) -> None:
        """Write what is new."""
        if not self.new:
            return
        Tick.objects.bulk_create(self.new, batch_size=500)
        received = self.roll_call.ticks_received + len(self.new)
        RollCall.objects.filter(pk=self.roll_call.pk).update(ticks_received=received)
        if self.roll_call.ended_at is not None:
            write_counts(self.roll_call)
        ring_for(self.roll_call.school)


def tick_here(school: School, roll_call_id: UUID, subject: UUID, state: str, *, by: User) -> TickResult:
    """Record a tick that is made on a page of the server. It counts over what the page could show.

    Raises Refused roll_call_unknown.
    """
    rows = Tick.objects.filter(roll_call=roll_call_id, listed__subject=subject)
    latest = rows.order_by("-device_at").values_list("device_at", flat=True).first()
    second = now().replace(microsecond=0)
    at = second if latest is None else max(second, latest + timedelta(seconds=1))
    tick = NewTick(subject, state, at, by.pk, derive_id(school.pk, "console", str(by.pk)))
    _roll_call, (taken,) = record_ticks(school, roll_call_id, [tick], by=by)
    return taken
