"""Every reason for which a file, a row or a cell is refused, where it stands; nothing is imported then."""

import warnings
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from tests.roster.bundles import Bundle, enrol, golden, school, user

from willing.core.errors import Refused
from willing.people.models import Guardian, Person
from willing.roster import staging
from willing.roster.apply import apply_plan
from willing.roster.file_kinds import OLE
from willing.roster.row_errors import NOTES, REASONS, REFUSES, STOPS
from willing.roster.sources import FILE_BYTES_MAX, MEMBERS_MAX

CASES: dict[str, Any] = {}


def case(code, *places):
    """Register a roster that has exactly these faults: (file, line, column), all for the reason `code`."""

    def register(make):
        CASES[f"{code}: {make.__name__}"] = (code, places, make)
        return make

    return register


def one_pupil(version="1.1", **cells):
    return user(school(Bundle(version)), "u1", "Una", **cells)


def listed(folder, text, name="people.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@case("manifest_missing", ("manifest.csv", 0, ""))
def no_manifest(folder):
    path = golden("1.1").folder(folder / "b")
    (path / "manifest.csv").unlink()
    return path


@case("version_unsupported", ("manifest.csv", 3, ""))
def old_version(folder):
    return with_manifest("1.0")


def with_manifest(version):
    bundle = one_pupil()
    bundle.version = version
    bundle.header = Bundle("1.1").header
    return bundle


@case("version_unsupported", ("manifest.csv", 3, ""))
def version_of_the_future(folder):
    return with_manifest("1.10")


@case("manifest_mode", ("manifest.csv", 6, "file.classes"))
def strange_mode(folder):
    bundle = one_pupil()
    bundle.modes["classes"] = "replace"
    return bundle


@case("file_missing", ("enrollments.csv", 0, ""))
def declared_and_not_there(folder):
    bundle = one_pupil()
    bundle.modes["enrollments"] = "bulk"
    return bundle


@case("file_missing", ("users.csv", 0, ""))
def no_users(folder):
    return school(Bundle("1.1"))


@case("file_missing", ("roles.csv", 0, ""))
def no_roles(folder):
    return school(Bundle("1.2")).add("users", sourcedId="u1", givenName="Una")


@case("file_declared_absent", ("classes.csv", 0, ""))
def there_and_declared_absent(folder):
    bundle = one_pupil()
    bundle.modes["classes"] = "absent"
    return bundle


@case("file_empty", ("users.csv", 0, ""))
def empty_file(folder):
    bundle = one_pupil()
    bundle.raw["users.csv"] = b""
    return bundle


@case("file_empty", ("people.csv", 0, ""))
def only_blank_lines(folder):
    return listed(folder, "\n\n")


@case("column_missing", ("users.csv", 1, "role"))
def no_role_column(folder):
    bundle = one_pupil()
    bundle.raw["users.csv"] = b"sourcedId,givenName,familyName,orgSourcedIds\nu1,Una,U,s1\n"
    return bundle


@case("column_missing", ("users.csv", 1, "status"))
def delta_without_status(folder):
    bundle = one_pupil()
    bundle.modes["users"] = "delta"
    bundle.raw["users.csv"] = b"sourcedId,givenName,familyName,orgSourcedIds,role\nu1,Una,U,s1,student\n"
    return bundle


@case("column_missing", ("people.csv", 1, "external_id"))
def plain_without_ids(folder):
    return listed(folder, "given_name\nUna\n")


@case("column_twice", ("people.csv", 1, "year"))
def column_twice(folder):
    return listed(folder, "external_id,given_name,year,year\n1,Una,7A,8B\n")


@case("row_width", ("users.csv", 2, ""), ("users.csv", 4, ""))
def rows_of_other_widths(folder):
    bundle = one_pupil()
    columns = ",".join(bundle.header("users"))
    good = "u1,,,true,s1,student,,,Una,,,,,,,,,"
    bundle.raw["users.csv"] = f"{columns}\nu2,,\n{good}\n{good.replace('u1', 'u3')},more\n".encode()
    return bundle


@case("csv_broken", ("people.csv", 3, ""))
def open_quote(folder):
    return listed(folder, 'external_id,given_name\n1,Una\n2,"Vic\n3,Wu\n')


@case("csv_broken", ("people.csv", 2, ""))
def stray_quote(folder):
    return listed(folder, 'external_id,given_name\n1,"Una"Mae\n')


@case("cell_too_long", ("people.csv", 2, ""))
def endless_cell(folder):
    return listed(folder, f"external_id,given_name\n1,{'x' * 131_073}\n")


@case("line_too_long", ("people.csv", 2, ""))
def endless_line(folder):
    return listed(folder, f"external_id,given_name\n1{',' * 1_048_577}\n")


@case("encoding_unknown", ("people.csv", 0, ""))
def latin_letters_of_a_german_spreadsheet(folder):
    return listed(folder, "external_id,given_name\n1,Müller\n2,Jürgen\n".encode("cp1252"))


@case("encoding_unknown", ("people.csv", 0, ""))
def bytes_of_no_encoding(folder):
    return listed(folder, b"external_id,given_name\n1,\xff\xff\xff\n")


@case("id_missing", ("users.csv", 2, "sourcedId"))
def no_id(folder):
    return school(Bundle("1.1")).add(
        "users", sourcedId=" ", givenName="Una", role="student", orgSourcedIds="s1"
    )


@case("id_too_long", ("users.csv", 2, "sourcedId"))
def long_id(folder):
    return user(school(Bundle("1.1")), "u" * 256, "Una")


@case("id_twice", ("users.csv", 3, "sourcedId"))
def user_twice(folder):
    return user(one_pupil(), "u1", "Vic")


@case("id_twice", ("people.csv", 3, "external_id"))
def plain_twice(folder):
    return listed(folder, "external_id,given_name\n1,Una\n1,Vic\n")


@case(
    "id_twice",
    ("orgs.csv", 4, "sourcedId"),
    ("academicSessions.csv", 3, "sourcedId"),
    ("classes.csv", 5, "sourcedId"),
)
def other_ids_twice(folder):
    bundle = one_pupil()
    bundle.add("orgs", sourcedId="s1", type="district")
    bundle.add("academicSessions", sourcedId="y26", startDate="2025-08-01", endDate="2026-07-31")
    return bundle.add("classes", sourcedId="c7A", title="7X", classType="homeroom", schoolSourcedId="s1")


@case("character_not_allowed", ("users.csv", 2, "givenName"), ("users.csv", 3, "familyName"))
def characters_that_deceive(folder):
    return user(user(school(Bundle("1.1")), "u1", "Una\x1b[2J"), "u2", "Vic", "\u202eabc")


@case("given_name_missing", ("users.csv", 2, "givenName"))
def nameless(folder):
    return user(school(Bundle("1.1")), "u1", "", ".")


@case("given_name_missing", ("people.csv", 2, "given_name"))
def plain_nameless(folder):
    return listed(folder, "external_id,given_name\n1,\n")


@case("guardian_name_missing", ("people.csv", 2, "guardian_name"))
def plain_nameless_guardian(folder):
    return listed(folder, "external_id,given_name,guardian_email\n1,Una,a@example.org\n")


@case("name_too_long", ("users.csv", 2, "givenName"))
def long_name(folder):
    return user(school(Bundle("1.1")), "u1", "U" * 101)


@case("name_too_long", ("people.csv", 2, "guardian_name"))
def plain_long_guardian(folder):
    return listed(folder, f"external_id,given_name,guardian_name\n1,Una,{'G' * 201}\n")


@case("id_too_long", ("people.csv", 2, "guardian_id"))
def plain_long_guardian_id(folder):
    return listed(folder, f"external_id,given_name,guardian_id,guardian_name\n1,Una,{'G' * 256},Gil\n")


@case("role_not_used", ("users.csv", 3, "role"))
def extended_role_in_1_1(folder):
    return user(one_pupil(), "u2", "Vic", role="ext:wizard")


@case("email_invalid", ("users.csv", 3, "email"))
def bad_address(folder):
    return user(one_pupil(agents="g1"), "g1", "Gil", role="parent", email="gil at home")


@case("email_invalid", ("people.csv", 2, "guardian_email_2"))
def plain_bad_address(folder):
    return listed(folder, "external_id,given_name,guardian_name_2,guardian_email_2\n1,Una,Gil,@\n")


@case("year_too_long", ("users.csv", 2, "grades"))
def long_grade(folder):
    return one_pupil(grades="7" * 61)


@case("year_too_long", ("classes.csv", 5, "title"))
def long_class(folder):
    return one_pupil().add(
        "classes", sourcedId="c9", title="9" * 61, classType="homeroom", schoolSourcedId="s1"
    )


@case("kind_unknown", ("people.csv", 2, "kind"))
def neither_pupil_nor_staff(folder):
    return listed(folder, "external_id,given_name,kind\n1,Una,cat\n")


@case("status_unknown", ("users.csv", 2, "status"))
def strange_status(folder):
    return one_pupil(status="gone")


@case("status_missing", ("users.csv", 2, "status"))
def delta_row_without_status(folder):
    bundle = user(school(Bundle("1.1", mode="delta")), "u1", "Una", status="")
    bundle.modes = {"orgs": "bulk"}
    return bundle


@case("role_unknown", ("users.csv", 2, "role"))
def strange_role(folder):
    return one_pupil(role="wizard")


@case("role_missing", ("users.csv", 3, ""))
def somebody_here_without_role(folder):
    Person.objects.filter(given_name="Carl").update(external_id="u2")
    return one_pupil("1.2").add("users", sourcedId="u2", givenName="Vic")


@case("row_of_nobody_here", ("users.csv", 3, ""), ("users.csv", 4, "givenName"))
def nobody_here(folder):
    bundle = one_pupil("1.2").add("users", sourcedId="u2", givenName="Vic")
    return user(bundle, "g1", "G\x07", role="parent")


@case("unknown_org", ("users.csv", 2, "orgSourcedIds"))
def user_elsewhere(folder):
    return one_pupil(org="s1,s9")


@case("unknown_org", ("classes.csv", 5, "schoolSourcedId"))
def class_elsewhere(folder):
    return one_pupil().add("classes", sourcedId="c9", title="9", classType="homeroom", schoolSourcedId="s9")


@case("unknown_org", ("roles.csv", 3, "orgSourcedId"))
def role_elsewhere(folder):
    return one_pupil("1.2").add(
        "roles", sourcedId="r9", userSourcedId="u1", role="student", orgSourcedId="s9"
    )


@case("unknown_user", ("roles.csv", 3, "userSourcedId"))
def role_of_nobody(folder):
    return one_pupil("1.2").add(
        "roles", sourcedId="r9", userSourcedId="u9", role="student", orgSourcedId="s1"
    )


@case("unknown_user", ("enrollments.csv", 2, "userSourcedId"))
def enrolment_of_nobody(folder):
    return enrol(one_pupil(), "u9", "7A")


@case("unknown_class", ("enrollments.csv", 2, "classSourcedId"))
def enrolment_nowhere(folder):
    return enrol(one_pupil(), "u1", "9Z")


@case("unknown_session", ("classes.csv", 5, "termSourcedIds"))
def class_of_no_term(folder):
    return one_pupil().add(
        "classes", sourcedId="c9", title="9", classType="homeroom", schoolSourcedId="s1", termSourcedIds="y9"
    )


@case("unknown_agent", ("users.csv", 2, "agentSourcedIds"))
def guardian_left_out(folder):
    return one_pupil(agents="g9")


@case("date_invalid", ("academicSessions.csv", 3, "endDate"))
def no_such_day(folder):
    bundle = one_pupil().add("academicSessions", sourcedId="y9", startDate="2026-08-01", endDate="2026-02-30")
    return bundle.add(
        "classes", sourcedId="c9", title="9", classType="homeroom", schoolSourcedId="s1", termSourcedIds="y9"
    )


@case("date_ambiguous", ("enrollments.csv", 2, "beginDate"))
def american_date(folder):
    return enrol(one_pupil(), "u1", "7A", beginDate="9/1/2026")


@case("no_school", ("orgs.csv", 0, ""))
def only_a_district(folder):
    return user(Bundle("1.1").add("orgs", sourcedId="s1", type="district"), "u1", "Una")


@case("several_schools", ("orgs.csv", 0, ""))
def two_schools(folder):
    return one_pupil().add("orgs", sourcedId="s2", type="school")


@case("school_not_known", ("orgs.csv", 0, ""))
def no_orgs(folder):
    return user(Bundle("1.1"), "u1", "Una")


@case("symlink", ("users.csv", 0, ""))
def linked_file(folder):
    path = one_pupil().folder(folder / "b")
    (path / "users.csv").rename(folder / "elsewhere")
    (path / "users.csv").symlink_to(folder / "elsewhere")
    return path


@case("symlink", ("users.csv", 0, ""))
def linked_member(folder):
    info = zipfile.ZipInfo("users.csv")
    info.external_attr = 0o120777 << 16
    return zipped(folder, (info, "/etc/passwd"))


def zipped(folder, *members, compression=zipfile.ZIP_STORED):
    path = folder / "z.zip"
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in members:
            file.writestr(name, content)
    return path


@case("zip_path", ("z.zip", 0, ""))
def member_above(folder):
    return zipped(folder, ("../users.csv", ""))


@case("zip_path", ("z.zip", 0, ""))
def member_at_the_root(folder):
    return zipped(folder, ("/etc/users.csv", ""))


@case("zip_path", ("z.zip", 0, ""))
def member_of_windows(folder):
    return zipped(folder, ("C:\\users.csv", ""))


@case("zip_path", ("z.zip", 0, ""))
def members_in_two_folders(folder):
    return zipped(folder, ("a/users.csv", ""), ("b/users.csv", ""))


@case("zip_path", ("z.zip", 0, ""))
def member_twice(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return zipped(folder, ("users.csv", "1"), ("users.csv", "2"))


@case("zip_broken", ("z.zip", 0, ""))
def no_zip(folder):
    return listed(folder, "hello", "z.zip")


@case("zip_broken", ("users.csv", 0, ""))
def other_compression(folder):
    return zipped(folder, ("users.csv", "x"), compression=zipfile.ZIP_BZIP2)


@case("zip_broken", ("manifest.csv", 0, ""))
def bytes_changed_inside(folder):
    path = golden("1.1").zip(folder / "b.zip")
    content = bytearray(path.read_bytes())
    start = content.index(b"manifest.csv") + len("manifest.csv")
    content[start : start + 20] = bytes(20)
    path.write_bytes(content)
    return path


@case("zip_encrypted", ("users.csv", 0, ""))
def locked_zip(folder):
    path = zipped(folder, ("users.csv", "x"))
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    path.write_bytes(content)
    return path


@case("zip_ratio", ("users.csv", 0, ""))
def bomb(folder):
    return zipped(folder, ("users.csv", b"\0" * 2_000_000), compression=zipfile.ZIP_DEFLATED)


@case("file_too_large", ("users.csv", 0, ""))
def stated_size(folder):
    path = zipped(folder, ("users.csv", "x"))
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = (FILE_BYTES_MAX + 1).to_bytes(4, "little")
    path.write_bytes(content)
    return path


@case("file_too_large", ("people.csv", 0, ""))
def sparse_file(folder):
    path = folder / "people.csv"
    with path.open("wb") as file:
        file.truncate(FILE_BYTES_MAX + 1)
    return path


@case("too_many_files", ("z.zip", 0, ""))
def many_files(folder):
    return zipped(folder, *((f"{number}.csv", "") for number in range(MEMBERS_MAX + 1)))


@case("xlsx_broken", ("people.xlsx", 0, ""))
def no_workbook(folder):
    return listed(folder, b"PK", "people.xlsx")


@case("xlsx_broken", ("people.xlsx", 0, ""))
def zip_that_is_no_workbook(folder):
    path = zipped(folder, ("a.txt", "x"))
    return path.rename(folder / "people.xlsx")


@case("zip_ratio", ("people.xlsx", 0, ""))
def workbook_bomb(folder):
    return bomb(folder).rename(folder / "people.xlsx")


def sheet(folder, *rows, columns=("external_id", "given_name", "year")):
    book = Workbook()
    for row in (columns, *rows):
        book.active.append(list(row))
    book.save(folder / "people.xlsx")
    return folder / "people.xlsx"


@case("formula_cell", ("people.xlsx", 3, "given_name"))
def computed_name(folder):
    return sheet(folder, ("1", "Una"), ("2", "=A1&A2"))


@case("error_cell", ("people.xlsx", 2, "given_name"), ("people.xlsx", 3, "year"))
def cells_in_error(folder):
    return sheet(folder, ("1", "#N/A"), ("2", "Vic", "#REF!"))


@case("error_cell", *(("people.csv", line, "given_name") for line in range(2, 9)))
def errors_of_spreadsheets_in_other_languages(folder):
    errors = ("#NV", "#BEZUG!", "#WERT!", "#¡VALOR!", "#NOM?", "#DIV/0!", "######")
    rows = "".join(f"{number},{error}\n" for number, error in enumerate(errors))
    return listed(folder, f"external_id,given_name\n{rows}")


@case("number_rounded", ("people.xlsx", 2, "external_id"), ("people.xlsx", 3, "external_id"))
def long_numbers_in_a_workbook(folder):
    return sheet(folder, (110101201405310012, "Una"), (1e15, "Vic"), ("110101201405310029", "Wu"))


@case("number_rounded", ("people.csv", 2, "external_id"), ("people.csv", 3, "external_id"))
def long_numbers_that_a_spreadsheet_had(folder):
    rows = "110101201405310000,Una\n110101201405317000,Vic\n17,Wu\n"
    return listed(folder, f"external_id,given_name\n{rows}")


@case("number_spoilt", *(("people.csv", line, "external_id") for line in range(2, 7)))
def numbers_in_short(folder):
    rows = "".join(
        f'"{number}",Una\n' for number in ("1.2E+17", "1,2E+17", "1E+17", "12.0", "１．２Ｅ＋１７")
    )
    return listed(folder, f"external_id,given_name\n{rows}")


@case("date_cell", ("people.xlsx", 2, "year"))
def class_turned_into_a_date(folder):
    return sheet(folder, ("1", "Una", date(2026, 2, 7)))


@case("date_ambiguous", ("people.csv", 3, "birth_date"))
def either_may_be_the_month(folder):
    return listed(folder, "external_id,given_name,birth_date\n1,Una,31/05/2014\n2,Vic,05/06/2014\n")


@case("text_damaged", *(("people.csv", line, "given_name") for line in (2, 3)))
def letters_lost(folder):
    return listed(folder, "external_id,given_name\n1,M\ufffdller\n2,MÃ¼ller\n3,Müller\n")


@case("id_invisible", *(("people.csv", line, "external_id") for line in (2, 3, 4)))
def ids_with_something_unseen(folder):
    return listed(folder, "external_id,given_name\n1\u200b2,Una\n\u200e13,Vic\n14\ufeff,Wu\n15,Xu\n")


@case("id_looks_alike", *(("people.csv", line, "external_id") for line in (2, 3, 4)))
def ids_that_look_alike(folder):
    Person.objects.filter(given_name="Carl").update(external_id="C-9")
    return listed(folder, "external_id,given_name\nab1,Una\nAB1,Vic\nＣ-9,Wu\nC-9,Carl\n17,Xu\n")


@case("id_width", ("people.csv", 2, "external_id"), ("people.csv", 6, "external_id"))
def leading_zeros_lost(folder):
    Person.objects.filter(given_name="Carl").update(external_id="0017")
    return listed(folder, "external_id,given_name\n17,Carl\n0018,Una\n0019,Vic\n0020,Wu\n21,Xu\n")


@case("guardian_twice", ("people.csv", 3, "guardian_id"))
def one_id_for_a_household(folder):
    header = "external_id,given_name,guardian_id,guardian_name"
    return listed(folder, f"{header}\n1,Una,h1,Gil\n2,Vic,h1,Gwen\n")


@case("xls_old", ("people.xls", 0, ""))
def workbook_of_old(folder):
    return listed(folder, OLE + bytes(600), "people.xls")


@case("xls_old", ("people.xlsx", 0, ""))
def workbook_of_old_with_a_new_ending(folder):
    return listed(folder, OLE + bytes(600), "people.xlsx")


@case("xlsx_password", ("people.xlsx", 0, ""))
def workbook_with_a_password(folder):
    return listed(folder, OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "people.xlsx")


def packed(folder, member, name):
    path = folder / name
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(member, "x")
    return path


@case("ods_file", ("people.ods", 0, ""))
def open_document(folder):
    return packed(folder, "content.xml", "people.ods")


@case("numbers_file", ("people.numbers", 0, ""))
def file_of_numbers(folder):
    return packed(folder, "Index/Document.iwa", "people.numbers")


@case("xlsb_file", ("people.xlsb", 0, ""))
def binary_workbook(folder):
    return packed(folder, "xl/workbook.bin", "people.xlsb")


@case("html_file", ("people.xls", 0, ""))
def web_page_as_a_workbook(folder):
    return listed(folder, "<html><table><tr><td>1</td></tr></table></html>", "people.xls")


@case("not_a_list", ("people.csv", 0, ""))
def letter(folder):
    return listed(folder, b"%PDF-1.7\n", "people.csv")


@case("file_twice", ("users.csv", 0, ""))
def two_files_of_one_name(folder):
    path = golden("1.1").folder(folder / "b")
    (path / "Users.CSV").write_text("x")
    return path


@case("email_several", ("people.csv", 2, "guardian_email"))
def two_addresses(folder):
    header = "external_id,given_name,guardian_name,guardian_email"
    return listed(folder, f"{header}\n1,Una,Gil,a@example.org; b@example.org\n")


@case("phone_invalid", ("people.csv", 2, "guardian_phone"))
def a_number_that_a_spreadsheet_has_shortened(folder):
    header = "external_id,given_name,guardian_name,guardian_phone"
    return listed(folder, f"{header}\n1,Una,Gil,4.4791E+11\n")


@case("language_unknown", ("people.csv", 2, "guardian_language_2"))
def a_language_that_no_letter_is_written_in(folder):
    header = "external_id,given_name,guardian_name_2,guardian_language_2"
    return listed(folder, f"{header}\n1,Una,Gil,Klingon\n")


@case("guardians_not_read", ("users.csv", 1, "agentSourcedIds"))
def guardian_column_of_another_name(folder):
    bundle = one_pupil()
    columns = "sourcedId,givenName,familyName,orgSourcedIds,role,agents"
    bundle.raw["users.csv"] = f"{columns}\nu1,Una,U,s1,student,g1\ng1,Gil,,s1,parent,\n".encode()
    return bundle


@case("row_of_guardian", ("people.csv", 3, "kind"))
def own_row_of_a_parent(folder):
    return listed(folder, "external_id,given_name,kind\n1,Una,Schülerin\n2,Gil,Elternteil\n")


def two_sheets(folder, first):
    book = Workbook()
    book.active.sheet_state = first
    for sheet in (book.active, book.create_sheet("List")):
        sheet.append(["external_id", "given_name"])
        sheet.append(["1", "Una"])
    book.active = 1
    book.save(folder / "people.xlsx")
    return folder / "people.xlsx"


@case("sheet_hidden", ("people.xlsx", 0, "List"))
def hidden_sheet_first(folder):
    return two_sheets(folder, "hidden")


@case("sheet_one_of_several", ("people.xlsx", 0, "Sheet"))
def two_sheets_that_show(folder):
    return two_sheets(folder, "visible")


def of(codes):
    chosen = {name: case for name, case in CASES.items() if case[0] in codes}
    return pytest.mark.parametrize(("code", "places", "make"), chosen.values(), ids=chosen)


def places_of(faults):
    return sorted((one.file, one.line, one.column) for one in faults)


@of(STOPS)
def test_a_file_that_cannot_be_read_is_told_with_line_and_reason_and_nothing_is_imported(
    planned, tmp_path, code, places, make
):
    before = Person.objects.count()
    found = planned(make(tmp_path))
    assert places_of(found.faults) == sorted(places)
    assert {one.code for one in found.faults} == {code}
    with pytest.raises(Refused, match="roster_faulty"):
        apply_plan(found)
    assert Person.objects.count() == before


@of(REFUSES)
def test_a_refused_row_is_told_with_its_reason_and_while_there_is_one_nobody_leaves(
    planned, tmp_path, cast, code, places, make
):
    Person.objects.filter(pk=cast.person("Ada").pk).update(external_id="somebody-else")
    before = Person.objects.count()
    found = planned(make(tmp_path))
    assert places_of(found.faults) == sorted(places)
    assert {one.code for one in found.faults} == {code}
    assert (found.counts.leaving, found.counts.leaving_held) == (0, 1 if found.staging.is_whole else 0)
    done = apply_plan(found)
    assert Person.objects.count() == before + done.counts.added
    assert cast.person("Ada").left_at is None


@of(NOTES)
def test_what_is_only_mentioned_is_told_with_its_place_and_refuses_no_row(
    planned, tmp_path, code, places, make
):
    found = planned(make(tmp_path))
    assert found.faults == []
    notes = [one for one in found.staging.faults(notes=True) if one.code == code]
    assert places_of(notes) == sorted(places)
    apply_plan(found)


def test_a_school_that_is_not_in_the_bundle_is_a_fault(faults):
    assert faults(golden("1.1"), org="s7") == [("orgs.csv", 0, "school_not_in_bundle", "")]


def test_reading_stops_where_nearly_everything_is_wrong(planned, tmp_path, monkeypatch):
    monkeypatch.setattr(staging, "FAULTS_MAX", 50)
    found = planned(listed(tmp_path, "external_id,given_name\n" + "1,\n" * 1000))
    assert found.staging.reasons() == {"given_name_missing": 50, "too_many_faults": 1}


def test_what_is_only_left_out_is_noted_and_stops_nothing(planned):
    bundle = user(one_pupil("1.2", agents="t1"), "t1", "Tea", role="teacher")
    user(bundle, "g1", "Gil", role="parent", agents="u8,u1")
    bundle.add("roles", sourcedId="r9", userSourcedId="u1", role="ext:prefect", orgSourcedId="s1")
    assert planned(bundle).notes == {"agent_not_guardian": 1, "role_not_used": 1, "unknown_pupil": 1}
    delta = enrol(user(Bundle("1.1", mode="delta"), "u1", "Una"), "u1", "9Z")
    assert planned(delta, org="s1").notes == {"class_not_in_delta": 1}


def test_a_pupil_whose_guardian_is_refused_is_refused_too_so_that_nobody_is_left_unasked(cast, planned):
    Guardian.objects.filter(name="Gwen").update(external_id="g1")
    bundle = user(user(one_pupil(agents="G1"), "G1", "Gil", role="parent"), "u2", "Vic", agents="g3")
    found = planned(user(bundle, "g3", "-", role="parent"))
    assert [(one.line, one.code) for one in found.faults] == [
        (2, "guardian_refused"),
        (3, "id_looks_alike"),
        (4, "guardian_refused"),
        (5, "guardian_name_missing"),
    ]
    assert (found.counts.added, found.counts.guardians_added) == (0, 0)


def test_every_reason_has_a_roster_that_shows_it():
    shown = {code for code, _, _ in CASES.values()} | {"school_not_in_bundle", "too_many_faults"}
    elsewhere = {"agent_not_guardian", "class_not_in_delta", "guardian_refused", "unknown_pupil"}
    assert shown | elsewhere == set(REASONS)
    assert len(REASONS) == len(STOPS) + len(REFUSES) + len(NOTES)


def test_every_reason_stands_in_the_reference():
    page = (Path(__file__).parents[2] / "docs" / "reference" / "roster.md").read_text(encoding="utf-8")
    assert [code for code in REASONS if f"`{code}`" not in page] == []


def test_a_fault_never_repeats_what_stands_in_the_cell(planned):
    found = planned(one_pupil(role="secret-wizard", grades="s" * 61))
    for one in found.faults + found.staging.faults(notes=True):
        assert "secret" not in repr(one)


def test_a_zip_made_from_a_folder_and_one_made_by_a_mac_are_read(planned, tmp_path):
    path = tmp_path / "mac.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name, content in golden("1.1").files().items():
            file.writestr(f"roster/{name}", content)
        file.writestr("__MACOSX/roster/._users.csv", b"x")
        file.writestr("roster/.DS_Store", b"x")
    assert planned(path).counts.added == 3
