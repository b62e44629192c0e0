"""The guardians in a row of a plain list. Pure."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from willing.roster.cells import (
    clean_emails,
    clean_language,
    clean_optional_id,
    clean_phone,
    clean_text,
    clean_whole_name,
)
from willing.roster.row_errors import RowFault
from willing.roster.staging import Staging

GUARDIANS_MAX = 4
GUARDIAN_FIELDS = (
    "guardian_id",
    "guardian_name",
    "guardian_email",
    "guardian_relationship",
    "guardian_phone",
    "guardian_language",
)
SUFFIXES = ("", *(f"_{number}" for number in range(2, GUARDIANS_MAX + 1)))
RELATIONSHIP_CHARS_MAX = 60


@dataclass(frozen=True, slots=True)
class ListedGuardian:
    """A guardian as a row has them. suffix: of their columns. notes: what was left out of them."""

    suffix: str
    external_id: str
    name: str
    email: str
    relationship: str
    phone: str = ""
    language: str = ""
    notes: tuple[RowFault, ...] = ()


def clean_guardians(
    cells: Mapping[str, str], person: str, at: RowFault, faults: list[RowFault]
) -> list[ListedGuardian]:
    """Return the guardians of a row; what is wrong with them goes to `faults`."""
    found = (_clean_guardian(cells, suffix, person, at, faults) for suffix in SUFFIXES)
    return [one for one in found if one is not None]


def _clean_guardian(
    cells: Mapping[str, str], suffix: str, person: str, at: RowFault, faults: list[RowFault]
) -> ListedGuardian | None:
    notes: list[RowFault] = []
    cleaned: list[str] = []
    cleaners: tuple[Callable[[str], str], ...] = (clean_optional_id, clean_whole_name, _as_it_is, clean_text)
    for field, clean in zip(GUARDIAN_FIELDS, cleaners, strict=False):
        try:
            cleaned.append(clean(cells.get(field + suffix, "")))
        except ValueError as error:
            faults.append(RowFault(at.file, at.line, str(error), field + suffix))
            return None
    guardian_id, name, cell, relationship = cleaned
    email = _clean_email(cell, RowFault(at.file, at.line, "", "guardian_email" + suffix), faults, notes)
    if not (guardian_id or name or email or notes):
        return None  # a number alone is nobody
    phone, language = (
        _clean_optional(clean, cells, RowFault(at.file, at.line, "", field + suffix), faults, notes)
        for field, clean in (("guardian_phone", clean_phone), ("guardian_language", clean_language))
    )
    if not name:
        faults.append(RowFault(at.file, at.line, "guardian_name_missing", "guardian_name" + suffix))
    made = guardian_id or _made_id(person, name, email)
    return ListedGuardian(
        suffix, made, name, email, relationship[:RELATIONSHIP_CHARS_MAX], phone, language, tuple(notes)
    )


def _clean_optional(
    clean: Callable[[str], str],
    cells: Mapping[str, str],
    at: RowFault,
    faults: list[RowFault],
    notes: list[RowFault],
) -> str:
    """Clean a cell that may be missing. One that is none is left out; anything dangerous is a fault."""
    try:
        return clean(cells.get(at.column, ""))
    except ValueError as error:
        fault = RowFault(at.file, at.line, str(error), at.column)
        (notes if fault.is_note else faults).append(fault)
        return ""


def _as_it_is(cell: str) -> str:
    return cell  # addresses are cleaned below, for one that is none is only left out


def _clean_email(cell: str, at: RowFault, faults: list[RowFault], notes: list[RowFault]) -> str:
    """Return the first address of a cell. One that is none is left out; anything dangerous is a fault."""
    try:
        emails = clean_emails(cell)
    except ValueError as error:
        fault = RowFault(at.file, at.line, str(error), at.column)
        (notes if fault.is_note else faults).append(fault)
        return ""
    if len(emails) > 1:
        notes.append(RowFault(at.file, at.line, "email_several", at.column))
    return emails[0] if emails else ""


def stage_guardian(staging: Staging, person: str, one: ListedGuardian, at: RowFault) -> bool:
    """Stage a guardian and their link; False where an earlier row has their id with another name."""
    if staging.insert("guardian", one.external_id, one.name, one.email, True, False):
        staging.insert("origin", "guardian", one.external_id, at.file, at.line, "guardian_id" + one.suffix)
    else:
        earlier = staging.find("SELECT name, email FROM guardian WHERE external_id = ?", one.external_id)
        assert earlier is not None
        name, email = str(earlier[0]), str(earlier[1])
        if name.casefold() != one.name.casefold():
            return False
        staging.replace("guardian", one.external_id, name, email or one.email, True, False)
    if one.phone or one.language:
        _stage_contact(staging, one)
    staging.insert("link", person, one.external_id, one.relationship)
    for note in one.notes:
        staging.report(note)
        if note.code == "email_invalid":  # without their address they may be taken for someone else
            staging.insert("untold", person)
    return True


def _stage_contact(staging: Staging, one: ListedGuardian) -> None:
    """Lay down how a guardian is reached besides their address; what an earlier row said stays."""
    query = "SELECT phone, language FROM contact WHERE guardian = ?"
    phone, language = staging.find(query, one.external_id) or ("", "")
    staging.replace("contact", one.external_id, phone or one.phone, language or one.language)


def _made_id(person: str, name: str, email: str) -> str:
    """Return a stable id for a guardian whom the file gives none.

    By address and name, since a family may share one address and each of them decides; else by pupil
    and name.
    """
    of = f"email:{email}:{name}" if email else f"pupil:{person}:{name}"
    return f"made:{hashlib.sha256(of.casefold().encode()).hexdigest()[:32]}"
