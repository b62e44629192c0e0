"""Roles, users and demographics: who is a pupil, a member of staff or a guardian, and when they were born."""

from willing.roster.cells import (
    YEAR_CHARS_MAX,
    clean_birth_date,
    clean_date,
    clean_email,
    clean_id,
    clean_name,
)
from willing.roster.oneroster.bundle import Bundle, Row

# 1.1 knows administrator, aide, proctor and teacher; the others came with 1.2, and exporters mix them.
STAFF = frozenset(
    {
        "administrator",
        "aide",
        "counselor",
        "districtadministrator",
        "principal",
        "proctor",
        "siteadministrator",
        "systemadministrator",
        "teacher",
    }
)
GUARDS = frozenset({"guardian", "parent"})
# A relative is by the standard neither parent nor guardian, so may not decide for a pupil.
DECIDES_NOTHING = frozenset({"relative"})
UNSURE = "?"


def _kind(bundle: Bundle, file: str, line: int, role: str) -> tuple[str, str]:
    """Return what a role makes of a user: (pupil | staff | "", parent | guardian | "")."""
    folded = role.strip().lower()
    if folded == "student":
        return "pupil", ""
    if folded in STAFF:
        return "staff", ""
    if folded in GUARDS:
        return "", folded
    if folded.startswith("ext:") and bundle.version == "1.2":
        bundle.report(file, line, "role_not_used", "role")
    elif folded not in DECIDES_NOTHING:
        bundle.report(file, line, "role_unknown", "role")
    return "", ""


def read_role(bundle: Bundle, line: int, row: Row, is_deleted: bool) -> None:
    """Merge a role into what its user is: being a pupil goes before being staff."""
    user = bundle.clean("roles", line, row, "userSourcedId", clean_id)
    starts = bundle.clean("roles", line, row, "beginDate", clean_date) or ""
    ends = bundle.clean("roles", line, row, "endDate", clean_date) or ""
    kind, guards = _kind(bundle, "roles", line, row["role"])
    org = row["orgSourcedId"].strip()
    bundle.check_org("roles", line, org, "orgSourcedId")
    if user is None:
        return
    if org != bundle.staging.org:
        kind = ""
    gone = ""
    if is_deleted or not bundle.is_current(starts, ends):
        gone, kind, guards = kind, "", ""
    earlier = bundle.staging.find("SELECT line, kind, guards, gone FROM role WHERE user = ?", user)
    if earlier:
        line = int(str(earlier[0]))
        kind = min(filter(None, (kind, str(earlier[1]))), default="")
        guards = str(earlier[2]) or guards
        gone = str(earlier[3]) or gone
    bundle.staging.replace("role", user, line, kind, guards, gone)


def read_user(bundle: Bundle, line: int, row: Row, is_deleted: bool) -> None:
    """Stage a user as pupil or staff, as guardian, as both or as neither."""
    user = bundle.clean("users", line, row, "sourcedId", clean_id)
    if user is None:
        return
    kind, guards = _kind_of(bundle, line, row, user, is_deleted)
    if not bundle.staging.insert("user", user, kind, guards):
        bundle.report("users", line, "id_twice", "sourcedId")
    elif is_deleted and not bundle.is_bulk("users"):
        bundle.staging.insert("person", user, "", "", "", "", False, True)
        bundle.staging.insert("guardian", user, "", "", False, True)
    elif kind or guards:
        _stage_user(bundle, line, row, user, kind, guards)


def _kind_of(bundle: Bundle, line: int, row: Row, user: str, is_deleted: bool) -> tuple[str, str]:
    """Return kind and guards of a user; UNSURE for both where a delta of 1.2 says nothing of the role."""
    if is_deleted:
        return "", ""
    if bundle.version == "1.1":
        kind, guards = _kind(bundle, "users", line, row["role"])
        orgs = bundle.clean_list("users", line, row, "orgSourcedIds")
        for org in orgs:
            bundle.check_org("users", line, org, "orgSourcedIds")
        return (kind if bundle.staging.org in orgs else ""), guards
    found = bundle.staging.find("SELECT kind, guards FROM role WHERE user = ?", user)
    if found:
        return str(found[0]), str(found[1])
    if bundle.is_bulk("users"):
        bundle.report("users", line, "role_missing")
        return "", ""
    return UNSURE, UNSURE


def _stage_user(bundle: Bundle, line: int, row: Row, user: str, kind: str, guards: str) -> None:
    names = [
        bundle.clean("users", line, row, preferred if row.get(preferred, "").strip() else column, clean_name)
        for column, preferred in (
            ("givenName", "preferredGivenName"),
            ("familyName", "preferredFamilyName"),
        )
    ]
    if None in names:
        return
    given, family = (name or "" for name in names)
    if kind:
        _stage_person(bundle, line, row, (user, kind, given, family))
    if guards:
        _stage_guardian(bundle, line, row, user, guards, f"{given} {family}".strip())
    agents = bundle.clean_list("users", line, row, "agentSourcedIds")
    for agent in agents:
        bundle.staging.insert("agent", user, agent, line)
    if agents and not bundle.is_bulk("users"):  # a delta's row that names agents names all of them
        for of in ("person", "guardian"):
            bundle.staging.insert("whole", of, user)


def _stage_person(bundle: Bundle, line: int, row: Row, person: tuple[str, str, str, str]) -> None:
    user, kind, given, family = person
    if not given and kind != UNSURE:
        bundle.report("users", line, "given_name_missing", "givenName")
    grades = bundle.clean_list("users", line, row, "grades")
    grade = grades[0] if kind != "staff" and grades else ""
    if len(grade) > YEAR_CHARS_MAX:
        bundle.report("users", line, "year_too_long", "grades")
    stored = "" if kind == UNSURE else kind
    bundle.staging.insert("person", user, stored, given, family, grade[:YEAR_CHARS_MAX], bool(grade), False)


def _stage_guardian(bundle: Bundle, line: int, row: Row, user: str, guards: str, name: str) -> None:
    email = bundle.clean("users", line, row, "email", clean_email) if guards != UNSURE else ""
    if not name and guards != UNSURE:
        bundle.report("users", line, "guardian_name_missing", "givenName")
    bundle.staging.insert("guardian", user, name, email or "", guards != UNSURE, False)


def read_demographics(bundle: Bundle, line: int, row: Row, is_deleted: bool) -> None:
    """Read when a pupil was born; sex, origin and birthplace are beside it and never read."""
    user = bundle.clean("demographics", line, row, "sourcedId", clean_id)
    born = bundle.clean("demographics", line, row, "birthDate", clean_birth_date)
    if not user or not born or is_deleted:
        return
    if bundle.is_bulk("users") and not bundle.knows("user", user):
        bundle.report("demographics", line, "unknown_user", "sourcedId")
    elif not bundle.staging.insert("birth", user, born):
        bundle.report("demographics", line, "id_twice", "sourcedId")
