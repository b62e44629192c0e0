"""What a school sends to its authority: the day's registers as a signed file, new pupils, pupils who left.

Nothing is sent from here and no authority's address is known. Forms of receivers that are not published are
not guessed: the columns are ours, written down in the manual.
"""

import csv
import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO, StringIO

from willing.accounts.models import User
from willing.attendance import errors
from willing.attendance.models import CurrentMark, Mark, RollName, RollReturn
from willing.attendance.queries import codes_of, require_settings, times_of
from willing.attendance.rules import CodeSet
from willing.audit.actions import record
from willing.audit.clock_state import recorded_before
from willing.audit.signing import sign_text
from willing.audit.verify.signed_note import TIME_FORMAT
from willing.core.clock import now
from willing.core.spreadsheets import as_text
from willing.core.transactions import atomic, lock
from willing.people.models import Person, School
from willing.people.queries import local_day

FORMAT = "willing-attendance-day-1"
COLUMNS = (
    "day", "register", "pupil_id", "family_name", "given_name", "birth_date", "class", "code",
    "meaning", "counts_as", "minutes_late", "recorded_at", "corrected", "register_closed",
)  # fmt: skip


@dataclass(frozen=True)
class DayFile:
    """The registers of a day as a file. content: CSV, UTF-8. note: its digest, signed with the log's key."""

    day: date
    rows: int
    content: bytes
    note: str

    @property
    def name(self) -> str:
        """What the list is called."""
        return f"attendance-{self.day.isoformat()}.csv"

    def as_zip(self) -> bytes:
        """Return list and signature as one file."""
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr(self.name, self.content)
            bundle.writestr(f"{self.name}.signed", self.note)
        return out.getvalue()


@atomic
def make_day_file(school: School, day: date, *, by: User) -> DayFile:
    """Return the marks that hold on a day, signed; that it was made is in the log with its digest.

    Raises Refused registers_not_set_up, no_marks_that_day; SigningKeyUnreadable.
    """
    codes = codes_of(require_settings(school))
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    rows = 0
    for row in _rows(school, codes, day):
        writer.writerow([as_text(cell) for cell in row])
        rows += 1
    if not rows:
        raise errors.no_marks_that_day(day)
    content = out.getvalue().encode()
    digest = hashlib.sha256(content).hexdigest()
    text = (
        f"{FORMAT}\nschool {school.id}\nday {day.isoformat()}\nrows {rows}\n"
        f"sha256 {digest}\nat {now().astimezone(UTC).strftime(TIME_FORMAT)}\n"
    )
    facts = {"day": day.isoformat(), "rows": rows, "sha256": digest, "by": by.pk}
    record("attendance.day_file_made", subject=school.id, facts=facts, personal={})
    return DayFile(day, rows, content, sign_text(text))


def _rows(school: School, codes: CodeSet, day: date) -> Iterator[list[str]]:
    names = {one.number: one.name for one in times_of(school)}
    held = CurrentMark.objects.filter(day=day, register__group__school=school)
    held = held.select_related("person__year_group", "mark", "register")
    marks = list(held.order_by("number", "person__family_name", "person__given_name", "person_id"))
    gone = {
        one.person_id: one for one in RollName.objects.filter(person__in=[one.person_id for one in marks])
    }
    for one in marks:
        code = codes.codes[one.symbol]
        yield [
            day.isoformat(),
            names.get(one.number, str(one.number)),
            *_who(one.person, gone.get(one.person_id)),
            one.symbol,
            code.labels["en"],
            code.counts,
            "" if one.mark.minutes_late is None else str(one.mark.minutes_late),
            _moment(one.mark.recorded_at),
            "yes" if one.mark.source == Mark.Source.CORRECTION else "no",
            "yes" if one.register.closed_at else "no",
        ]


def _who(person: Person, roll: RollName | None) -> list[str]:
    named = roll or person
    born = named.birth_date.isoformat() if named.birth_date else ""
    group = roll.class_name if roll else person.year_group.name if person.year_group else ""
    return [person.external_id or str(person.id), named.family_name, named.given_name, born, group]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime(TIME_FORMAT)


@atomic
def record_return(person: Person, kind: str, day: date, *, by: User) -> RollReturn:
    """Record that a new pupil, or one who has left, was named to the authority; twice is once.

    Raises Refused roll_return_not_valid where nobody joined or left that day.
    """
    person = lock(Person.objects).select_related("school").get(pk=person.pk)
    if kind not in RollReturn.Kind.values or day != _roll_day(person, kind):
        raise errors.roll_return_not_valid()
    sent, is_new = RollReturn.objects.get_or_create(
        person=person, kind=kind, day=day, defaults={"user": by, "sent_at": now()}
    )
    if is_new:
        facts = {"kind": kind, "day": day.isoformat(), "by": by.pk}
        record("roll_return.recorded", subject=person.id, facts=facts, personal={})
    return sent


def _roll_day(person: Person, kind: str) -> date | None:
    at = person.joined_at if kind == RollReturn.Kind.NEW else person.left_at
    return local_day(person.school, at) if at else None


@atomic
def move_returns(gone: Person, kept: Person) -> None:
    """Let what was named of one record be named of another: both are one person."""
    for one in RollReturn.objects.filter(person=gone):
        if RollReturn.objects.filter(person=kept, kind=one.kind, day=one.day).exists():
            one.delete()
        else:
            RollReturn.objects.filter(pk=one.pk).update(person=kept)


@atomic
def purge_returns(before: datetime, limit: int) -> int:
    """Delete what was recorded before then."""
    rows = RollReturn.objects.filter(recorded_before("sent_at", before))
    ids = list(rows.order_by("sent_at", "id").values_list("id", flat=True)[:limit])
    RollReturn.objects.filter(pk__in=ids).delete()
    return len(ids)
