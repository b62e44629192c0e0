"""Codes that a planned absence proposes to the person who takes a register. Nothing here writes a mark."""

from dataclasses import dataclass
from uuid import UUID

from willing.attendance.models import Register
from willing.attendance.queries import codes_of, require_settings
from willing.attendance.rules import Proposer, proposed_code
from willing.leave.queries import PlannedAbsence, absences_on


@dataclass(frozen=True)
class Proposal:
    """What is known of a pupil beforehand. symbol: "" where the set lets nothing be proposed from it."""

    absence: PlannedAbsence
    symbol: str

    @property
    def is_explained(self) -> bool:
        """Whether a guardian or the school said so: one press for all present does not mean this pupil."""
        return self.absence.is_explained


def proposals_of(register: Register) -> dict[UUID, Proposal]:
    """Return what planned absences say of the persons in a register, at the moment it begins.

    A code is proposed for what everyone has agreed to who has to; what still waits is shown without one.
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
        found[person_id] = Proposal(held, symbol)
    return found
