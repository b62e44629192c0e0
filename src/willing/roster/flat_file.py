"""A plain list of people, CSV or XLSX, with columns of any name. Pure."""

from collections.abc import Callable, Mapping

from willing.roster.cells import (
    Flawed,
    clean_birth_date,
    clean_id,
    clean_name,
    clean_text,
    clean_year,
    looks_rounded,
    one_name_first,
)
from willing.roster.file_kinds import find_kind as find_file_kind
from willing.roster.flat_guardians import (
    GUARDIAN_FIELDS,
    GUARDIANS_MAX,
    SUFFIXES,
    clean_guardians,
    stage_guardian,
)
from willing.roster.kinds import PARENT, PUPIL, find_kind
from willing.roster.row_errors import RowFault, Unreadable
from willing.roster.sources import FileSource
from willing.roster.staging import UNBOUNDED, Staging
from willing.roster.tables import RosterTable, read_csv
from willing.roster.workbooks import read_xlsx

NEEDED = ("external_id", "given_name")
# The second to fourth guardian have columns of the same names with _2, _3 and _4.
FIELDS = (
    *NEEDED,
    "family_name",
    "year",
    "kind",
    "birth_date",
    *(field + suffix for suffix in SUFFIXES for field in GUARDIAN_FIELDS),
)


def read_plain(
    source: FileSource,
    staging: Staging,
    *,
    columns: Mapping[str, str | None],
    encoding: str,
    date_form: str = "",
    header_line: int = 0,
) -> None:
    """Read the one file of `source` into `staging`.

    columns: field -> the column's name in the file, None where it has none; a field that is not there is
    looked for by its own name.
    date_form: one of dates.FORMS. header_line: the line of the columns' names, 0 to find out.
    """
    try:
        table = open_table(source, staging, encoding=encoding, header_line=header_line)
        for note in table.notes:
            staging.report(note)
        _Reader(table, staging, _places(table, columns), date_form).read()
    except Unreadable as broken:
        staging.report(broken.fault)


def open_table(source: FileSource, staging: Staging, *, encoding: str, header_line: int = 0) -> RosterTable:
    """Return the one file of `source` as a table, by what is in it and not by its name. Raises Unreadable."""
    (file,) = source.names()
    with source.open(file) as stream:
        kind = find_file_kind(stream, file)
    if kind != "text" or file.lower().endswith((".xlsx", ".xlsm")):
        staging.format = "XLSX"
        return read_xlsx(source, file, header_line=header_line)
    staging.format = "CSV"
    return read_csv(source, file, encoding=encoding, sniff=True, header_line=header_line)


def _places(table: RosterTable, columns: Mapping[str, str | None]) -> dict[str, str]:
    """Return which column holds which field. Raises Unreadable column_missing, column_twice."""
    places = {}
    for field in FIELDS:
        wanted = columns.get(field, "")
        if wanted is None:
            continue
        found = _column(table, wanted or field)
        if found is not None:
            places[field] = found
        elif wanted or (
            field in NEEDED and not (field == "given_name" and _has(table, columns, "family_name"))
        ):
            raise Unreadable(table.file, table.line, "column_missing", (wanted or field)[:60])
    return places


def _has(table: RosterTable, columns: Mapping[str, str | None], field: str) -> bool:
    return _column(table, columns.get(field) or field) is not None


def _column(table: RosterTable, wanted: str) -> str | None:
    """Return the column of a name, whatever its case. Raises Unreadable column_twice."""
    if wanted in table.columns:
        return wanted
    found = [name for name in table.columns if fold_column(name) == fold_column(wanted)]
    if len(found) > 1 or f"{fold_column(wanted)}_(1)" in map(fold_column, table.columns):
        raise Unreadable(table.file, table.line, "column_twice", wanted[:60])
    return found[0] if found else None


def fold_column(name: str) -> str:
    """Return a column's name for comparing: "Given Name" is given_name."""
    return "_".join(name.casefold().split())


