"""What is wrong with a roster file: where, and why. Pure."""

from dataclasses import dataclass

# Every reason that a file, a row or a cell can be given; docs/reference/roster.md has each of them.
# With a reason of STOPS nothing of the file is imported: reading it on would be guessing.
STOPS = {
    "cell_too_long": "a cell holds more than 131,072 characters",
    "column_missing": "a column that is needed is not in the header",
    "column_twice": "two columns have the name of one that is needed",
    "csv_broken": "a quote is opened and never closed, or is where none may be",
    "encoding_unknown": "neither UTF-8 nor GB18030; say which encoding it is",
    "file_declared_absent": "the manifest says that this file is absent, and it is there",
    "file_empty": "not even a header",
    "file_missing": "the manifest names this file, and it is not there",
    "file_too_large": "larger than a roster file may be",
    "file_twice": "two files of this name, in capitals and in small letters",
    "html_file": "a web page with the ending of a workbook; open it in a spreadsheet and save it as .xlsx",
    "line_too_long": "a line of more than 1,048,576 characters",
    "manifest_missing": "a OneRoster bundle has a manifest.csv",
    "manifest_mode": "neither absent, bulk nor delta",
    "no_school": "orgs.csv lists no school",
    "not_a_list": "a document or a picture; export the list as .xlsx or .csv",
    "numbers_file": "a file of Numbers; export it as .xlsx or .csv",
    "ods_file": "an OpenDocument spreadsheet; save it as .xlsx or .csv",
    "school_not_in_bundle": "orgs.csv does not list the school that was asked for or imported before",
    "school_not_known": "orgs.csv is absent; say which organisation this school is",
    "several_schools": "orgs.csv lists several schools; say which one this is",
    "symlink": "a link to another file",
    "too_many_faults": "reading stopped after 10,000 refused rows",
    "too_many_files": "more files than a roster bundle has",
    "version_unsupported": "neither OneRoster 1.1 nor 1.2",
    "xls_old": "a workbook of the kind before 2007; open it and save it as .xlsx",
    "xlsb_file": "a binary workbook; open it and save it as .xlsx",
    "xlsx_broken": "not a workbook that can be read",
    "xlsx_password": "a workbook with a password; save it without one",
    "zip_broken": "not a zip file that can be read",
    "zip_encrypted": "a zip file with a password",
    "zip_path": "a name that leads out of the bundle",
    "zip_ratio": "unpacks to more than 200 times its size",
}
# A row with a reason of REFUSES is left out: the person it is about stays as they are.
REFUSES = {
    "character_not_allowed": "a control character, or one that is not seen or turns the direction of writing",
    "date_ambiguous": "day and month could be the other way round; choose the form of the dates",
    "date_cell": "the spreadsheet has turned this cell into a date",
    "date_invalid": "not a date of the chosen form",
    "error_cell": "an error of the spreadsheet, such as #N/A, instead of a value",
    "formula_cell": "a formula; save the sheet with its values",
    "given_name_missing": "nothing to call the person by",
    "guardian_name_missing": "a guardian without a name",
    "guardian_refused": "a guardian whose own row is refused, so a guardian would be left out",
    "guardian_twice": "another row has the same guardian's id with another name",
    "id_invisible": "an invisible character in an id",
    "id_looks_alike": "another id differs from this one only by case, width or blanks",
    "id_missing": "no id",
    "id_too_long": "an id of more than 255 characters",
    "id_twice": "another row has the same id and other data",
    "id_width": "the same number is known with another count of digits; leading zeros were lost or added",
    "kind_unknown": "a role that is neither a pupil's, nor staff's, nor a parent's",
    "name_too_long": "a name of more than 100 characters",
    "number_rounded": "a number of 16 digits or more in a spreadsheet, which rounds it; make the column text",
    "number_spoilt": "a number that a spreadsheet has shortened, such as 1.2E+17; make the column text",
    "role_missing": "roles.csv says nothing about this user",
    "role_unknown": "not a role of this version of OneRoster",
    "row_width": "more or fewer cells than the header has columns",
    "status_missing": "a delta row says neither active nor tobedeleted",
    "status_unknown": "neither active nor tobedeleted",
    "text_damaged": "letters were lost when the file was saved or read in a wrong encoding",
    "unknown_agent": "a pupil's agent is not in users.csv, so a guardian would be left out",
}
# What is left out without anyone being worse off for it, or concerns nobody here.
NOTES = {
    "agent_not_guardian": "an agent who is neither parent nor guardian, so may not decide",
    "class_not_in_delta": "the class is not in this delta, so the pupil's class stays as it is",
    "email_invalid": "not an e-mail address, so it is left out",
    "email_several": "several addresses in one cell; the first is used",
    "guardians_not_read": "the file has no such column: no guardian was read, and none is removed",
    "role_not_used": "a role of the exporter's own, left out",
    "row_of_guardian": "a parent's own row; guardians are read from the rows of their pupils",
    "row_of_nobody_here": "something is wrong with it, and it is about nobody of this school",
    "sheet_hidden": "a hidden sheet comes first; this one was read",
    "sheet_one_of_several": "only this sheet was read; the workbook has others",
    "unknown_class": "a class that classes.csv does not list",
    "unknown_org": "an organisation that orgs.csv does not list",
    "unknown_pupil": "a guardian's agent is not in users.csv",
    "unknown_session": "an academic session that academicSessions.csv does not list",
    "unknown_user": "a user that users.csv does not list",
    "year_too_long": "a class or year of more than 60 characters, so it is left out",
}
REASONS = {**STOPS, **REFUSES, **NOTES}
FAULTS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a line of a file, the first being line 1 and 0 the file as a whole.

    Never holds what is in the cell: faults are shown on screens and land in tickets.
    """

    file: str
    line: int
    code: str
    column: str = ""

    @property
    def stops(self) -> bool:
        """True where nothing is imported because of it."""
        return self.code in STOPS

    @property
    def is_note(self) -> bool:
        """True where it is only mentioned."""
        return self.code in NOTES

    @property
    def reason(self) -> str:
        """The sentence for the person who sent the file."""
        return REASONS[self.code]


class Unreadable(Exception):
    """A file cannot be read on; `fault` says why."""

    def __init__(self, file: str, line: int, code: str, column: str = "") -> None:
        super().__init__(f"{file}:{line}: {code}")
        self.fault = Fault(file, line, code, column)
