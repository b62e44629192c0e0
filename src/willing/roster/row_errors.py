"""What is wrong with a roster file: where, and why. Pure."""

from dataclasses import dataclass

# Every reason that a file, a row or a cell can be given; docs/reference/roster.md has each of them.
# A row with a reason of BLOCKS stops the whole import; one of NOTES is only mentioned.
BLOCKS = {
    "cell_too_long": "a cell holds more than 131,072 characters",
    "character_not_allowed": "a control character, or one that turns the direction of writing",
    "column_missing": "a column that is needed is not in the header",
    "column_twice": "two columns have the same name",
    "csv_broken": "a quote is opened and never closed, or is where none may be",
    "date_invalid": "not a date of the form 2026-09-01",
    "email_invalid": "a guardian's e-mail address is not one",
    "encoding_unknown": "neither UTF-8 nor GB18030; say which encoding it is",
    "file_declared_absent": "the manifest says that this file is absent, and it is there",
    "file_empty": "not even a header",
    "file_missing": "the manifest names this file, and it is not there",
    "file_too_large": "larger than a roster file may be",
    "formula_cell": "a cell is a formula; save the sheet with its values",
    "given_name_missing": "nothing to call the person by",
    "guardian_name_missing": "a guardian without a name",
    "id_missing": "no id",
    "id_too_long": "an id of more than 255 characters",
    "id_twice": "another row has the same id",
    "kind_unknown": "neither pupil nor staff",
    "line_too_long": "a line of more than 1,048,576 characters",
    "manifest_missing": "a OneRoster bundle has a manifest.csv",
    "manifest_mode": "neither absent, bulk nor delta",
    "name_too_long": "a name of more than 100 characters",
    "no_school": "orgs.csv lists no school",
    "role_missing": "roles.csv says nothing about this user",
    "role_unknown": "not a role of this version of OneRoster",
    "row_width": "more or fewer cells than the header has columns",
    "school_not_in_bundle": "orgs.csv does not list the school that was asked for or imported before",
    "school_not_known": "orgs.csv is absent; say which organisation this school is",
    "several_schools": "orgs.csv lists several schools; say which one this is",
    "status_missing": "a delta row says neither active nor tobedeleted",
    "status_unknown": "neither active nor tobedeleted",
    "symlink": "a link to another file",
    "too_many_faults": "reading stopped after 10,000 faults",
    "too_many_files": "more files than a roster bundle has",
    "unknown_agent": "a pupil's agent is not in users.csv, so a guardian would be left out",
    "unknown_class": "a class that classes.csv does not list",
    "unknown_org": "an organisation that orgs.csv does not list",
    "unknown_session": "an academic session that academicSessions.csv does not list",
    "unknown_user": "a user that users.csv does not list",
    "version_unsupported": "neither OneRoster 1.1 nor 1.2",
    "xlsx_broken": "not a workbook that can be read",
    "year_too_long": "a class or year of more than 60 characters",
    "zip_broken": "not a zip file that can be read",
    "zip_encrypted": "a zip file with a password",
    "zip_path": "a name that leads out of the bundle",
    "zip_ratio": "unpacks to more than 200 times its size",
}
NOTES = {
    "agent_not_guardian": "an agent who is neither parent nor guardian, so may not decide",
    "class_not_in_delta": "the class is not in this delta, so the pupil's class stays as it is",
    "role_not_used": "a role of the exporter's own, left out",
    "unknown_pupil": "a guardian's agent is not in users.csv",
}
FAULTS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a line of a file, the header being line 1 and 0 the file as a whole.

    Never holds what is in the cell: faults are shown on screens and land in tickets.
    """

    file: str
    line: int
    code: str
    column: str = ""

    @property
    def blocks(self) -> bool:
        """True where nothing is imported because of it."""
        return self.code in BLOCKS

    @property
    def reason(self) -> str:
        """The sentence for the person who sent the file."""
        return BLOCKS.get(self.code) or NOTES[self.code]


class Unreadable(Exception):
    """A file cannot be read on; `fault` says why."""

    def __init__(self, file: str, line: int, code: str, column: str = "") -> None:
        super().__init__(f"{file}:{line}: {code}")
        self.fault = Fault(file, line, code, column)
