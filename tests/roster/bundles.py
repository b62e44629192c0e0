"""OneRoster bundles as the two versions of the standard have them, written by the tests."""
# ruff: noqa: E501  # the headers stand as the standard has them, one a line

import csv
import io
import zipfile
from pathlib import Path

HEADERS = {
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear",
    "courses": "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes",
    "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate",
    "users11": "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password",
    "users12": "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,resourceSourcedIds,preferredGivenName,preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns",
    "roles": "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId",
    "demographics": "sourcedId,status,dateLastModified,birthDate,sex,americanIndianOrAlaskaNative,asian,blackOrAfricanAmerican,nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,hispanicOrLatinoEthnicity,countryOfBirthCode,stateOfBirthAbbreviation,cityOfBirth,publicSchoolResidenceStatus",
    "userProfiles": "sourcedId,status,dateLastModified,userSourcedId,profileType,vendorId,applicationId,description,credentialType,username,password",
}  # fmt: skip
CHANGED = "2026-09-01T00:00:00.000Z"


class Bundle:
    """A bundle under construction: `add` rows by column, then write it as folder or zip."""

    def __init__(self, version="1.1", *, mode="bulk", **modes):
        self.version, self.mode, self.modes = version, mode, modes
        self.tables = {}
        self.raw = {}
        self.manifest = {}

    def add(self, table, **cells):
        if self.mode == "delta":
            cells = {"status": "active", "dateLastModified": CHANGED, **cells}
        self.tables.setdefault(table, []).append(cells)
        return self

    def header(self, table):
        key = table + self.version.replace(".", "")[:2] if table == "users" else table
        return HEADERS[key].split(",")

    def files(self, *, encoding="utf-8", newline="\r\n"):
        modes = {f"file.{table}": self.mode for table in self.tables} | {
            f"file.{table}": mode for table, mode in self.modes.items()
        }
        said = {"manifest.version": "1.0", "oneroster.version": self.version, **modes, **self.manifest}
        files = {
            "manifest.csv": _csv(["propertyName", "value"], [list(one) for one in said.items()], newline)
        }
        for table, rows in self.tables.items():
            columns = self.header(table)
            known = set().union(*rows)
            assert known <= set(columns), (table, known - set(columns))
            files[f"{table}.csv"] = _csv(
                columns, [[row.get(one, "") for one in columns] for row in rows], newline
            )
        return {name: text.encode(encoding) for name, text in files.items()} | self.raw

    def folder(self, path: Path, **how) -> Path:
        path.mkdir(parents=True, exist_ok=True)
        for name, content in self.files(**how).items():
            (path / name).write_bytes(content)
        return path

    def zip(self, path: Path, **how) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in self.files(**how).items():
                file.writestr(name, content)
        return path


def _csv(columns, rows, newline):
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=newline)
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def school(bundle, *, org="s1"):
    """A district with one school, a school year and the homerooms 7A and 8B."""
    bundle.add("orgs", sourcedId="d1", name="District", type="district")
    bundle.add("orgs", sourcedId=org, name="School", type="school", parentSourcedId="d1")
    bundle.add(
        "academicSessions", sourcedId="y26", title="2026-27", type="schoolYear", startDate="2026-08-01",
        endDate="2027-07-31", schoolYear="2027",
    )  # fmt: skip
    for title in ("7A", "8B"):
        bundle.add(
            "classes", sourcedId=f"c{title}", title=title, courseSourcedId="k1", classType="homeroom",
            schoolSourcedId=org, termSourcedIds="y26",
        )  # fmt: skip
    bundle.add(
        "classes", sourcedId="cMath", title="Mathematics, the long way round " * 3, courseSourcedId="k1",
        classType="scheduled", schoolSourcedId=org, termSourcedIds="y26",
    )  # fmt: skip
    return bundle


def user(bundle, key, given, family="", *, role="student", agents="", org="s1", **cells):
    """A user with one role, as the bundle's version writes it."""
    row = {
        "sourcedId": key, "enabledUser": "true", "username": key, "givenName": given, "familyName": family,
        "agentSourcedIds": agents, **cells,
    }  # fmt: skip
    if bundle.version.startswith("1.1"):
        return bundle.add("users", role=role, orgSourcedIds=org, **row)
    bundle.add(
        "roles",
        sourcedId=f"r-{key}-{role}",
        userSourcedId=key,
        roleType="primary",
        role=role,
        orgSourcedId=org,
    )
    return bundle.add("users", **row)


def enrol(bundle, key, title, **cells):
    """A pupil's place in a class."""
    return bundle.add(
        "enrollments", sourcedId=f"e-{key}-{title}", classSourcedId=f"c{title}", schoolSourcedId="s1",
        userSourcedId=key, role="student", **cells,
    )  # fmt: skip


def golden(version, *, mode="bulk"):
    """Una in 7A with two guardians, Vic in 8B with one of them, a teacher, and a parent of nobody here."""
    bundle = school(Bundle(version, mode=mode))
    user(bundle, "u1", "Una", "Urban", agents="g1,g2", grades="07", password="never")
    user(bundle, "u2", "Vic", "Urban", agents="g1", grades="08")
    user(bundle, "t1", "Tea", "Cher", role="teacher", email="tea@school.example.org")
    user(bundle, "g1", "Gil", "Urban", role="parent", email="gil@example.org")
    user(bundle, "g2", "Gwen", "Other", role="guardian")
    user(bundle, "g3", "Greg", "Elsewhere", role="parent")
    enrol(bundle, "u1", "7A")
    enrol(bundle, "u1", "Math")
    enrol(bundle, "u2", "8B")
    if version == "1.2":
        bundle.add("userProfiles", sourcedId="p1", userSourcedId="u1", profileType="app", password="secret")
    return bundle
