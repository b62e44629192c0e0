"""One bundle on its way into the staging: what reading any of its files needs."""

from collections.abc import Callable, Iterator, Mapping

from willing.roster.cells import clean_list
from willing.roster.oneroster.manifest import Manifest
from willing.roster.row_errors import Fault
from willing.roster.sources import Source
from willing.roster.staging import Staging
from willing.roster.tables import Table, read_csv

NEEDED = {
    "orgs": ("sourcedId", "type"),
    "academicSessions": ("sourcedId", "startDate", "endDate"),
    "classes": ("sourcedId", "title", "classType", "schoolSourcedId"),
    "roles": ("sourcedId", "userSourcedId", "role", "orgSourcedId"),
    "users": ("sourcedId", "givenName", "familyName"),
    "enrollments": ("classSourcedId", "userSourcedId", "role"),
    "demographics": ("sourcedId", "birthDate"),
}
Row = Mapping[str, str]


class Bundle:
    """The files of a bundle, what was read of them, and what is wrong with them.

    today: an ISO date, which decides what is current. encoding: "" to find out.
    """

    def __init__(
        self, source: Source, staging: Staging, manifest: Manifest, *, today: str, encoding: str
    ) -> None:
        self.source, self.staging, self.today, self.encoding = source, staging, today, encoding
        self.version, self.modes = manifest.version, manifest.modes

    def rows(self, file: str) -> Iterator[tuple[int, Row, bool]]:
        """Yield line, row and whether it is to be deleted; rows whose id or status is wrong are reported."""
        if self.is_absent(file):
            return
        table = read_csv(self.source, f"{file}.csv", encoding=self.encoding)
        self._require(table, file)
        for line, row in table.rows(self.staging.report):
            status = row.get("status", "").strip().lower()
            if status not in ("", "active", "tobedeleted"):
                self.report(file, line, "status_unknown", "status")
            elif not status and self.modes[file] == "delta":
                self.report(file, line, "status_missing", "status")
            else:
                yield line, row, status == "tobedeleted"

    def _require(self, table: Table, file: str) -> None:
        table.require(*NEEDED[file])
        if file == "users" and self.version == "1.1":
            table.require("role", "orgSourcedIds")
        if self.modes[file] == "delta":
            table.require("status")

    def report(self, file: str, line: int, code: str, column: str = "") -> None:
        """Report what is wrong at a line of a file."""
        self.staging.report(Fault(f"{file}.csv", line, code, column))

    def clean(self, file: str, line: int, row: Row, column: str, clean: Callable[[str], str]) -> str | None:
        """Return a cell cleaned, or None after reporting what is wrong with it."""
        try:
            return clean(row.get(column, ""))
        except ValueError as error:
            self.report(file, line, str(error), column)
            return None

    def clean_list(self, file: str, line: int, row: Row, column: str) -> list[str]:
        """Return the items of a cell that holds a list; none after reporting what is wrong with it."""
        try:
            return clean_list(row.get(column, ""))
        except ValueError as error:
            self.report(file, line, str(error), column)
            return []

    def is_current(self, starts: str, ends: str) -> bool:
        """Return whether today lies between two ISO dates, both included; "" is no bound."""
        return (not starts or starts <= self.today) and (not ends or self.today <= ends)

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