class _Reader:
    """The rows of one list on their way into the staging."""

    def __init__(
        self, table: RosterTable, staging: Staging, places: Mapping[str, str], date_form: str
    ) -> None:
        self.table, self.staging, self.places, self.date_form = table, staging, places, date_form
        self.are_merged = False

    def read(self) -> None:
        """Stage every row, and at the end leave out who is refused."""
        groups = sum(
            any(field + suffix in self.places for field in ("guardian_name", "guardian_id", "guardian_email"))
            for suffix in SUFFIXES
        )
        if not groups:
            column = GUARDIAN_FIELDS[1]
            self.staging.report(RowFault(self.table.file, self.table.line, "guardians_not_read", column))
        for line, row in self.table.rows(self._report_width, short=True):
            cells = {field: row[column] for field, column in self.places.items()}
            self._stage(RowFault(self.table.file, line, ""), cells)
        self.staging.guardians_max = UNBOUNDED if groups and self.are_merged else min(groups, GUARDIANS_MAX)
        self.staging.leave_out_refused()

    def _report_width(self, fault: RowFault, row: Mapping[str, str]) -> None:
        self._refuse([fault], row.get(self.places["external_id"], ""))

    def _stage(self, at: RowFault, cells: Mapping[str, str]) -> None:
        """Lay down a row's person with its guardians, or report everything that is wrong with it."""
        faults: list[RowFault] = []
        kind = self._kind(cells, at, faults)
        if kind == PARENT:
            self.staging.report(RowFault(at.file, at.line, "row_of_guardian", "kind"))
            return
        person = self._clean_person(cells, at, faults)
        key = person["external_id"]
        guardians = clean_guardians(cells, key, at, faults)
        if not faults and not self._stage_person(person, kind or "", at):
            code = "number_rounded" if looks_rounded(key) else "id_twice"
            faults.append(RowFault(at.file, at.line, code, "external_id"))
        if not faults:
            faults.extend(
                RowFault(at.file, at.line, "guardian_twice", "guardian_id" + one.suffix)
                for one in guardians
                if not stage_guardian(self.staging, key, one, at)
            )
        if faults:
            self._refuse(faults, cells.get("external_id", ""))

    def _refuse(self, faults: list[RowFault], external_id: str) -> None:
        if not isinstance(external_id, Flawed):
            self.staging.refuse("person", external_id.strip())
        for fault in faults:
            self.staging.report(fault)

    def _kind(self, cells: Mapping[str, str], at: RowFault, faults: list[RowFault]) -> str | None:
        try:
            kind = find_kind(clean_text(cells.get("kind", "")))
        except ValueError as error:
            faults.append(RowFault(at.file, at.line, str(error), "kind"))
            return ""
        if kind is None:
            faults.append(RowFault(at.file, at.line, "kind_unknown", "kind"))
        return kind

    def _clean_person(self, cells: Mapping[str, str], at: RowFault, faults: list[RowFault]) -> dict[str, str]:
        cleaners: dict[str, Callable[[str], str]] = {
            "external_id": clean_id,
            "given_name": clean_name,
            "family_name": clean_name,
            "year": clean_year,
            "birth_date": lambda cell: clean_birth_date(cell, self.date_form),
        }
        cleaned = {}
        for field, clean in cleaners.items():
            try:
                cleaned[field] = clean(cells.get(field, ""))
            except ValueError as error:
                cleaned[field] = ""
                fault = RowFault(at.file, at.line, str(error), field)
                self.staging.report(fault) if fault.is_note else faults.append(fault)
        cleaned["given_name"], cleaned["family_name"] = one_name_first(
            cleaned["given_name"], cleaned["family_name"]
        )
        if not cleaned["given_name"] and not any("name" in fault.column for fault in faults):
            faults.append(RowFault(at.file, at.line, "given_name_missing", "given_name"))
        return cleaned

    def _stage_person(self, person: Mapping[str, str], kind: str, at: RowFault) -> bool:
        """Insert a person, or merge the row into an earlier one; False where the two contradict."""
        key, born = person["external_id"], person["birth_date"]
        row = (kind or PUPIL, person["given_name"], person["family_name"], person["year"])
        if self.staging.insert("person", key, *row, False, False):
            self.staging.insert("origin", "person", key, at.file, at.line, "external_id")
            if not kind:
                self.staging.insert("kind_unsaid", key)
        elif not self._merge(key, kind, row):
            return False
        if born and not self.staging.insert("birth", key, born):
            return self.staging.find("SELECT date FROM birth WHERE person = ?", key) == (born,)
        return True

    def _merge(self, key: str, kind: str, row: tuple[str, ...]) -> bool:
        """Fill up what an earlier row of a person left empty; False where the two contradict each other."""
        self.are_merged = True
        found = self.staging.find(
            "SELECT kind, given_name, family_name, year, u.person IS NOT NULL FROM person"
            " LEFT JOIN kind_unsaid u ON u.person = external_id WHERE external_id = ?",
            key,
        )
        assert found is not None
        earlier = [str(one) for one in found[:4]]
        if not kind:
            row = (earlier[0], *row[1:])
        elif found[4]:
            earlier[0] = kind
            self.staging.set_kind(key)
        if any(old and new and old != new for old, new in zip(earlier, row, strict=True)):
            return False
        merged = [old or new for old, new in zip(earlier, row, strict=True)]
        self.staging.replace("person", key, *merged, False, False)
        return True
