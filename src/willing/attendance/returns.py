"""What a school sends to its authority: the day's registers as a signed file, new pupils, pupils who left.

Nothing is sent from here and no authority's address is known. Forms of receivers that are not published are
not guessed: the columns are ours, written down in the manual.
"""

import csv
import hashlib
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from uuid import UUID

from willing.accounts.models import User
from willing.attendance import errors
from willing.attendance.models import CurrentMark, Mark, Register, RollName, RollReturn
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


def make_day_file(school: School, day: date, *, by: User) -> DayFile:
    """Return the marks that hold on a day, signed; that it was made is in the log with its digest.

    Raises Refused registers_not_set_up, no_marks_that_day; SigningKeyUnreadable.
    """
    codes = codes_of(require_settings(school))
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    # Read before the transaction of the log entry: it holds up every other writer.
    rows = _rows(school, codes, day)
    writer.writerows([as_text(cell) for cell in row] for row in rows)
    if not rows:
        raise errors.no_marks_that_day(day)
    content = out.getvalue().encode()
    digest = hashlib.sha256(content).hexdigest()
    text = (
        f"{FORMAT}\nschool {school.id}\nday {day.isoformat()}\nrows {len(rows)}\n"
        f"sha256 {digest}\nat {now().astimezone(UTC).strftime(TIME_FORMAT)}\n"
    )
    made = DayFile(day, len(rows), content, sign_text(text))
    _note_day_file(school, made, digest, by)
    return made


@atomic
def _note_day_file(school: School, made: DayFile, digest: str, by: User) -> None:
    facts = {"day": made.day.isoformat(), "rows": made.rows, "sha256": digest, "by": by.pk}
    record("attendance.day_file_made", subject=school.id, facts=facts, personal={})


# Of each mark; no models, as a school has thousands on each day.
_HELD = (
    "person_id", "number", "symbol", "mark__minutes_late", "mark__recorded_at", "mark__source",
    "register__closed_at",
)  # fmt: skip


def _rows(school: School, codes: CodeSet, day: date) -> list[list[str]]:
    names = {one.number: one.name for one in times_of(school)}
    # By the few registers of the day, as `set_code_queries` reads them.
    taken = list(Register.objects.filter(group__school=school, day=day).values_list("pk", flat=True))
    rows = CurrentMark.objects.filter(day=day, register_id__in=taken)
    rows = rows.order_by("number", "person__family_name", "person__given_name", "person_id")
    held = list(rows.values_list(*_HELD))
    whose = _who({one[0] for one in held})
    found = []
    for person_id, number, symbol, minutes_late, recorded_at, source, closed_at in held:
        code = codes.codes[symbol]
        found.append(
            [
                day.isoformat(),
                names.get(number, str(number)),
                *whose[person_id],
                symbol,
                code.labels["en"],
                code.counts,
                "" if minutes_late is None else str(minutes_late),
                _moment(recorded_at),
                "yes" if source == Mark.Source.CORRECTION else "no",
                "yes" if closed_at else "no",
            ]
        )
    return found


def _who(person_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Return the cells that say who each is; of those who left, what the roll keeps."""
    persons = Person.objects.filter(pk__in=person_ids)
    columns = ("id", "external_id", "family_name", "given_name", "birth_date", "year_group__name")
    found = {}
    for person_id, external_id, *named, born, group in persons.values_list(*columns):
        found[person_id] = [external_id or str(person_id), *named, _born(born), group or ""]
    for roll in RollName.objects.filter(person__in=person_ids):
        named = [roll.family_name, roll.given_name, _born(roll.birth_date), roll.class_name]
        found[roll.person_id] = [found[roll.person_id][0], *named]
    return found


def _born(day: date | None) -> str:
    return day.isoformat() if day else ""


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
