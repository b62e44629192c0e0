"""A roll call on paper: a sheet for each form, point by point, and the form for handing pupils over."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.utils.translation import gettext, pgettext

from willing.documents.parts import BOX, Banner, Document, DocumentTable, Edge, Section, fix, moment_text
from willing.people.models import School
from willing.rollcall.labels import KINDS, reason_of
from willing.rollcall.models import RollCall
from willing.rollcall.presence import PresenceLine
from willing.rollcall.queries import CurrentList

ROOM = " " * 24
EDGES = {"live": Edge.SOLID, "drill": Edge.DASHED, "test": Edge.DOTTED}
ROWS_TO_WRITE = 12


def roll_call_sheets(school: School, current: CurrentList) -> list[Document]:
    """Return a sheet for each form, point by point; staff and visitors have sheets of their own.

    While a roll call is running each sheet says of which kind it is.
    """
    names: dict[UUID | None, str] = {one.id: one.name for one in current.points.all}
    order: list[UUID | None] = [*names, None]
    names[None] = gettext("No assembly point")
    made = []
    for point in order:
        here = [one for one in current.entries if one.point == point]
        for kind in ("pupil", "staff", "visitor"):
            for form in sorted({one.form for one in here if one.kind == kind}):
                lines = [one for one in here if one.kind == kind and one.form == form]
                made.append(_sheet(school, current, names[point], form or str(KINDS[kind]), lines))
    return made or [_sheet(school, current, names[None], gettext("Nobody is expected"), [])]


def _sheet(
    school: School, current: CurrentList, point: str, form: str, lines: Sequence[PresenceLine]
) -> Document:
    expected = [one for one in lines if one.is_expected]
    others = [one for one in lines if not one.is_expected]
    made = gettext("As of %(time)s") % {"time": moment_text(current.made_at, school)}
    banner = None
    if current.roll_call is not None:
        banner = roll_call_banner(current.roll_call)
    sections = [
        Section(
            gettext("Expected: %(count)s") % {"count": len(expected)},
            (gettext("Warden: ____________________   Ticked at: ________"),),
            table=_table(expected),
        )
    ]
    if others:
        sections.append(
            Section(
                gettext("Not expected: %(count)s") % {"count": len(others)},
                (gettext("Tick who is there all the same."),),
                table=_table(others),
            )
        )
    return Document(f"{point} · {form}", f"{school.name} · {made}", tuple(sections), banner=banner)


def _table(lines: Iterable[PresenceLine]) -> DocumentTable:
    rows = [(BOX, one.name, one.medical, reason_of(one)) for one in sorted(lines, key=lambda one: one.name)]
    headings = (
        pgettext("roll call", "Here"),
        gettext("Name of the person"),
        gettext("What helpers must know"),
        gettext("Why expected or not"),
    )
    return DocumentTable(headings, fix(rows or [("", "–", "", "")]))


def roll_call_word(roll_call: RollCall) -> str:
    """Return the kind of a roll call as large as a paper says it."""
    return str(roll_call.get_kind_display()).upper()


def roll_call_banner(roll_call: RollCall) -> Banner:
    """Return what tells on paper, without colour, which kind of roll call it is of."""
    return Banner(roll_call_word(roll_call), EDGES[roll_call.kind])


def reunification_form(school: School) -> Document:
    """Return the form on which pupils are handed over to their families: who, to whom, on which proof."""
    headings = (
        gettext("Pupil, form"),
        gettext("Handed over to"),
        gettext("On the list of guardians?"),
        gettext("Proof of identity seen"),
        gettext("Time"),
        gettext("Signature of who fetches"),
    )
    room = (f"{ROOM}\n ", ROOM, BOX, ROOM, " " * 8, ROOM)
    steps = (
        gettext("1. Welcome the family away from the assembly points, and ask them to wait."),
        gettext("2. Compare a proof of identity with the list of guardians. Anyone who is not on it waits."),
        gettext("3. Fetch the pupil. Write the time, and have it signed. Keep this sheet."),
    )
    return Document(
        gettext("Handing pupils over to their families"),
        school.name,
        (Section(gettext("How"), steps, table=DocumentTable(headings, fix([room] * ROWS_TO_WRITE))),),
    )
