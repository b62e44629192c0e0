"""OneRoster 1.1 and 1.2 bundles of CSV files. Pure.

Sources: 1EdTech OneRoster 1.1 CSV Tables (1.1.1, August 2023) and OneRoster CSV Binding 1.2.1 (August 2023).
What differs between the two: 1.1 has one `role` and `orgSourcedIds` in users.csv; 1.2 has any number of roles
in roles.csv, each at an organisation. Both name guardians in `agentSourcedIds` of users.csv, of the pupil, of
the guardian, or of both. userProfiles.csv of 1.2 holds sign-in names and passwords, which nothing here needs,
so it is never opened; nor is the column `password` of users.csv looked at.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from willing.roster.cells import (
    clean_birth_date,
    clean_date,
    clean_email,
    clean_id,
    clean_list,
    clean_name,
    clean_year,
)
from willing.roster.row_errors import Fault, Unreadable
from willing.roster.sources import Source
from willing.roster.staging import Staging
from willing.roster.tables import Table, read_csv

MODES = ("absent", "bulk", "delta")
FILES = ("orgs", "academicSessions", "classes", "roles", "users", "enrollments", "demographics")
NEEDED = {
    "orgs": ("sourcedId", "type"),
    "academicSessions": ("sourcedId", "startDate", "endDate"),
    "classes": ("sourcedId", "title", "classType", "schoolSourcedId"),
    "roles": ("sourcedId", "userSourcedId", "role", "orgSourcedId"),
    "users": ("sourcedId", "givenName", "familyName"),
    "enrollments": ("classSourcedId", "userSourcedId", "role"),
    "demographics": ("sourcedId", "birthDate"),
}
VERSIONS = ("1.1", "1.2")
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
# A relative is by the standard neither parent nor guardian, so decides nothing for a pupil.
WITHOUT_SAY = frozenset({"relative"})
UNSURE = "?"
Row = Mapping[str, str]


def read_oneroster(source: Source, staging: Staging, *, org: str, today: date, encoding: str = "") -> None:
    """Read a bundle into `staging`; whatever is wrong is reported there.

    org: the sourcedId of the school, "" where the bundle has one school only. today: tells which classes,
    enrolments and roles are current.
    """
    try:
        _Bundle(source, staging, today.isoformat(), encoding).read(org)
    except Unreadable as broken:  # later files refer to the earlier ones, so reading on would blame them
        staging.report(broken.fault)


class _Bundle:
    """One bundle on its way into the staging; each file in turn."""

    def __init__(self, source: Source, staging: Staging, today: str, encoding: str) -> None:
        self.source, self.staging, self.today, self.encoding = source, staging, today, encoding
        self.version, self.modes = "", dict.fromkeys(FILES, "absent")

    def read(self, org: str) -> None:
        self._read_manifest()
        staging = self.staging
        staging.is_whole = self.modes["users"] == "bulk"
        mode = "bulk" if staging.is_whole else "delta"
        staging.format = f"OneRoster {self.version} {mode}"
        for line, row, ended in self._rows("orgs"):
            self._org(line, row, ended)
        staging.org = self._choose_org(org)
        steps: dict[str, Callable[[int, Row, bool], None]] = {
            "academicSessions": self._session,
            "classes": self._class,
            "roles": self._role,
            "users": self._user,
            "enrollments": self._enrolment,
            "demographics": self._demographics,
        }
        for file, step in steps.items():
            for line, row, ended in self._rows(file):
                step(line, row, ended)
        self._conclude()

    # The manifest

    def _read_manifest(self) -> None:
        if "manifest.csv" not in self.source.names():
            raise Unreadable("manifest.csv", 0, "manifest_missing")
        table = read_csv(self.source, "manifest.csv", encoding=self.encoding)
        table.require("propertyName", "value")
        lines = {}
        said = {}
        for line, row in table.rows(self.staging.report, ragged=True):
            name = row["propertyName"].strip()
            said[name], lines[name] = row["value"].strip(), line
        version = said.get("oneroster.version", "")
        self.version = version[:3]
        if self.version not in VERSIONS or version[3:4] not in ("", "."):
            raise Unreadable("manifest.csv", lines.get("oneroster.version", 0), "version_unsupported")
        for file in FILES:
            self._set_mode(file, said.get(f"file.{file}", "absent").lower(), lines.get(f"file.{file}", 0))
        if self.modes["users"] == "absent":
            raise Unreadable("users.csv", 0, "file_missing")
        if self.version == "1.2" and self.modes["users"] == "bulk" and self.modes["roles"] == "absent":
            raise Unreadable("roles.csv", 0, "file_missing")

    def _set_mode(self, file: str, mode: str, line: int) -> None:
        if self.version == "1.1" and file == "roles":
            return
        if mode not in MODES:
            raise Unreadable("manifest.csv", line, "manifest_mode", f"file.{file}")
        is_there = f"{file}.csv" in self.source.names()
        if is_there != (mode != "absent"):
            code = "file_declared_absent" if is_there else "file_missing"
            raise Unreadable(f"{file}.csv", 0, code)
        self.modes[file] = mode

    # Rows

    def _rows(self, file: str) -> Iterator[tuple[int, Row, bool]]:
        """Yield line, row and whether it is to be deleted; rows whose id or status is wrong are reported."""
        if self.modes[file] == "absent":
            return
        table = read_csv(self.source, f"{file}.csv", encoding=self.encoding)
        self._require(table, file)
        for line, row in table.rows(self.staging.report):
            status = row.get("status", "").strip().lower()
            if status not in ("", "active", "tobedeleted"):
                self._report(file, line, "status_unknown", "status")
            elif not status and self.modes[file] == "delta":
                self._report(file, line, "status_missing", "status")
            else:
                yield line, row, status == "tobedeleted"

    def _require(self, table: Table, file: str) -> None:
        table.require(*NEEDED[file])
        if file == "users" and self.version == "1.1":
            table.require("role", "orgSourcedIds")
        if self.modes[file] == "delta":
            table.require("status")

    def _report(self, file: str, line: int, code: str, column: str = "") -> None:
        self.staging.report(Fault(f"{file}.csv", line, code, column))

    def _clean(self, file: str, line: int, row: Row, column: str, clean: Callable[[str], str]) -> str | None:
        """Return a cell cleaned, or None after reporting what is wrong with it."""
        try:
            return clean(row.get(column, ""))
        except ValueError as error:
            self._report(file, line, str(error), column)
            return None

    def _clean_list(self, file: str, line: int, row: Row, column: str) -> list[str]:
        try:
            return clean_list(row.get(column, ""))
        except ValueError as error:
            self._report(file, line, str(error), column)
            return []

    def _is_current(self, starts: str, ends: str) -> bool:
        return (not starts or starts <= self.today) and (not ends or self.today <= ends)

    def _is_bulk(self, file: str) -> bool:
        return self.modes[file] == "bulk"

    # Organisations

    def _org(self, line: int, row: Row, ended: bool) -> None:
        org = self._clean("orgs", line, row, "sourcedId", clean_id)
        is_school = row["type"].strip().lower() == "school"
        if org and not ended and not self.staging.insert("org", org, is_school):
            self._report("orgs", line, "id_twice", "sourcedId")

    def _choose_org(self, wanted: str) -> str:
        if not self._is_bulk("orgs"):
            if not wanted:
                raise Unreadable("orgs.csv", 0, "school_not_known")
            return wanted
        if wanted:
            if not self._knows("org", wanted):
                raise Unreadable("orgs.csv", 0, "school_not_in_bundle")
            return wanted
        schools = self.staging.db.execute("SELECT id FROM org WHERE is_school LIMIT 2").fetchall()
        if len(schools) != 1:
            raise Unreadable("orgs.csv", 0, "several_schools" if schools else "no_school")
        return str(schools[0][0])

    def _knows(self, table: str, key: str) -> bool:
        return self.staging.find(f"SELECT 1 FROM {table} WHERE id = ?", key) is not None  # noqa: S608

    def _check_org(self, file: str, line: int, org: str, column: str) -> None:
        if self._is_bulk("orgs") and not self._knows("org", org):
            self._report(file, line, "unknown_org", column)

    # Sessions and classes: only to tell in which class a pupil is

    def _session(self, line: int, row: Row, ended: bool) -> None:
        file = "academicSessions"
        session = self._clean(file, line, row, "sourcedId", clean_id)
        starts = self._clean(file, line, row, "startDate", clean_date)
        ends = self._clean(file, line, row, "endDate", clean_date)
        if session and not ended and not self.staging.insert("session", session, starts or "", ends or ""):
            self._report(file, line, "id_twice", "sourcedId")

    def _class(self, line: int, row: Row, ended: bool) -> None:
        group = self._clean("classes", line, row, "sourcedId", clean_id)
        if group is None or ended:
            return
        school = row["schoolSourcedId"].strip()
        self._check_org("classes", line, school, "schoolSourcedId")
        # Only homerooms are a pupil's class; a subject's title may be as long as it likes.
        is_group = row["classType"].strip().lower() == "homeroom" and school == self.staging.org
        title = self._clean("classes", line, row, "title", clean_year) if is_group else ""
        starts, ends = self._span(line, row)
        if not self.staging.insert("class", group, title or "", is_group and bool(title), starts, ends):
            self._report("classes", line, "id_twice", "sourcedId")

    def _span(self, line: int, row: Row) -> tuple[str, str]:
        """Return when the first term of a class begins and the last one ends, "" where that is not known."""
        if self.modes["academicSessions"] == "absent":
            return "", ""
        spans = []
        for term in self._clean_list("classes", line, row, "termSourcedIds"):
            found = self.staging.find("SELECT starts, ends FROM session WHERE id = ?", term)
            if found:
                spans.append((str(found[0]), str(found[1])))
            elif self._is_bulk("academicSessions"):
                self._report("classes", line, "unknown_session", "termSourcedIds")
        return (min(one[0] for one in spans), max(one[1] for one in spans)) if spans else ("", "")

    # Roles and users

    def _kind(self, file: str, line: int, role: str) -> tuple[str, str]:
        """Return what a role makes of a user: (pupil | staff | "", parent | guardian | "")."""
        folded = role.strip().lower()
        if folded == "student":
            return "pupil", ""
        if folded in STAFF:
            return "staff", ""
        if folded in GUARDS:
            return "", folded
        if folded.startswith("ext:") and self.version == "1.2":
            self._report(file, line, "role_not_used", "role")
        elif folded not in WITHOUT_SAY:
            self._report(file, line, "role_unknown", "role")
        return "", ""

    def _role(self, line: int, row: Row, ended: bool) -> None:
        """Merge a role into what its user is: being a pupil goes before being staff."""
        user = self._clean("roles", line, row, "userSourcedId", clean_id)
        starts = self._clean("roles", line, row, "beginDate", clean_date) or ""
        ends = self._clean("roles", line, row, "endDate", clean_date) or ""
        kind, guards = self._kind("roles", line, row["role"])
        org = row["orgSourcedId"].strip()
        self._check_org("roles", line, org, "orgSourcedId")
        if user is None:
            return
        if org != self.staging.org:
            kind = ""
        gone = ""
        if ended or not self._is_current(starts, ends):
            gone, kind, guards = kind, "", ""
        earlier = self.staging.find("SELECT line, kind, guards, ended FROM role WHERE user = ?", user)
        if earlier:
            line = int(str(earlier[0]))
            kind = min(filter(None, (kind, str(earlier[1]))), default="")
            guards = str(earlier[2]) or guards
            gone = str(earlier[3]) or gone
        self.staging.replace("role", user, line, kind, guards, gone)

    def _user(self, line: int, row: Row, ended: bool) -> None:
        user = self._clean("users", line, row, "sourcedId", clean_id)
        if user is None:
            return
        kind, guards = self._what(line, row, user, ended)
        if not self.staging.insert("user", user, kind, guards):
            self._report("users", line, "id_twice", "sourcedId")
        elif ended and not self._is_bulk("users"):
            self.staging.insert("person", user, "", "", "", "", False, True)
            self.staging.insert("guardian", user, "", "", False, True)
        elif kind or guards:
            self._stage_user(line, row, user, kind, guards)

    def _what(self, line: int, row: Row, user: str, ended: bool) -> tuple[str, str]:
        """Return kind and guards of a user; UNSURE for both where a delta of 1.2 says nothing of the role."""
        if ended:
            return "", ""
        if self.version == "1.1":
            kind, guards = self._kind("users", line, row["role"])
            orgs = self._clean_list("users", line, row, "orgSourcedIds")
            for org in orgs:
                self._check_org("users", line, org, "orgSourcedIds")
            return (kind if self.staging.org in orgs else ""), guards
        found = self.staging.find("SELECT kind, guards FROM role WHERE user = ?", user)
        if found:
            return str(found[0]), str(found[1])
        if self._is_bulk("users"):
            self._report("users", line, "role_missing")
            return "", ""
        return UNSURE, UNSURE

    def _stage_user(self, line: int, row: Row, user: str, kind: str, guards: str) -> None:
        names = [
            self._clean(
                "users", line, row, preferred if row.get(preferred, "").strip() else column, clean_name
            )
            for column, preferred in (
                ("givenName", "preferredGivenName"),
                ("familyName", "preferredFamilyName"),
            )
        ]
        if None in names:
            return
        given, family = (name or "" for name in names)
        if kind:
            self._stage_person(line, row, (user, kind, given, family))
        if guards:
            self._stage_guardian(line, row, user, guards, f"{given} {family}".strip())
        agents = self._clean_list("users", line, row, "agentSourcedIds")
        for agent in agents:
            self.staging.insert("agent", user, agent, line)
        if agents and not self._is_bulk("users"):  # a delta's row that names agents names all of them
            for of in ("person", "guardian"):
                self.staging.insert("whole", of, user)

    def _stage_person(self, line: int, row: Row, person: tuple[str, str, str, str]) -> None:
        user, kind, given, family = person
        if not given and kind != UNSURE:
            self._report("users", line, "given_name_missing", "givenName")
        grades = self._clean_list("users", line, row, "grades")
        grade = grades[0] if kind != "staff" and grades else ""
        if len(grade) > 60:
            self._report("users", line, "year_too_long", "grades")
        stored = "" if kind == UNSURE else kind
        self.staging.insert("person", user, stored, given, family, grade[:60], bool(grade), False)

    def _stage_guardian(self, line: int, row: Row, user: str, guards: str, name: str) -> None:
        email = self._clean("users", line, row, "email", clean_email) if guards != UNSURE else ""
        if not name and guards != UNSURE:
            self._report("users", line, "guardian_name_missing", "givenName")
        self.staging.insert("guardian", user, name, email or "", guards != UNSURE, False)

    def _enrolment(self, line: int, row: Row, ended: bool) -> None:
        if row["role"].strip().lower() != "student" or ended:
            return
        file = "enrollments"
        group = self.staging.find(
            "SELECT title, is_group, starts, ends FROM class WHERE id = ?", row["classSourcedId"].strip()
        )
        user = row["userSourcedId"].strip()
        if self._is_bulk("users") and not self._knows("user", user):
            self._report(file, line, "unknown_user", "userSourcedId")
        elif group is None:
            code = "unknown_class" if self._is_bulk("classes") else "class_not_in_delta"
            self._report(file, line, code, "classSourcedId")
        elif group[1]:
            starts = self._clean(file, line, row, "beginDate", clean_date) or ""
            ends = self._clean(file, line, row, "endDate", clean_date) or ""
            current = self._is_current(starts, ends) and self._is_current(str(group[2]), str(group[3]))
            self.staging.insert("enrolment", user, group[0], current, starts or group[2])

    def _demographics(self, line: int, row: Row, ended: bool) -> None:
        """Read when a pupil was born; sex, origin and birthplace stand beside it and are never looked at."""
        user = self._clean("demographics", line, row, "sourcedId", clean_id)
        born = self._clean("demographics", line, row, "birthDate", clean_birth_date)
        if not user or not born or ended:
            return
        if self._is_bulk("users") and not self._knows("user", user):
            self._report("demographics", line, "unknown_user", "sourcedId")
        elif not self.staging.insert("birth", user, born):
            self._report("demographics", line, "id_twice", "sourcedId")

    # Together

    def _conclude(self) -> None:
        self._settle_years()
        self._settle_links()
        if self._is_bulk("users"):
            self._check_agents()
        if self.version == "1.2":
            self._settle_roles()

    def _settle_years(self) -> None:
        """Put each pupil into the class of their current homeroom, else of the one that began last."""
        best = (
            "SELECT user, title FROM (SELECT user, title, row_number() OVER (PARTITION BY user"
            " ORDER BY is_current DESC, starts DESC, title) AS place FROM enrolment) WHERE place = 1"
        )
        execute = self.staging.db.execute
        if not self._is_bulk("users"):
            execute("INSERT OR IGNORE INTO person SELECT person, '', '', '', '', 0, 0 FROM birth")
            execute(f"INSERT OR IGNORE INTO person SELECT user, '', '', '', title, 0, 0 FROM ({best})")  # noqa: S608
        execute(
            f"UPDATE person SET year = best.title, year_is_grade = 0 FROM ({best}) AS best"  # noqa: S608
            " WHERE person.external_id = best.user AND person.kind <> 'staff'"
        )

    def _settle_links(self) -> None:
        """Turn agents, whichever side names them, into links of a pupil and a guardian."""
        may_pupil = "(p.id IS NULL OR p.kind IN ('pupil', '?'))"
        may_guard = "(g.id IS NULL OR g.guards <> '')"
        known = "" if not self._is_bulk("users") else "AND p.id IS NOT NULL AND g.id IS NOT NULL"
        for pupil, guardian in (("user", "agent"), ("agent", "user")):
            self.staging.db.execute(
                f"INSERT OR IGNORE INTO link"  # noqa: S608
                f" SELECT a.{pupil}, a.{guardian}, coalesce(nullif(g.guards, '?'), '') FROM agent a"
                f" LEFT JOIN user p ON p.id = a.{pupil} LEFT JOIN user g ON g.id = a.{guardian}"
                f" WHERE {may_pupil} AND {may_guard} {known}"
            )
        if self._is_bulk("users"):  # guardians of nobody here are not ours to know
            self.staging.db.execute(
                "DELETE FROM guardian WHERE external_id NOT IN (SELECT guardian FROM link)"
            )

    def _check_agents(self) -> None:
        missing = self.staging.db.execute(
            "SELECT a.line, u.kind, g.id IS NULL, g.guards FROM agent a JOIN user u ON u.id = a.user"
            " LEFT JOIN user g ON g.id = a.agent"
            " WHERE g.id IS NULL OR (u.kind = 'pupil' AND g.guards = '') ORDER BY a.line"
        ).fetchall()
        for line, kind, is_missing, _ in missing:
            if not is_missing:
                code = "agent_not_guardian"
            else:
                code = "unknown_agent" if kind == "pupil" else "unknown_pupil"
            self._report("users", line, code, "agentSourcedIds")

    def _settle_roles(self) -> None:
        if self._is_bulk("users"):
            lost = "SELECT line FROM role WHERE user NOT IN (SELECT id FROM user) ORDER BY line"
            for (line,) in self.staging.db.execute(lost).fetchall():
                self._report("roles", line, "unknown_user", "userSourcedId")
            return
        # Whose only role here was taken away has left, whether or not users.csv has a row of theirs.
        self.staging.db.execute(
            "REPLACE INTO person SELECT user, ended, '', '', '', 0, 1 FROM role"
            " WHERE ended <> '' AND kind = '' AND user NOT IN (SELECT external_id FROM person WHERE ended)"
        )
