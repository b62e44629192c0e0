"""A plain list of people, CSV or XLSX, with columns of any name. Pure."""

import hashlib
from collections.abc import Mapping

from willing.roster.cells import clean_birth_date, clean_email, clean_id, clean_name, clean_text, clean_year
from willing.roster.row_errors import Fault, Unreadable
from willing.roster.sources import Source
from willing.roster.staging import Staging
from willing.roster.tables import Table, read_csv, read_xlsx

NEEDED = ("external_id", "given_name")
GUARDIANS_MAX = 4
GUARDIAN_FIELDS = ("guardian_id", "guardian_name", "guardian_email", "guardian_relationship")
# The second to fourth guardian have columns of the same names with _2, _3 and _4.
FIELDS = (
    *NEEDED,
    "family_name",
    "year",
    "kind",
    "birth_date",
    *(
        field + suffix
        for suffix in ("", *(f"_{number}" for number in range(2, GUARDIANS_MAX + 1)))
        for field in GUARDIAN_FIELDS
    ),
)
KINDS = {
    "": "pupil",
    "pupil": "pupil",
    "student": "pupil",
    "staff": "staff",
    "学生": "pupil",
    "教职工": "staff",
}
RELATIONSHIP_CHARS_MAX = 60


def read_plain(source: Source, staging: Staging, *, columns: Mapping[str, str], encoding: str) -> None:
    """Read the one file of `source` into `staging`.

    columns: field -> the column's name in the file; a field that is not there is looked for by its own name.
    """
    (file,) = source.names()
    try:
        if file.lower().endswith((".xlsx", ".xlsm")):
            table, staging.format = read_xlsx(source, file), "XLSX"
        else:
            table, staging.format = read_csv(source, file, encoding=encoding, sniff=True), "CSV"
        places = _places(table, columns)
        for line, row in table.rows(staging.report, ragged=True):
            cells = {field: row[column] for field, column in places.items()}
            _stage(staging, Fault(file, line, ""), cells)
    except Unreadable as broken:
        staging.report(broken.fault)


def _places(table: Table, columns: Mapping[str, str]) -> dict[str, str]:
    """Return which column holds which field. Raises Unreadable column_missing."""
    by_folded = {_fold(name): name for name in table.columns}
    places = {}
    for field in FIELDS:
        wanted = columns.get(field, "")
        found = wanted if wanted in table.columns else by_folded.get(_fold(wanted or field))
        if found is not None:
            places[field] = found
        elif wanted or field in NEEDED:
            raise Unreadable(table.file, 1, "column_missing", wanted or field)
    return places


def _fold(name: str) -> str:
    return "_".join(name.casefold().split())


def _stage(staging: Staging, at: Fault, cells: Mapping[str, str]) -> None:
    """Check a row and lay down its person with its guardians, or report everything that is wrong with it."""
    faults: list[Fault] = []
    person = _clean_person(cells, at, faults)
    guardians = [
        found
        for suffix in ("", *(f"_{number}" for number in range(2, GUARDIANS_MAX + 1)))
        if (found := _clean_guardian(cells, suffix, person["external_id"], at, faults))
    ]
    if not faults and not staging.insert(
        "person",
        person["external_id"],
        person["kind"],
        person["given_name"],
        person["family_name"],
        person["year"],
        False,
        False,
    ):
        faults.append(Fault(at.file, at.line, "id_twice", "external_id"))
    if person["birth_date"] and not faults:
        staging.insert("birth", person["external_id"], person["birth_date"])
    if faults:
        for fault in faults:
            staging.report(fault)
        return
    for external_id, name, email, relationship in guardians:
        staging.insert("guardian", external_id, name, email, True, False)
        staging.insert("link", person["external_id"], external_id, relationship)


def _clean_person(cells: Mapping[str, str], at: Fault, faults: list[Fault]) -> dict[str, str]:
    cleaners = {
        "external_id": clean_id,
        "given_name": clean_name,
        "family_name": clean_name,
        "year": clean_year,
        "kind": clean_text,
        "birth_date": clean_birth_date,
    }
    cleaned = {}
    for field, clean in cleaners.items():
        try:
            cleaned[field] = clean(cells.get(field, ""))
        except ValueError as error:
            cleaned[field] = ""
            faults.append(Fault(at.file, at.line, str(error), field))
    if not cleaned["given_name"] and not any(fault.column == "given_name" for fault in faults):
        faults.append(Fault(at.file, at.line, "given_name_missing", "given_name"))
    if cleaned["kind"].casefold() not in KINDS:
        faults.append(Fault(at.file, at.line, "kind_unknown", "kind"))
    cleaned["kind"] = KINDS.get(cleaned["kind"].casefold(), "")
    return cleaned


def _clean_guardian(
    cells: Mapping[str, str], suffix: str, person: str, at: Fault, faults: list[Fault]
) -> tuple[str, str, str, str] | None:
    """Return id, name, address and relationship of one of a row's guardians, or None where none is named."""
    cleaners = (clean_text, clean_text, clean_email, clean_text)
    cleaned = []
    for field, clean in zip(GUARDIAN_FIELDS, cleaners, strict=True):
        try:
            cleaned.append(clean(cells.get(field + suffix, "")))
        except ValueError as error:
            faults.append(Fault(at.file, at.line, str(error), field + suffix))
            return None
    guardian_id, name, email, relationship = cleaned
    if not (guardian_id or name or email):
        return None
    if not name:
        faults.append(Fault(at.file, at.line, "guardian_name_missing", "guardian_name" + suffix))
    if len(name) > 200:
        faults.append(Fault(at.file, at.line, "name_too_long", "guardian_name" + suffix))
    if len(guardian_id) > 255:
        faults.append(Fault(at.file, at.line, "id_too_long", "guardian_id" + suffix))
    return guardian_id or _made_id(person, name, email), name, email, relationship[:RELATIONSHIP_CHARS_MAX]


def _made_id(person: str, name: str, email: str) -> str:
    """Return a stable id for a guardian whom the file gives none.

    By address and name, since a family may share one address and each of them may decide; else by pupil
    and name.
    """
    of = f"email:{email}:{name}" if email else f"pupil:{person}:{name}"
    return f"made:{hashlib.sha256(of.casefold().encode()).hexdigest()[:32]}"
