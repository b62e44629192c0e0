"""Roles, users and demographics: who is a pupil, a member of staff or a guardian, and when they were born."""

from willing.roster.cells import (
    YEAR_CHARS_MAX,
    clean_birth_date,
    clean_emails,
    clean_id,
    clean_name,
    clean_text,
    one_name_first,
)
from willing.roster.oneroster.bundle import REFUSED, Bundle, Row

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


def _kind(bundle: Bundle, file: str, line: int, row: Row) -> tuple[str, str]:
    """Return what a role makes of a user: (pupil | staff | "", parent | guardian | "").

    A plain list's word for the role is not taken: a bundle that has one is none of the standard.
    """
    kinds, guards = [], ""
    for role in row["role"].split(","):
        folded = role.strip().lower()
        if folded == "student":
            kinds.append("pupil")
        elif folded in STAFF:
            kinds.append("staff")
        elif folded in GUARDS:
            guards = folded
        elif folded.startswith("ext:"):
            bundle.report(file, line, "role_not_used", "role")
        elif folded not in DECIDES_NOTHING:
            bundle.refuse(file, line, "role_unknown", row, "role")
            return REFUSED, REFUSED
    return min(kinds, default=""), guards


def read_role(bundle: Bundle, line: int, row: Row, is_deleted: bool) -> None:
    """Merge a role into what its user is: being a pupil goes before being staff."""
    user = bundle.clean("roles", line, row, "userSourcedId", clean_id)
    starts = bundle.clean_date("roles", line, row, "beginDate")
    ends = bundle.clean_date("roles", line, row, "endDate")
    kind, guards = _kind(bundle, "roles", line, row)
    org = row["orgSourcedId"].strip()
    bundle.check_org("roles", line, org, "orgSourcedId")
    if user is None:
        return
    if org != bundle.staging.org:
        kind, guards = "", "" if guards == REFUSED else guards
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
        _note_refused(bundle, line, row)
        return
    kind, guards = _kind_of(bundle, line, row, user, is_deleted)
    if not bundle.staging.insert("user", user, kind, guards):
        kind, guards = _merge_roles(bundle, user, kind, guards)
    if REFUSED in (kind, guards):
        return
    if is_deleted and not bundle.is_bulk("users"):
        bundle.staging.insert("person", user, "", "", "", "", False, True)
        bundle.staging.insert("guardian", user, "", "", False, True)
    elif kind or guards:
        _stage_user(bundle, line, row, user, kind, guards)


def _note_refused(bundle: Bundle, line: int, row: Row) -> None:
    """Keep who it is about whose id is refused, so that a row about nobody here stops nothing."""
    user = row["sourcedId"].strip()
    kind, guards = (
        _kind_of(bundle, line, row, user, False) if user or bundle.version == "1.1" else (REFUSED, REFUSED)
    )
    if user or kind:
        bundle.staging.insert("user", user, kind, guards)


def _merge_roles(bundle: Bundle, user: str, kind: str, guards: str) -> tuple[str, str]:
    """Return what a user of several rows is: 1.1 has one role a row, and a teacher may be a parent too."""
    found = bundle.staging.find("SELECT kind, guards FROM user WHERE id = ?", user)
    assert found is not None
    kind = min(filter(None, (kind, str(found[0]))), default="")
    guards = min(filter(None, (guards, str(found[1]))), default="")
    bundle.staging.replace("user", user, kind, guards)
    return kind, guards


