"""Codes that are proposed to the person who takes a register. Nothing here writes a mark.

They come from planned absence, and from what the office set for many or ahead.
"""

from dataclasses import dataclass
from uuid import UUID

from willing.attendance.models import Register, SetCode
from willing.attendance.queries import codes_of, require_settings
from willing.attendance.rules import Proposer, proposed_code
from willing.attendance.set_code_queries import codes_set_for
from willing.leave.queries import PlannedAbsence, absences_on


@dataclass(frozen=True)
class Proposal:
    """What is known of a pupil beforehand. symbol: "" where the set lets nothing be proposed from it.

    absence: a planned absence; None where only a code was set for them, by staff: set_code.
    """

    symbol: str
    absence: PlannedAbsence | None = None
    set_code: SetCode | None = None

    @property
    def is_explained(self) -> bool:
        """Whether a guardian or the school said so: one press for all present does not mean this pupil."""
        return self.set_code is not None or (self.absence is not None and self.absence.is_explained)


def proposals_of(register: Register) -> dict[UUID, Proposal]:
    """Return what is known beforehand of the persons in a register, at the moment it begins.

    A code is proposed for what everyone has agreed to who has to; what still waits is shown without one.
    Where nobody can come, as with a closed site, what was set for many says so, whatever else was planned.
    """
    school = register.group.school
    codes = codes_of(require_settings(school))
    found = {}
    for person_id, rows in absences_on(school, register.day).items():
        at = register.opens_at
        held = next((one for one in rows if one.covers(at) or one.is_out(at)), None)
        if held is None:
            continue
        wanted = codes.planned.get(held.kind, "")
        is_sure = held.is_agreed and held.covers(at)
        symbol = proposed_code(codes, Proposer(held.source.value), wanted) if is_sure else ""
        found[person_id] = Proposal(symbol, held)
    for person_id, one in codes_set_for(school, register.day, register.number).items():
        absence = found[person_id].absence if person_id in found else None
        found[person_id] = Proposal(one.symbol, absence, one)
    return found
