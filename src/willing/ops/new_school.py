"""Make a school in an installation that has none: the school, its notices, its journal."""

from dataclasses import dataclass, replace
from pathlib import Path

from willing.audit.errors import JournalUnfit
from willing.audit.journal import begin
from willing.consent.laws import require_law, suggest_law
from willing.consent.publishing import publish_first_notices
from willing.core.errors import InstallationFault
from willing.core.transactions import atomic
from willing.people.models import School
from willing.people.places import Place, check_place, place_of
from willing.people.school import create_school


@dataclass(frozen=True)
class NewSchool:
    """A school to be opened. What is None goes with its country."""

    name: str
    country: str
    currency: str | None = None
    time_zone: str | None = None
    language: str | None = None
    law: str | None = None

    @property
    def place(self) -> Place:
        """Where it is. Raises Refused where a part of it does not exist."""
        wanted = {"currency": self.currency, "time_zone": self.time_zone, "language": self.language}
        given = {name: value for name, value in wanted.items() if value is not None}
        return check_place(replace(place_of(self.country), **given))

    @property
    def profile(self) -> str:
        """Its legal profile. Raises Refused law_unknown."""
        return require_law(suggest_law(self.country) if self.law is None else self.law).name


def begin_journal(folder: Path) -> None:
    """Keep the journal in a folder, tried before anything depends on it. Raises InstallationFault."""
    try:
        begin(folder)
    except JournalUnfit as error:
        raise InstallationFault(f"{folder} cannot hold the journal: {error}") from None


@atomic
def open_school(new: NewSchool, *, in_set_up: bool = False) -> School:
    """Make the school and publish its first notices, all or nothing.

    in_set_up: what it is may still be changed. Raises Refused where a law or a name does not exist.
    """
    school = create_school(new.name, new.place, law=new.profile, in_set_up=in_set_up)
    publish_first_notices()
    return school


def describes(new: NewSchool, school: School) -> bool:
    """Say whether a school is the one described, in every part that the description gives."""
    said = (new.name, new.country, new.currency, new.time_zone, new.language, new.law)
    held = (
        school.name,
        school.country,
        school.currency,
        school.time_zone,
        school.language,
        school.legal_profile,
    )
    return all(one is None or one == other for one, other in zip(said, held, strict=True))
