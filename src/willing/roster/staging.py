"""What a roster says, laid down where memory does not grow with it: SQLite's private temporary file. Pure.

SQLite opens "" as a database that only this connection sees; the file has no name and is gone when the
connection is closed or the process is gone, for whatever reason. Most rosters never leave the page cache.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from willing.roster.cells import fold_id
from willing.roster.row_errors import FAULTS_MAX, NOTES, REFUSES, RowFault, Unreadable

CACHE_KIB = 32 * 1024
UNBOUNDED = 10_000  # guardians of one person, where the file has room for any number
NOTE_CODES, _REFUSES = (",".join(f"'{code}'" for code in codes) for codes in (NOTES, REFUSES))
LINKED = "SELECT external_id FROM person WHERE NOT is_leaving UNION SELECT person FROM link"
SCHEMA = """
CREATE TABLE org(id TEXT PRIMARY KEY, is_school INTEGER) WITHOUT ROWID;
CREATE TABLE session(id TEXT PRIMARY KEY, starts TEXT, ends TEXT) WITHOUT ROWID;
CREATE TABLE class(id TEXT PRIMARY KEY, title TEXT, is_group INTEGER, starts TEXT, ends TEXT) WITHOUT ROWID;
CREATE TABLE user(id TEXT PRIMARY KEY, kind TEXT, guards TEXT) WITHOUT ROWID;
CREATE TABLE role(user TEXT PRIMARY KEY, line INTEGER, kind TEXT, guards TEXT, gone TEXT) WITHOUT ROWID;
CREATE TABLE agent(user TEXT, agent TEXT, line INTEGER, PRIMARY KEY(user, agent)) WITHOUT ROWID;
CREATE TABLE enrolment(user TEXT, title TEXT, is_current INTEGER, starts TEXT);
CREATE TABLE person(external_id TEXT PRIMARY KEY, kind TEXT, given_name TEXT, family_name TEXT, year TEXT,
  year_is_grade INTEGER, is_leaving INTEGER) WITHOUT ROWID;
CREATE TABLE birth(person TEXT PRIMARY KEY, date TEXT) WITHOUT ROWID;
CREATE TABLE guardian(external_id TEXT PRIMARY KEY, name TEXT, email TEXT, is_sure INTEGER,
  is_leaving INTEGER) WITHOUT ROWID;
