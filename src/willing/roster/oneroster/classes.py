"""Organisations, academic sessions, classes and enrolments: which school it is, and who is in which class."""

from willing.roster.cells import clean_id, clean_text, clean_year
from willing.roster.oneroster.bundle import Bundle, Row
from willing.roster.row_errors import Unreadable

ORG_NAME_CHARS_MAX = 200


def read_org(bundle: Bundle, line: int, row: Row, is_deleted: bool) -> None:
    """Stage an organisation; a deleted one is left out."""
    org = bundle.clean("orgs", line, row, "sourcedId", clean_id)
    is_school = row["type"].strip().lower() == "school"
    if org and not is_deleted and not _insert(bundle, "org", org, is_school):
        bundle.refuse("orgs", line, "id_twice", row, "sourcedId")


def find_schools(bundle: Bundle) -> list[tuple[str, str]]:
    """Return sourcedId and name of each school of orgs.csv, by name; the id where it has none."""
    found = {}
    for line, row, is_deleted in bundle.rows("orgs"):
        org = bundle.clean("orgs", line, row, "sourcedId", clean_id)
        if org and not is_deleted and row["type"].strip().lower() == "school":
            name = bundle.clean("orgs", line, row, "name", clean_text)
            found[org] = name[:ORG_NAME_CHARS_MAX] if name else org
    return sorted(found.items(), key=lambda one: (one[1], one[0]))


def _insert(bundle: Bundle, table: str, *values: object) -> bool:
    """Insert a row; the same one twice is one. False where another has its id."""
    if bundle.staging.insert(table, *values):
        return True
    return bundle.staging.find(f"SELECT * FROM {table} WHERE id = ?", values[0]) == values  # noqa: S608


def choose_org(bundle: Bundle, wanted: str) -> str:
    """Return the sourcedId of the school: the one asked for, or the only one of the bundle.

    wanted: "" where none was asked for. Raises Unreadable where there is no such school, or no single one.
    """
    if not bundle.is_bulk("orgs"):
        if not wanted:
            raise Unreadable("orgs.csv", 0, "school_not_known")
        return wanted
    if wanted:
        if not bundle.knows("org", wanted):
            raise Unreadable("orgs.csv", 0, "school_not_in_bundle")
        return wanted
    schools = bundle.staging.db.execute("SELECT id FROM org WHERE is_school LIMIT 2").fetchall()
    if len(schools) != 1:
        raise Unreadable("orgs.csv", 0, "several_schools" if schools else "no_school")
    return str(schools[0][0])


def read_session(bundle: Bundle, line: int, row: Row, is_deleted: bool) -> None:
    """Stage the first and the last day of an academic session."""
    file = "academicSessions"
    session = bundle.clean(file, line, row, "sourcedId", clean_id)
    starts = bundle.clean_date(file, line, row, "startDate")
    ends = bundle.clean_date(file, line, row, "endDate")
    if session and not is_deleted and not _insert(bundle, "session", session, starts, ends):
        bundle.refuse(file, line, "id_twice", row, "sourcedId")


def read_class(bundle: Bundle, line: int, row: Row, is_deleted: bool) -> None:
    """Stage a class, and whether it is what the school calls a pupil's class."""
    group = bundle.clean("classes", line, row, "sourcedId", clean_id)
    if group is None or is_deleted:
        return
    school = row["schoolSourcedId"].strip()
    bundle.check_org("classes", line, school, "schoolSourcedId")
    # Only homerooms are a pupil's class; a subject's title may be as long as it likes.
    is_group = row["classType"].strip().lower() == "homeroom" and school == bundle.staging.org
    title = bundle.clean("classes", line, row, "title", clean_year) if is_group else ""
    starts, ends = _span(bundle, line, row, is_used=is_group)
    if not _insert(bundle, "class", group, title or "", is_group and bool(title), starts, ends):
        bundle.refuse("classes", line, "id_twice", row, "sourcedId")


def _span(bundle: Bundle, line: int, row: Row, *, is_used: bool) -> tuple[str, str]:
    """Return the first day of a class's first term and the last day of its last one, "" where not known.

    is_used: it is the class of pupils here.
    """
    if bundle.is_absent("academicSessions"):
        return "", ""
    spans = []
    for term in bundle.clean_list("classes", line, row, "termSourcedIds"):
        if is_used:
            bundle.sessions_used.add(term)
        found = bundle.staging.find("SELECT starts, ends FROM session WHERE id = ?", term)
        if found:
            spans.append((str(found[0]), str(found[1])))
        elif bundle.is_bulk("academicSessions"):
            bundle.report("classes", line, "unknown_session", "termSourcedIds")
    return (min(one[0] for one in spans), max(one[1] for one in spans)) if spans else ("", "")


def read_enrolment(bundle: Bundle, line: int, row: Row, is_deleted: bool) -> None:
    """Stage that a pupil is in a class, and whether now."""
    if row["role"].strip().lower() != "student" or is_deleted:
        return
    file = "enrollments"
    group = bundle.staging.find(
        "SELECT title, is_group, starts, ends FROM class WHERE id = ?", row["classSourcedId"].strip()
    )
    user = row["userSourcedId"].strip()
    if bundle.is_bulk("users") and not bundle.knows("user", user):
        bundle.report(file, line, "unknown_user", "userSourcedId")
    elif group is None:
        code = "unknown_class" if bundle.is_bulk("classes") else "class_not_in_delta"
        bundle.report(file, line, code, "classSourcedId")
    elif group[1]:
        starts = bundle.clean_date(file, line, row, "beginDate")
        ends = bundle.clean_date(file, line, row, "endDate")
        current = bundle.is_current(starts, ends) and bundle.is_current(str(group[2]), str(group[3]))
        bundle.staging.insert("enrolment", user, group[0], current, starts or group[2])


def settle_years(bundle: Bundle) -> None:
    """Put each pupil into the class of their current homeroom, else of the one that began last."""
    best = (
        "SELECT user, title FROM (SELECT user, title, row_number() OVER (PARTITION BY user"
        " ORDER BY is_current DESC, starts DESC, title) AS place FROM enrolment) WHERE place = 1"
    )
    db = bundle.staging.db
    if not bundle.is_bulk("users"):
        db.execute("INSERT OR IGNORE INTO person SELECT person, '', '', '', '', 0, 0 FROM birth")
        db.execute(f"INSERT OR IGNORE INTO person SELECT user, '', '', '', title, 0, 0 FROM ({best})")  # noqa: S608
    db.execute(
        f"UPDATE person SET year = best.title, year_is_grade = 0 FROM ({best}) AS best"  # noqa: S608
        " WHERE person.external_id = best.user AND person.kind <> 'staff'"
    )
