"""The evening lists of a night on paper, a sheet for each, to be ticked where no phone is at hand."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext

from willing.boarding.models import EveningMark
from willing.boarding.queries import EveningLine, EveningSlot, away_at, lines_to_take, proposes_leave
from willing.core.clock import now
from willing.core.dates import write_day
from willing.documents.parts import BOX, Document, DocumentTable, Section, fix, moment_text
from willing.leave.queries import PlannedAbsence
from willing.leave.rules import AbsenceSource
from willing.people.models import School


def evening_sheets(school: School, night: date, slots: Sequence[EveningSlot]) -> list[Document]:
    """Return a sheet for each list of a night on which anyone is; marks that were made are on it."""
    made = [_sheet(school, night, one) for one in slots if one.boarders]
    title = gettext("Evening lists")
    return made or [Document(title, school.name, (Section(gettext("Nobody lives in this house tonight.")),))]


def _sheet(school: School, night: date, slot: EveningSlot) -> Document:
    lines = lines_to_take(slot, night)
    known = away_at(school, slot.due_at)
    due = time_format(timezone.localtime(slot.due_at), "H:i")
    about = (
        school.name,
        gettext("The night of %(day)s") % {"day": write_day(night)},
        gettext("As of %(time)s") % {"time": moment_text(now(), school)},
    )
    section = Section(
        gettext("Boarders: %(count)s") % {"count": len(lines)},
        (
            gettext("Taken by: ____________________   At: ________"),
            gettext("Enter the marks on the page afterwards: paper counts nowhere and notifies nobody."),
        ),
        table=_table(slot, lines, known),
    )
    return Document(f"{slot.house.name} · {slot.name}, {due}", " · ".join(about), (section,))


def _table(
    slot: EveningSlot, lines: Sequence[EveningLine], known: dict[UUID, PlannedAbsence]
) -> DocumentTable:
    marks = [str(one) for one in EveningMark.Word.labels]
    headings = (gettext("Room"), gettext("Name of the person"), *marks, gettext("Known already"))
    rows = [(one.room, one.person.full_name, *_boxes(slot, one, known.get(one.person.id))) for one in lines]
    return DocumentTable(headings, fix(rows))


def _boxes(slot: EveningSlot, line: EveningLine, absence: PlannedAbsence | None) -> tuple[str, ...]:
    """Return a box for each mark, or none and which one holds; and what leave says, never what it is for."""
    if line.held is not None and not line.is_undecided:
        return *[""] * len(EveningMark.Word), line.held.get_word_display()
    return *[BOX] * len(EveningMark.Word), _known(slot, absence)


def _known(slot: EveningSlot, absence: PlannedAbsence | None) -> str:
    if absence is None:
        return ""
    if absence.is_out(slot.due_at):
        return gettext("Signed out at the desk")
    if not proposes_leave(absence, slot.due_at):
        return gettext("Leave asked for, not answered")
    return gettext("On a trip") if absence.source is AbsenceSource.TRIP else gettext("On leave")