CREATE TABLE contact(guardian TEXT PRIMARY KEY, phone TEXT, language TEXT) WITHOUT ROWID;
CREATE TABLE link(person TEXT, guardian TEXT, relationship TEXT, PRIMARY KEY(person, guardian)) WITHOUT ROWID;
CREATE TABLE whole(kind TEXT, id TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE TABLE untold(person TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE kind_unsaid(person TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE origin(kind TEXT, id TEXT, file TEXT, line INTEGER, field TEXT,
  PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE TABLE here(kind TEXT, id TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE TABLE refused(kind TEXT, id TEXT, fold TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE TABLE fault(file TEXT, line INTEGER, code TEXT, field TEXT, about TEXT);
"""


@dataclass(frozen=True, slots=True)
class StagedPerson:
    """A pupil or member of staff as the file has them.

    kind: pupil, staff, or "" where a delta does not say. year: "" where the file does not say.
    year_is_grade: the year is the grade for want of a class. is_leaving: the file marks them so.
    birth_date: an ISO date, of pupils only; "" where the file does not say. kind_unsaid: `kind` is what
    newcomers are for want of any word.
    """

    external_id: str
    kind: str
    given_name: str
    family_name: str
    year: str
    year_is_grade: bool
    is_leaving: bool
    birth_date: str = ""
    kind_unsaid: bool = False


@dataclass(frozen=True, slots=True)
class StagedGuardian:
    """A guardian as the file has them.

    is_sure: the file says that they are one; a delta may change a user without telling the role.
    is_leaving: the file marks them so. phone, language (a code): "" where the file does not say.
    """

    external_id: str
    name: str
    email: str
    is_sure: bool
    is_leaving: bool
    phone: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class StagedLink:
    """A guardian of a person, by their external ids."""

    person: str
    guardian: str
    relationship: str


class Staging:
    """The rows of one roster, kept until `close`.

    format: "OneRoster 1.1 bulk" and the like. is_whole: who is not in it has left. org: which organisation
    of the file the school is, "" where it has none. guardians_max: how many guardians of one person the file
    has room for; 0 where it has no column for them, so says nothing of any. guardians_before: the most that
    any list before it had room for.
    """

    def __init__(self) -> None:
        self.format, self.is_whole, self.org, self.guardians_max = "", True, "", 0
        self.guardians_before = 0
        self.db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.db.executescript(
            f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=FILE; "
            f"PRAGMA cache_size=-{CACHE_KIB}; {SCHEMA} BEGIN;"
        )
        self.stops_count = self.refused_count = self.notes_count = 0

    def close(self) -> None:
        """Forget everything."""
        self.db.close()

    def insert(self, table: str, *values: object) -> bool:
        """Insert a row; False where its key is there already."""
        marks = ",".join("?" * len(values))
        done = self.db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", values)  # noqa: S608
        return done.rowcount == 1

    def replace(self, table: str, *values: object) -> None:
        """Insert a row, or put it in the place of the one that has its key."""
        marks = ",".join("?" * len(values))
        self.db.execute(f"REPLACE INTO {table} VALUES ({marks})", values)  # noqa: S608

    def find(self, query: str, *values: object) -> tuple[object, ...] | None:
        """Return the first row of a query, or None."""
        found: tuple[object, ...] | None = self.db.execute(query, values).fetchone()
        return found

    def report(self, fault: RowFault, about: str = "") -> None:
        """Keep a fault. Raises Unreadable too_many_faults where there are too many to go on.

        about: the id of the person or guardian whose row is refused, "" where it is not known.
        """
        if fault.stops:
            self.stops_count += 1
        elif fault.is_note:
            self.notes_count += 1
            if self.notes_count > FAULTS_MAX:
                return
        else:
            self.refused_count += 1
        self.db.execute(
            "INSERT INTO fault VALUES (?,?,?,?,?)", (fault.file, fault.line, fault.code, fault.column, about)
        )
        if self.refused_count == FAULTS_MAX and not (fault.is_note or fault.stops):
            raise Unreadable(fault.file, fault.line, "too_many_faults")

    def refuse(self, kind: str, external_id: str) -> None:
        """Let a person or a guardian stay as they are here, whatever else the file says of them.

        kind: "person" or "guardian". external_id: as the file has it, even where it is the id that is wrong.
        """
        if fold := fold_id(external_id):
            self.insert("refused", kind, external_id, fold)

    def leave_out_refused(self) -> None:
        """Take out who is refused, their links, and guardians who are then nobody's."""
        refused = "IN (SELECT id FROM refused WHERE kind = ?)"
        self.db.execute(f"DELETE FROM person WHERE external_id {refused}", ("person",))  # noqa: S608
        self.db.execute(f"DELETE FROM link WHERE person {refused}", ("person",))  # noqa: S608
        self.db.execute(f"DELETE FROM guardian WHERE external_id {refused}", ("guardian",))  # noqa: S608
        if self.is_whole:
            self.db.execute("DELETE FROM guardian WHERE external_id NOT IN (SELECT guardian FROM link)")

    def set_kind(self, person: str) -> None:
        """Let the kind of a person be what a row says, where an earlier row said nothing."""
        self.db.execute("DELETE FROM kind_unsaid WHERE person = ?", (person,))

    def forgive(self, about: str) -> None:
        """Turn what is wrong with rows about nobody here into notes."""
        done = self.db.execute(
            f"UPDATE fault SET code = 'row_of_nobody_here' WHERE about = ? AND code IN ({_REFUSES})",  # noqa: S608
            (about,),
        )
        self.refused_count -= done.rowcount
        self.notes_count += done.rowcount

    def faults(self, *, notes: bool = False, limit: int = FAULTS_MAX) -> list[RowFault]:
        """Return what is wrong, in the order of files and lines; with `notes` what is only mentioned."""
        rows = self.db.execute(
            f"SELECT file, line, code, field FROM fault WHERE (code IN ({NOTE_CODES})) = ?"  # noqa: S608
            " ORDER BY file, line, code LIMIT ?",
            (notes, limit),
        )
        return [RowFault(*row) for row in rows]

    def reasons(self, *, notes: bool = False) -> dict[str, int]:
        """Return how often each reason was given."""
        query = (
            f"SELECT code, count(*) FROM fault WHERE (code IN ({NOTE_CODES})) = ? GROUP BY code ORDER BY code"  # noqa: S608
        )
        return dict(self.db.execute(query, (notes,)).fetchall())

    @property
    def rows_refused(self) -> int:
        """How many rows are refused; several things may be wrong with one."""
        found = self.find(
            f"SELECT count(*) FROM (SELECT DISTINCT file, line FROM fault WHERE code IN ({_REFUSES}))"  # noqa: S608
        )
        return int(str(found[0])) if found else 0

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        (found,) = self.db.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
        return int(found)

    def persons(self, size: int) -> Iterator[list[StagedPerson]]:
        """Yield the persons in the order of their ids, at most `size` at a time."""
        cursor = self.db.execute(
            "SELECT person.*, coalesce(birth.date, ''), u.person IS NOT NULL FROM person"
            " LEFT JOIN birth ON birth.person = external_id AND kind <> 'staff'"
            " LEFT JOIN kind_unsaid u ON u.person = external_id ORDER BY external_id"
        )
        while rows := cursor.fetchmany(size):
            yield [
                StagedPerson(
                    row[0], row[1], row[2], row[3], row[4], bool(row[5]), bool(row[6]), row[7], bool(row[8])
                )
                for row in rows
            ]

    def guardians(self, size: int) -> Iterator[list[StagedGuardian]]:
        """Yield the guardians in the order of their ids, at most `size` at a time."""
        cursor = self.db.execute(
            "SELECT g.external_id, name, email, is_sure, is_leaving,"
            " coalesce(phone, ''), coalesce(language, '')"
            " FROM guardian g LEFT JOIN contact ON guardian = g.external_id ORDER BY g.external_id"
        )
        while rows := cursor.fetchmany(size):
            yield [
                StagedGuardian(row[0], row[1], row[2], bool(row[3]), bool(row[4]), row[5], row[6])
                for row in rows
            ]

    def count_linked(self) -> int:
        """Return how many persons there are whose guardians the file may tell."""
        (found,) = self.db.execute(f"SELECT count(*) FROM ({LINKED})").fetchone()  # noqa: S608
        return int(found)

    def linked(self, size: int) -> Iterator[list[str]]:
        """Yield the ids of persons whose guardians the file may tell, in order, at most `size` at a time."""
        cursor = self.db.execute(f"{LINKED} ORDER BY 1")
        while rows := cursor.fetchmany(size):
            yield [row[0] for row in rows]

    def persons_of(self, guardians: Sequence[str]) -> set[tuple[str, str]]:
        """Return the links of the guardians with these ids, as pairs of person and guardian."""
        marks = ",".join("?" * len(guardians))
        query = f"SELECT person, guardian FROM link WHERE guardian IN ({marks})"  # noqa: S608
        return set(self.db.execute(query, guardians).fetchall())

    def links_of(self, persons: Sequence[str]) -> dict[str, list[StagedLink]]:
        """Return the links of the persons with these ids, by person."""
        marks = ",".join("?" * len(persons))
        query = f"SELECT * FROM link WHERE person IN ({marks}) ORDER BY person, guardian"  # noqa: S608
        links = [StagedLink(*row) for row in self.db.execute(query, persons)]
        return {person: list(group) for person, group in groupby(links, attrgetter("person"))}

    def sure_guardians(self, ids: Sequence[str]) -> set[str]:
        """Return those of these ids that the file has as guardians who stay."""
        marks = ",".join("?" * len(ids))
        query = (
            f"SELECT external_id FROM guardian WHERE is_sure AND NOT is_leaving AND external_id IN ({marks})"  # noqa: S608
        )
        return {row[0] for row in self.db.execute(query, ids)}

    def known(self, persons: Sequence[str]) -> set[str]:
        """Return those of these ids that the file has as persons who stay, and says of what kind they are."""
        marks = ",".join("?" * len(persons))
        query = (
            f"SELECT external_id FROM person WHERE NOT is_leaving AND kind <> '' AND external_id IN ({marks})"  # noqa: S608
        )
        return {row[0] for row in self.db.execute(query, persons)}

    def refused(self, persons: Sequence[str]) -> set[str]:
        """Return those of these ids about whom, or about someone whose id looks alike, a row is refused."""
        folds = [fold_id(one) for one in persons]
        marks = ",".join("?" * len(folds))
        rows = self.db.execute(f"SELECT fold FROM refused WHERE kind = 'person' AND fold IN ({marks})", folds)  # noqa: S608
        found = {row[0] for row in rows}
        return {one for one, fold in zip(persons, folds, strict=True) if fold in found}

    def untold(self, persons: Sequence[str]) -> set[str]:
        """Return those of these persons of whom the file may name some guardians and not all."""
        marks = ",".join("?" * len(persons))
        query = f"SELECT person FROM untold WHERE person IN ({marks})"  # noqa: S608
        return {row[0] for row in self.db.execute(query, persons)}

    def wholly_listed(self, kind: str, ids: Sequence[str]) -> set[str]:
        """Return those of these persons or guardians whose links the file lists completely."""
        marks = ",".join("?" * len(ids))
        query = f"SELECT id FROM whole WHERE kind = ? AND id IN ({marks})"  # noqa: S608
        return {row[0] for row in self.db.execute(query, (kind, *ids))}
