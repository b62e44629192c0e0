"""What is wrong with a roster file: where, and why. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Every reason that a file, a row or a cell can be given; docs/reference/roster.md has each of them.
# With a reason of STOPS nothing of the file is imported: reading it on would be guessing.
STOPS: Mapping[str, Promise] = {
    "cell_too_long": _("a cell holds more than 131,072 characters"),
    "column_missing": _("a column that is needed is not in the header"),
    "column_twice": _("two columns have the name of one that is needed"),
    "csv_broken": _("a quote is opened and never closed, or is where none may be"),
    "encoding_unknown": _("neither UTF-8 nor GB18030; say which encoding it is"),
    "file_declared_absent": _("the manifest says that this file is absent, and it is there"),
    "file_empty": _("not even a header"),
    "file_missing": _("the manifest names this file, and it is not there"),
    "file_too_large": _("larger than a roster file may be"),
    "file_twice": _("two files of this name, in capitals and in small letters"),
    "html_file": _("a web page with the ending of a workbook; open it in a spreadsheet and save it as .xlsx"),
    "line_too_long": _("a line of more than 1,048,576 characters"),
    "manifest_missing": _("a OneRoster bundle has a manifest.csv"),
    "manifest_mode": _("neither absent, bulk nor delta"),
    "no_school": _("orgs.csv lists no school"),
    "not_a_list": _("a document or a picture; export the list as .xlsx or .csv"),
    "numbers_file": _("a file of Numbers; export it as .xlsx or .csv"),
    "ods_file": _("an OpenDocument spreadsheet; save it as .xlsx or .csv"),
    "school_not_in_bundle": _("orgs.csv does not list the school that was asked for or imported before"),
    "school_not_known": _("orgs.csv is absent; say which organisation this school is"),
    "several_schools": _("orgs.csv lists several schools; say which one this is"),
    "symlink": _("a link to another file"),
    "too_many_faults": _("reading stopped after 10,000 refused rows"),
    "too_many_files": _("more files than a roster bundle has"),
    "version_unsupported": _("neither OneRoster 1.1 nor 1.2"),
    "xls_old": _("a workbook of the kind before 2007; open it and save it as .xlsx"),
    "xlsb_file": _("a binary workbook; open it and save it as .xlsx"),
    "xlsx_broken": _("not a workbook that can be read"),
    "xlsx_password": _("a workbook with a password; save it without one"),
    "zip_broken": _("not a zip file that can be read"),
    "zip_encrypted": _("a zip file with a password"),
    "zip_path": _("a name that leads out of the bundle"),
    "zip_ratio": _("unpacks to more than 200 times its size"),
}
# A row with a reason of REFUSES is left out: the person it is about stays as they are.
REFUSES: Mapping[str, Promise] = {
    "character_not_allowed": _(
        "a control character, or one that is not seen or turns the direction of writing"
    ),
    "date_ambiguous": _("day and month could be the other way round; choose the form of the dates"),
    "date_cell": _("the spreadsheet has turned this cell into a date"),
    "date_invalid": _("not a date of the chosen form"),
    "error_cell": _("an error of the spreadsheet, such as #N/A, instead of a value"),
    "formula_cell": _("a formula; save the sheet with its values"),
    "given_name_missing": _("nothing to call the person by"),
    "guardian_name_missing": _("a guardian without a name"),
    "guardian_refused": _("a guardian whose own row is refused, so a guardian would be left out"),
    "guardian_twice": _("another row has the same guardian's id with another name"),
    "id_invisible": _("an invisible character in an id"),
    "id_looks_alike": _("another id differs from this one only by case, width or blanks"),
    "id_missing": _("no id"),
    "id_too_long": _("an id of more than 255 characters"),
    "id_twice": _("another row has the same id and other data"),
    "id_width": _("the same number is known with another count of digits; leading zeros were lost or added"),
    "kind_unknown": _("a role that is neither a pupil's, nor staff's, nor a parent's"),
    "name_too_long": _("a name of more than 100 characters"),
    "number_rounded": _(
        "a number of 16 digits or more in a spreadsheet, which rounds it; make the column text"
    ),
    "number_spoilt": _("a number that a spreadsheet has shortened, such as 1.2E+17; make the column text"),
    "role_missing": _("roles.csv says nothing about this user"),
    "role_unknown": _("not a role of this version of OneRoster"),
    "row_width": _("more or fewer cells than the header has columns"),
    "status_missing": _("a delta row says neither active nor tobedeleted"),
    "status_unknown": _("neither active nor tobedeleted"),
    "text_damaged": _("letters were lost when the file was saved or read in a wrong encoding"),
    "unknown_agent": _("a pupil's agent is not in users.csv, so a guardian would be left out"),
}
# What is left out without anyone being worse off for it, or concerns nobody here.
NOTES: Mapping[str, Promise] = {
    "agent_not_guardian": _("an agent who is neither parent nor guardian, so may not decide"),
    "class_not_in_delta": _("the class is not in this delta, so the pupil's class stays as it is"),
    "email_invalid": _("not an e-mail address, so it is left out"),
    "email_several": _("several addresses in one cell; the first is used"),
    "guardians_not_read": _("the file has no such column: no guardian was read, and none is removed"),
    "language_unknown": _("a language that nothing is written in here, so it is left out"),
    "phone_invalid": _("not a telephone number, or one that a spreadsheet has shortened, so it is left out"),
    "role_not_used": _("a role of the exporter's own, left out"),
    "row_of_guardian": _("a parent's own row; guardians are read from the rows of their pupils"),
    "row_of_nobody_here": _("something is wrong with it, and it is about nobody of this school"),
    "sheet_hidden": _("a hidden sheet comes first; this one was read"),
    "sheet_one_of_several": _("only this sheet was read; the workbook has others"),
    "unknown_class": _("a class that classes.csv does not list"),
    "unknown_org": _("an organisation that orgs.csv does not list"),
    "unknown_pupil": _("a guardian's agent is not in users.csv"),
    "unknown_session": _("an academic session that academicSessions.csv does not list"),
    "unknown_user": _("a user that users.csv does not list"),
    "year_too_long": _("a class or year of more than 60 characters, so it is left out"),
}
REASONS = {**STOPS, **REFUSES, **NOTES}
FAULTS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class RowFault:
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
        return str(REASONS[self.code])


class Unreadable(Exception):
    """A file cannot be read on; `fault` says why."""

    def __init__(self, file: str, line: int, code: str, column: str = "") -> None:
        super().__init__(f"{file}:{line}: {code}")
        self.fault = RowFault(file, line, code, column)
