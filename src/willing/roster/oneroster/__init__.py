"""OneRoster 1.1 and 1.2 bundles of CSV files. Pure.

Sources: 1EdTech OneRoster 1.1 CSV Tables (1.1.1, August 2023) and OneRoster CSV Binding 1.2.1 (August 2023).
What differs between the two: 1.1 has one `role` and `orgSourcedIds` in users.csv; 1.2 has any number of roles
in roles.csv, each at an organisation. Both name guardians in `agentSourcedIds` of users.csv, of the pupil, of
the guardian, or of both. userProfiles.csv of 1.2 holds sign-in names and passwords, which nothing here needs,
so it is never opened; the column `password` of users.csv is not read either.
"""

from collections.abc import Callable, Mapping
from datetime import date

from willing.roster.oneroster.bundle import Bundle, Row
from willing.roster.oneroster.classes import (
    choose_org,
    find_schools,
    read_class,
    read_enrolment,
    read_org,
    read_session,
    settle_years,
)
from willing.roster.oneroster.links import check_agents, settle_links, settle_refusals, settle_roles
from willing.roster.oneroster.manifest import in_any_case, read_manifest
from willing.roster.oneroster.users import read_demographics, read_role, read_user
from willing.roster.row_errors import Unreadable
from willing.roster.sources import FileSource
from willing.roster.staging import Staging

# Later files refer to the earlier ones. Each reader is given line, row and whether the row is to be deleted.
READERS: Mapping[str, Callable[[Bundle, int, Row, bool], None]] = {
    "academicSessions": read_session,
    "classes": read_class,
    "roles": read_role,
    "users": read_user,
    "enrollments": read_enrolment,
    "demographics": read_demographics,
}


def read_oneroster(
    source: FileSource, staging: Staging, *, org: str, today: date, encoding: str = "", date_form: str = ""
) -> None:
    """Read a bundle into `staging`; whatever is wrong is reported there.

    org: the sourcedId of the school, "" where the bundle has one school only. today: decides which classes,
    enrolments and roles are current. date_form: of dates.FORMS, for exporters that do not write as the
    standard does.
    """
    how = {"today": today.isoformat(), "encoding": encoding, "date_form": date_form}
    try:
        source = in_any_case(source)
        _read(Bundle(source, staging, read_manifest(source, staging, encoding), **how), org)
    except Unreadable as broken:  # reading on would blame the later files
        staging.report(broken.fault)


def list_schools(source: FileSource, staging: Staging) -> list[tuple[str, str]]:
    """Return sourcedId and name of each school of a bundle. Raises Unreadable."""
    source = in_any_case(source)
    bundle = Bundle(source, staging, read_manifest(source, staging, ""), today="", encoding="")
    return find_schools(bundle)


def _read(bundle: Bundle, org: str) -> None:
    staging = bundle.staging
    staging.is_whole = bundle.is_bulk("users")
    staging.format = f"OneRoster {bundle.version} {'bulk' if staging.is_whole else 'delta'}"
    for line, row, is_deleted in bundle.rows("orgs"):
        read_org(bundle, line, row, is_deleted)
    staging.org = choose_org(bundle, org)
    for file, read in READERS.items():
        for line, row, is_deleted in bundle.rows(file):
            read(bundle, line, row, is_deleted)
    settle_years(bundle)
    settle_links(bundle)
    if bundle.is_bulk("users"):
        check_agents(bundle)
    if bundle.version == "1.2":
        settle_roles(bundle)
    settle_refusals(bundle)
