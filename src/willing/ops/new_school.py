"""Make a school in an installation that has none: the school, its notices, its journal."""

from dataclasses import dataclass, replace
from pathlib import Path

from willing.accounts.actions import NewUser, add_first_administrator
from willing.accounts.models import User
from willing.audit.errors import JournalUnfit
from willing.audit.journal import begin
from willing.consent.laws import require_law, suggest_law
from willing.consent.publishing import publish_first_notices, publish_notices
from willing.core.errors import InstallationFault
from willing.core.transactions import atomic
from willing.people.models import School
from willing.people.places import Place, check_place, place_of
from willing.people.queries import find_school
from willing.people.school import change_school, create_school, set_law


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
def open_school(new: NewSchool) -> School:
    """Make the school and publish its first notices, all or nothing.

    Raises Refused where a law or a name does not exist.
    """
    school = create_school(new.name, new.place, law=new.profile)
    publish_first_notices()
    return school


@atomic
def describe_school(new: NewSchool) -> School:
    """Make the school of a set-up in the browser, or change it as long as that lasts.

    Another country brings its own currency, clock and law. No notice is published before the law is settled.
    Raises Refused where a name does not exist.
    """
    school = find_school()
    if school is None:
        return create_school(new.name, new.place, law=new.profile, in_set_up=True)
    if school.country == new.country:
        change_school(school, name=new.name, place=place_as_held(school))
    else:
        change_school(school, name=new.name, place=new.place)
        set_law(school, new.profile)
    return school


def place_as_held(school: School) -> Place:
    """Return where a school is, as it has settled it."""
    return Place(school.country, school.currency, school.time_zone, school.language)


def choose_law(school: School, law: str) -> None:
    """Settle the law during set-up, before there is anyone whom it concerns. Raises Refused law_unknown."""
    set_law(school, require_law(law).name)


@atomic
def make_administrator(school: School, new: NewUser) -> User:
    """Publish the notices of the law that was chosen, and add the first administrator: set-up's code is void.

    Raises Refused administrator_exists, name_taken, username_unfit.
    """
    user = add_first_administrator(school, new)
    publish_notices()
    return user


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
