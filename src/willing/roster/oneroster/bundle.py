"""One bundle on its way into the staging: what reading any of its files needs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from willing.roster.cells import clean_date, clean_list
from willing.roster.oneroster.manifest import BundleManifest
from willing.roster.row_errors import RowFault
from willing.roster.sources import FileSource
from willing.roster.staging import UNBOUNDED, Staging
from willing.roster.tables import RosterTable, read_csv

NEEDED = {
    "orgs": ("sourcedId", "type"),
    "academicSessions": ("sourcedId", "startDate", "endDate"),
    "classes": ("sourcedId", "title", "classType", "schoolSourcedId"),
    "roles": ("sourcedId", "userSourcedId", "role", "orgSourcedId"),
    "users": ("sourcedId", "givenName", "familyName"),
    "enrollments": ("classSourcedId", "userSourcedId", "role"),
    "demographics": ("sourcedId", "birthDate"),
}
# Whom a row is about: the column with the id of a user.
ABOUT = {
    "roles": "userSourcedId",
    "users": "sourcedId",
    "enrollments": "userSourcedId",
    "demographics": "sourcedId",
}
READ = {
    **{file: (*columns, "status") for file, columns in NEEDED.items()},
    "users": (*NEEDED["users"], "status", "role", "orgSourcedIds", "agentSourcedIds", "grades", "email",
              "preferredGivenName", "preferredFamilyName"),
    "classes": (*NEEDED["classes"], "status", "termSourcedIds"),
    "roles": (*NEEDED["roles"], "status", "beginDate", "endDate"),
    "enrollments": (*NEEDED["enrollments"], "status", "beginDate", "endDate"),
}  # fmt: skip
ORG, SESSION = "org ", "session "
# What a user is whose role cannot be read: kept apart from those who are none of ours.
REFUSED = "!"
Row = Mapping[str, str]


class Bundle:
    """The files of a bundle, what was read of them, and what is wrong with them.

    today: an ISO date, which decides what is current. encoding: "" to find out. date_form: of dates.FORMS.
    """

    def __init__(
        self,
        source: FileSource,
        staging: Staging,
        manifest: BundleManifest,
        *,
        today: str,
        encoding: str,
        date_form: str = "",
    ) -> None:
        self.source, self.staging, self.today, self.encoding = source, staging, today, encoding
        self.date_form = date_form
        self.sessions_used: set[str] = set()
        self.version, self.modes = manifest.version, manifest.modes

    def rows(self, file: str) -> Iterator[tuple[int, Row, bool]]:
        """Yield line, row and whether it is to be deleted; rows whose id or status is wrong are reported."""
        if self.is_absent(file):
            return
        table = self._table(file)
        for line, row in table.rows(lambda fault, row: self._leave_unread(file, fault.line, fault.code, row)):
            status = row.get("status", "").strip().lower()
            if status not in ("", "active", "tobedeleted"):
                self._leave_unread(file, line, "status_unknown", row, "status")
            elif not status and self.modes[file] == "delta":
                self._leave_unread(file, line, "status_missing", row, "status")
            else:
                yield line, row, status == "tobedeleted"

    def _leave_unread(self, file: str, line: int, code: str, row: Row, column: str = "") -> None:
        """Refuse a row as a whole; unless it says that it is of another school, it is about someone here."""
        self.refuse(file, line, code, row, column)
        about = self._about(file, row)
        orgs = row.get("orgSourcedIds" if file == "users" else "orgSourcedId", "")
        is_elsewhere = bool(column and orgs) and self.staging.org not in map(str.strip, orgs.split(","))
        if about and not is_elsewhere and file == "users":
            self.staging.replace("user", about, REFUSED, REFUSED)
        elif about and not is_elsewhere and file == "roles":
            self.staging.replace("role", about, line, REFUSED, REFUSED, "")

    def _table(self, file: str) -> RosterTable:
        table = read_csv(self.source, f"{file}.csv", encoding=self.encoding)
        by_folded = {name.lower(): name for name in READ[file]}
        columns = [by_folded.get(name.lower(), name) for name in table.columns]
        table = replace(table, columns=columns)
        table.require(*NEEDED[file])
        if file == "users" and self.version == "1.1":
            table.require("role", "orgSourcedIds")
        if self.modes[file] == "delta":
            table.require("status")
        for column in READ[file]:
            if f"{column} (1)" in columns:
                table.require(column)
        if file == "users":
            self._check_guardian_columns(table)
        return table

    def _check_guardian_columns(self, table: RosterTable) -> None:
        """Say that no guardian was read where there is no column for them: that is not the same as none."""
        column = "agentSourcedIds"
        if column in table.columns:
            self.staging.guardians_max = UNBOUNDED
        else:
            self.report("users", table.line, "guardians_not_read", column)

    def refuse(self, file: str, line: int, code: str, row: Row, column: str = "") -> None:
        """Report what is wrong with a row, so that the person it is about stays as they are."""
        self.report(file, line, code, column, about=self._about(file, row))

    def _about(self, file: str, row: Row) -> str:
        """Return whom a row is about: a user's id, an organisation's or a session's with a word."""
        if file in ABOUT:
            return row.get(ABOUT[file], "").strip()
        if file == "academicSessions":
            return SESSION + row.get("sourcedId", "").strip()
        return ORG + row.get("sourcedId" if file == "orgs" else "schoolSourcedId", "").strip()

    def report(self, file: str, line: int, code: str, column: str = "", *, about: str = "") -> None:
        """Report what is wrong at a line of a file. about: whose row it is, as `_about`."""
        self.staging.report(RowFault(f"{file}.csv", line, code, column), about)

    def clean(self, file: str, line: int, row: Row, column: str, clean: Callable[[str], str]) -> str | None:
        """Return a cell cleaned, or None after reporting what is wrong with it."""
        try:
            return clean(row.get(column, ""))
        except ValueError as error:
            self.refuse(file, line, str(error), row, column)
            return None

    def clean_date(self, file: str, line: int, row: Row, column: str) -> str:
        """Return the ISO date of a cell, "" for none and after reporting what is wrong with it."""
        return self.clean(file, line, row, column, lambda cell: clean_date(cell, self.date_form)) or ""

    def clean_list(self, file: str, line: int, row: Row, column: str) -> list[str]:
        """Return the items of a cell that holds a list; none after reporting what is wrong with it."""
        try:
            return clean_list(row.get(column, ""))
        except ValueError as error:
            self.refuse(file, line, str(error), row, column)
            return []

    def is_current(self, starts: str, last_day: str) -> bool:
        """Return whether today lies between two ISO dates, both included; "" is no bound."""
        return (not starts or starts <= self.today) and (not last_day or self.today <= last_day)

    def is_absent(self, file: str) -> bool:
        """Return whether the bundle is without this file."""
        return self.modes[file] == "absent"

    def is_bulk(self, file: str) -> bool:
        """Return whether this file lists everything, so that what is not in it does not exist."""
        return self.modes[file] == "bulk"

    def knows(self, table: str, key: str) -> bool:
        """Return whether a row of this id was read into a table of the staging."""
        return self.staging.find(f"SELECT 1 FROM {table} WHERE id = ?", key) is not None  # noqa: S608

    def check_org(self, file: str, line: int, org: str, column: str) -> None:
        """Report an organisation that orgs.csv does not list, where it lists all."""
        if self.is_bulk("orgs") and not self.knows("org", org):
            self.report(file, line, "unknown_org", column)
