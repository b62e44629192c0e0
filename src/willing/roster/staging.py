"""What a roster says, laid down where memory does not grow with it: SQLite's private temporary file. Pure.

SQLite opens "" as a database that only this connection sees; the file has no name and is gone when the
connection is closed or the process is gone, for whatever reason. Most rosters never leave the page cache.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from willing.roster.row_errors import FAULTS_MAX, Fault, Unreadable

CACHE_KIB = 32 * 1024
SCHEMA = """
CREATE TABLE org(id TEXT PRIMARY KEY, is_school INTEGER) WITHOUT ROWID;
CREATE TABLE session(id TEXT PRIMARY KEY, starts TEXT, ends TEXT) WITHOUT ROWID;
CREATE TABLE class(id TEXT PRIMARY KEY, title TEXT, is_group INTEGER, starts TEXT, ends TEXT) WITHOUT ROWID;
CREATE TABLE user(id TEXT PRIMARY KEY, kind TEXT, guards TEXT) WITHOUT ROWID;
CREATE TABLE role(user TEXT PRIMARY KEY, line INTEGER, kind TEXT, guards TEXT, gone TEXT) WITHOUT ROWID;
CREATE TABLE agent(user TEXT, agent TEXT, line INTEGER, PRIMARY KEY(user, agent)) WITHOUT ROWID;
CREATE TABLE enrolment(user TEXT, title TEXT, is_current INTEGER, starts TEXT);
CREATE TABLE seen(kind TEXT, id TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE TABLE person(external_id TEXT PRIMARY KEY, kind TEXT, given_name TEXT, family_name TEXT, year TEXT,
  year_is_grade INTEGER, is_leaving INTEGER) WITHOUT ROWID;
CREATE TABLE birth(person TEXT PRIMARY KEY, date TEXT) WITHOUT ROWID;
CREATE TABLE guardian(external_id TEXT PRIMARY KEY, name TEXT, email TEXT, is_sure INTEGER,
  is_leaving INTEGER) WITHOUT ROWID;
CREATE TABLE link(person TEXT, guardian TEXT, relationship TEXT, PRIMARY KEY(person, guardian)) WITHOUT ROWID;
CREATE TABLE whole(kind TEXT, id TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE TABLE fault(file TEXT, line INTEGER, code TEXT, field TEXT, blocks INTEGER);
"""


@dataclass(frozen=True, slots=True)
class StagedPerson:
    """A pupil or member of staff as the file has them.

    kind: pupil, staff, or "" where a delta does not say. year: "" where the file does not say.
    year_is_grade: the year is the grade for want of a class. is_leaving: the file marks them so.
    birth_date: an ISO date, of pupils only; "" where the file does not say.
    """

    external_id: str
    kind: str
    given_name: str
    family_name: str
    year: str
    year_is_grade: bool
    is_leaving: bool
    birth_date: str = ""


@dataclass(frozen=True, slots=True)
class StagedGuardian:
    """A guardian as the file has them.

    is_sure: the file says that they are one; a delta may change a user without telling the role.
    is_leaving: the file marks them so.
    """

    external_id: str
    name: str
    email: str
    is_sure: bool
    is_leaving: bool


@dataclass(frozen=True, slots=True)
class StagedLink:
    """A guardian of a person, by their external ids."""

    person: str
    guardian: str
    relationship: str


class Staging:
    """The rows of one roster, kept until `close`.

    format: "OneRoster 1.1 bulk" and the like. is_whole: who is not in it has left. org: which organisation
    of the file the school is, "" where it has none. tells_guardians: it has at least one guardian's link.
    """

    def __init__(self) -> None:
        self.format, self.is_whole, self.org = "", True, ""
        self.db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.db.executescript(
            f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=FILE; "
            f"PRAGMA cache_size=-{CACHE_KIB}; {SCHEMA} BEGIN;"
        )
        self.faults_count = 0
        self.notes_count = 0

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

    def report(self, fault: Fault) -> None:
        """Keep a fault. Raises Unreadable too_many_faults where there are too many to go on."""
        if fault.blocks:
            self.faults_count += 1
        else:
            self.notes_count += 1
        if fault.blocks or self.notes_count <= FAULTS_MAX:
            self._keep(fault)
        if self.faults_count == FAULTS_MAX and fault.code != "too_many_faults":
            raise Unreadable(fault.file, fault.line, "too_many_faults")

    def _keep(self, fault: Fault) -> None:
        row = (fault.file, fault.line, fault.code, fault.column, fault.blocks)
        self.db.execute("INSERT INTO fault VALUES (?,?,?,?,?)", row)

    def faults(self, *, blocking: bool = True, limit: int = FAULTS_MAX) -> list[Fault]:
        """Return what is wrong, in the order of files and lines; notes instead with blocking=False."""
        rows = self.db.execute(
            "SELECT file, line, code, field FROM fault WHERE blocks = ? ORDER BY file, line, code LIMIT ?",
            (blocking, limit),
        )
        return [Fault(*row) for row in rows]

    def reasons(self, *, blocking: bool = True) -> dict[str, int]:
        """Return how often each reason was given."""
        query = "SELECT code, count(*) FROM fault WHERE blocks = ? GROUP BY code ORDER BY code"
        return dict(self.db.execute(query, (blocking,)).fetchall())

    @property
    def tells_guardians(self) -> bool:
        """True where at least one guardian of one person is in the file."""
        return self.find("SELECT 1 FROM link LIMIT 1") is not None

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        (found,) = self.db.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
        return int(found)

    def persons(self, size: int) -> Iterator[list[StagedPerson]]:
        """Yield the persons in the order of their ids, at most `size` at a time."""
        cursor = self.db.execute(
            "SELECT person.*, coalesce(birth.date, '') FROM person LEFT JOIN birth"
            " ON birth.person = external_id AND kind <> 'staff' ORDER BY external_id"
        )
        while rows := cursor.fetchmany(size):
            yield [
                StagedPerson(row[0], row[1], row[2], row[3], row[4], bool(row[5]), bool(row[6]), row[7])
                for row in rows
            ]

    def guardians(self, size: int) -> Iterator[list[StagedGuardian]]:
        """Yield the guardians in the order of their ids, at most `size` at a time."""
        cursor = self.db.execute("SELECT * FROM guardian ORDER BY external_id")
        while rows := cursor.fetchmany(size):
            yield [StagedGuardian(row[0], row[1], row[2], bool(row[3]), bool(row[4])) for row in rows]

    def linked(self, size: int) -> Iterator[list[str]]:
        """Yield the ids of persons whose guardians the file may tell, in order, at most `size` at a time."""
        cursor = self.db.execute(
            "SELECT external_id FROM person WHERE NOT is_leaving UNION SELECT person FROM link ORDER BY 1"
        )
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

    def wholly_listed(self, kind: str, ids: Sequence[str]) -> set[str]:
        """Return those of these persons or guardians whose links the file lists completely."""
        marks = ",".join("?" * len(ids))
        query = f"SELECT id FROM whole WHERE kind = ? AND id IN ({marks})"  # noqa: S608
        return {row[0] for row in self.db.execute(query, (kind, *ids))}
