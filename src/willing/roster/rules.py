"""What a roster's row means for the person it names. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from willing.roster.staging import StagedGuardian, StagedPerson

# An import that removes more than this part of the people here is more often half a file than half a school.
LEAVERS_PERCENT_MAX = 20
# Grades of OneRoster (CEDS) and plain numbers; any other year is the name of a class.
GRADE = re.compile(r"\d{1,2}|IT|PR|PK|TK|KG|PS|UG|Other", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person as they are here."""

    person_id: UUID
    kind: str
    given_name: str
    family_name: str
    year: str
    has_left: bool
    birth_date: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a person.

    outcome: added | changed | returning | leaving | held | unchanged | skipped. The names, kind and year are
    those from now on, as is birth_date, "" where it is not known. fields: which of them change. held: would
    be leaving, if no row were refused. skipped: the file does not say enough to add a person.
    """

    outcome: str
    external_id: str
    person_id: UUID | None
    kind: str
    given_name: str
    family_name: str
    year: str
    fields: tuple[str, ...] = ()
    birth_date: str = ""


def decide_person(row: StagedPerson, held: KnownPerson | None) -> Change:
    """Return what a row means for the person `held`, None where nobody here has its id.

    What a row leaves empty stays as it is.
    """
    if held is None:
        outcome = "added" if row.kind and not row.is_leaving else "skipped"
        names = (row.kind, row.given_name, row.family_name, row.year)
        return Change(outcome, row.external_id, None, *names, birth_date=row.birth_date)
    if row.is_leaving:
        # Deleting a role makes only those leave who have that role here: a pupil who became staff stays.
        is_meant = not held.has_left and row.kind in ("", held.kind)
        return leave(row.external_id, held) if is_meant else _same(row, held, "skipped")
    if held.has_left and not row.given_name:
        return _same(row, held, "skipped")  # an enrolment alone brings nobody back
    wanted = (
        held.kind if row.kind_unsaid else row.kind or held.kind,
        row.given_name or held.given_name,
        row.family_name if row.given_name else held.family_name,
        _decide_year(row, held.year),
    )
    had = (held.kind, held.given_name, held.family_name, held.year)
    names = ("kind", "given_name", "family_name", "year")
    fields = tuple(name for name, new, old in zip(names, wanted, had, strict=True) if new != old)
    birth_date = row.birth_date or held.birth_date
    if birth_date != held.birth_date:
        fields = (*fields, "birth_date")
    outcome = "returning" if held.has_left else "changed" if fields else "unchanged"
    return Change(outcome, row.external_id, held.person_id, *wanted, fields, birth_date)


def _decide_year(row: StagedPerson, year: str) -> str:
    # A delta without enrolments knows only the grade; it must not put class 7A back into grade 07.
    if row.year_is_grade and year and not GRADE.fullmatch(year):
        return year
    return row.year or year


def leave(external_id: str, held: KnownPerson) -> Change:
    """Return the change of a person who is gone."""
    return Change(
        "leaving", external_id, held.person_id, held.kind, held.given_name, held.family_name, held.year
    )


def hold_back(change: Change) -> Change:
    """Return the change where nobody may leave."""
    return replace(change, outcome="held") if change.outcome == "leaving" else change


def _same(row: StagedPerson, held: KnownPerson, outcome: str) -> Change:
    return Change(
        outcome, row.external_id, held.person_id, held.kind, held.given_name, held.family_name, held.year
    )


@dataclass(frozen=True, slots=True)
class HeldGuardian:
    """A guardian as they are here."""

    guardian_id: UUID
    name: str
    email: str
    phone: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class GuardianChange:
    """What becomes of a guardian: added | changed | unchanged | skipped."""

    outcome: str
    external_id: str
    guardian_id: UUID | None
    name: str
    email: str
    phone: str = ""
    language: str = ""


def decide_guardian(row: StagedGuardian, held: HeldGuardian | None) -> GuardianChange:
    """Return what a row means for the guardian `held`; what is empty in the file stays."""
    if held is None:
        outcome = "added" if row.is_sure and not row.is_leaving else "skipped"
        return GuardianChange(outcome, row.external_id, None, row.name, row.email, row.phone, row.language)
    here = (held.name, held.email, held.phone, held.language)
    if row.is_leaving:
        return GuardianChange("unchanged", row.external_id, held.guardian_id, *here)
    said = (row.name, row.email, row.phone, row.language)
    wanted = [new or old for new, old in zip(said, here, strict=True)]
    outcome = "unchanged" if tuple(wanted) == here else "changed"
    return GuardianChange(outcome, row.external_id, held.guardian_id, *wanted)


@dataclass(frozen=True, slots=True)
class LinkChange:
    """A guardian who is linked to a person (link_id None) or unlinked, by external ids.

    is_held: they would be unlinked, if no row were refused.
    """

    person: str
    guardian: str
    relationship: str = ""
    link_id: int | None = None
    is_held: bool = False


def hold_back_link(change: LinkChange) -> LinkChange:
    """Return the change where no guardian's say may end."""
    return change if change.link_id is None else replace(change, is_held=True)


def decide_fields(
    before: Mapping[str, str], after: Mapping[str, str], here: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return what undoing a change puts back, and which fields stay for they were changed once more since."""
    back = {name: value for name, value in before.items() if here[name] == after[name] != value}
    return back, tuple(name for name in before if here[name] not in (before[name], after[name]))


def are_too_many(removed: int, there: int, allowed: int) -> bool:
    """Return whether removing `removed` of `there` needs a confirmation that was not given."""
    return removed > allowed and removed * 100 > there * LEAVERS_PERCENT_MAX