def _kind_of(bundle: Bundle, line: int, row: Row, user: str, is_deleted: bool) -> tuple[str, str]:
    """Return kind and guards of a user; UNSURE for both where a delta of 1.2 says nothing of the role."""
    if is_deleted:
        return "", ""
    if bundle.version == "1.1":
        kind, guards = _kind(bundle, "users", line, row)
        orgs = bundle.clean_list("users", line, row, "orgSourcedIds")
        for org in orgs:
            bundle.check_org("users", line, org, "orgSourcedIds")
        return (kind if bundle.staging.org in orgs else ""), guards
    found = bundle.staging.find("SELECT kind, guards FROM role WHERE user = ?", user)
    if found:
        return str(found[0]), str(found[1])
    if bundle.is_bulk("users"):
        bundle.refuse("users", line, "role_missing", row)
        return "", REFUSED
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
    if bundle.is_bulk("users"):
        given, family = one_name_first(given, family)
    same = not kind or _stage_person(bundle, line, row, (user, kind, given, family))
    if guards:
        same = _stage_guardian(bundle, line, row, user, guards, f"{given} {family}".strip()) and same
    if not same:
        bundle.refuse("users", line, "id_twice", row, "sourcedId")
    agents = bundle.clean_list("users", line, row, "agentSourcedIds")
    for agent in agents:
        bundle.staging.insert("agent", user, agent, line)
    if agents and not bundle.is_bulk("users"):  # a delta's row that names agents names all of them
        for of in ("person", "guardian"):
            bundle.staging.insert("whole", of, user)


def _stage_person(bundle: Bundle, line: int, row: Row, person: tuple[str, str, str, str]) -> bool:
    """Stage a pupil or a member of staff; False where another row of theirs says something else."""
    user, kind, given, family = person
    if not given and kind != UNSURE:
        bundle.refuse("users", line, "given_name_missing", row, "givenName")
    grade = _grade(bundle, line, row) if kind != "staff" else ""
    staged = ("" if kind == UNSURE else kind, given, family, grade, bool(grade), False)
    if bundle.staging.insert("person", user, *staged):
        bundle.staging.insert("origin", "person", user, "users.csv", line, "sourcedId")
        return True
    earlier = bundle.staging.find(
        "SELECT given_name, family_name, year FROM person WHERE external_id = ?", user
    )
    assert earlier is not None
    bundle.staging.replace("person", user, *staged)
    return (given, family) == earlier[:2] and grade in ("", earlier[2])


def _grade(bundle: Bundle, line: int, row: Row) -> str:
    """Return the first of a pupil's grades."""
    cell = bundle.clean("users", line, row, "grades", clean_text) or ""
    grade = next((part.strip() for part in cell.split(",") if part.strip()), "")
    if len(grade) <= YEAR_CHARS_MAX:
        return grade
    bundle.report("users", line, "year_too_long", "grades")
    return ""


def _stage_guardian(bundle: Bundle, line: int, row: Row, user: str, guards: str, name: str) -> bool:
    """Stage a guardian; False where another row of theirs has another name."""
    email = _email(bundle, line, row) if guards != UNSURE else ""
    if not name and guards != UNSURE:
        bundle.refuse("users", line, "guardian_name_missing", row, "givenName")
    if bundle.staging.insert("guardian", user, name, email, guards != UNSURE, False):
        bundle.staging.insert("origin", "guardian", user, "users.csv", line, "sourcedId")
        return True
    earlier = bundle.staging.find("SELECT name, email FROM guardian WHERE external_id = ?", user)
    assert earlier is not None
    bundle.staging.replace("guardian", user, name, str(earlier[1]) or email, guards != UNSURE, False)
    return name == earlier[0]


def _email(bundle: Bundle, line: int, row: Row) -> str:
    """Return the first address of a cell; one that is none is left out and mentioned."""
    try:
        emails = clean_emails(row.get("email", ""))
    except ValueError as error:
        bundle.refuse("users", line, str(error), row, "email")
        return ""
    if len(emails) > 1:
        bundle.report("users", line, "email_several", "email")
    return emails[0] if emails else ""


def read_demographics(bundle: Bundle, line: int, row: Row, is_deleted: bool) -> None:
    """Read when a pupil was born; sex, origin and birthplace are beside it and never read."""
    user = bundle.clean("demographics", line, row, "sourcedId", clean_id)
    born = bundle.clean(
        "demographics", line, row, "birthDate", lambda cell: clean_birth_date(cell, bundle.date_form)
    )
    if not user or not born or is_deleted:
        return
    if bundle.is_bulk("users") and not bundle.knows("user", user):
        bundle.report("demographics", line, "unknown_user", "sourcedId")
    elif not bundle.staging.insert("birth", user, born) and bundle.staging.find(
        "SELECT date FROM birth WHERE person = ?", user
    ) != (born,):
        bundle.refuse("demographics", line, "id_twice", row, "sourcedId")
