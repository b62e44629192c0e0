"""Plain lists, CSV and XLSX, with columns of any name."""

from datetime import date

import pytest
from openpyxl import Workbook

from willing.people.models import Guardian, Person
from willing.people.queries import listed_guardians
from willing.roster.peek import guess_columns

GERMAN = (
    "Nr;Vorname;Name;Klasse;Mutter;Vater;E-Mail\n"
    "17;Jörg;Öztürk;7a;Ayşe Öztürk;Can Öztürk;familie@example.org\n"
)
MAP = {
    "external_id": "Nr",
    "given_name": "Vorname",
    "family_name": "Name",
    "year": "Klasse",
    "guardian_name": "Mutter",
    "guardian_email": "E-Mail",
    "guardian_name_2": "Vater",
    "guardian_email_2": "E-Mail",
}


def write(folder, content, name="people.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def sheet(folder, *rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder / "people.xlsx")
    return folder / "people.xlsx"


def guardians(key):
    return sorted(one.name for one in listed_guardians(Person.objects.get(external_id=key).id))


def test_columns_are_mapped_and_a_family_of_one_address_keeps_both_guardians(imported, tmp_path):
    path = write(tmp_path, GERMAN)
    assert imported(path, columns=MAP) == {"added": 1, "guardians_added": 2, "linked": 2}
    person = Person.objects.get(external_id="17")
    assert (person.full_name, person.year_group.name, person.kind) == ("Jörg Öztürk", "7a", "pupil")
    assert guardians("17") == ["Ayşe Öztürk", "Can Öztürk"]
    assert imported(path, columns=MAP) == {"unchanged": 1}


def test_a_date_of_birth_is_read_from_its_column_of_pupils_only(imported, tmp_path):
    rows = "external_id,given_name,kind,born\n1,Una,,2014-05-31\n2,Tea,staff,1980-01-01\n3,Vic,,\n"
    imported(write(tmp_path, rows), columns={"birth_date": "born"})
    people = Person.objects.filter(external_id__in="123").order_by("external_id")
    assert [one.birth_date for one in people] == [date(2014, 5, 31), None, None]


def test_a_guardian_of_two_pupils_is_one_guardian(imported, tmp_path):
    header = "external_id,Given Name,guardian_name,guardian_email"
    rows = f"{header}\n1,Una,Gil,gil@example.org\n2,Vic,Gil,GIL@example.org\n"
    assert imported(write(tmp_path, rows))["guardians_added"] == 1
    assert guardians("1") == guardians("2") == ["Gil"]
    assert Guardian.objects.get(external_id__startswith="made:").name == "Gil"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_chinese_list_is_read_in_each_encoding(planned, tmp_path, encoding):
    rows = "学号,姓名,班级,家长\r\n001,王小明,七年级(1)班,王大明\r\n002,李雷,七年级(2)班,李强\r\n"
    columns = {"external_id": "学号", "given_name": "姓名", "year": "班级", "guardian_name": "家长"}
    found = planned(write(tmp_path, rows.encode(encoding)), columns=columns)
    assert [(one.external_id, one.given_name, one.year) for one in found.changes()] == [
        ("001", "王小明", "七年级(1)班"),
        ("002", "李雷", "七年级(2)班"),
    ]


def test_letters_of_a_german_spreadsheet_are_read_when_the_encoding_is_told(planned, tmp_path):
    path = write(tmp_path, GERMAN.replace("ş", "s").encode("cp1252"))
    assert planned(path, columns=MAP, encoding="cp1252").changes()[0].given_name == "Jörg"
    assert [one.code for one in planned(path, columns=MAP, encoding="utf-8").faults] == ["encoding_unknown"]


def test_a_workbook_is_read_as_text(imported, tmp_path):
    path = sheet(
        tmp_path,
        ["external_id", "given_name", "family_name", "year", "kind", None],
        [7, "Una", None, 8, None, None],
        [8.0, "Vic", "=1+1"[1:], "1/2", "staff", date(2026, 9, 1)],
        [None, None, None, None, None, None],
    )
    imported(path)
    una, vic = (Person.objects.get(external_id=key) for key in ("7", "8"))
    assert (una.full_name, una.year_group.name) == ("Una", "8")
    assert (vic.full_name, vic.year_group.name, vic.kind) == ("Vic 1+1", "1/2", "staff")


def test_text_that_looks_like_a_formula_stays_text_in_a_workbook(imported, tmp_path):
    book = Workbook()
    book.active.append(["external_id", "given_name"])
    book.active.append(["1", "x"])
    cell = book.worksheets[0]["B2"]
    cell.value, cell.data_type = "=HYPERLINK()", "s"
    book.save(tmp_path / "people.xlsx")
    imported(tmp_path / "people.xlsx")
    assert Person.objects.get(external_id="1").given_name == "=HYPERLINK()"


def test_newcomers_alone_are_added_when_who_is_absent_stays(imported, tmp_path):
    imported(write(tmp_path, "external_id,given_name\n1,Una\n2,Vic\n"))
    path = write(tmp_path, "external_id,given_name\n3,Wu\n", "new.csv")
    assert imported(path, absent_stay=True) == {"added": 1}
    assert imported(path, leavers=2)["leaving"] == 2


def test_a_list_without_a_column_for_the_year_leaves_years_as_they_are(imported, tmp_path):
    imported(write(tmp_path, "external_id,given_name,year\n1,Una,7A\n"))
    assert imported(write(tmp_path, "external_id,given_name\n1,Una\n")) == {"unchanged": 1}
    assert Person.objects.get(external_id="1").year_group.name == "7A"


def test_rows_that_end_early_are_read_as_spreadsheets_write_them(planned, tmp_path):
    found = planned(write(tmp_path, "external_id,given_name,family_name\n1,Una\n2,Vic,Urban,,\n\n"))
    assert [one.family_name for one in found.changes()] == ["", "Urban"]


def test_columns_are_known_by_what_schools_call_them_and_a_surname_is_no_whole_name():
    odd = ["Admission No", "Pupil", "Surname", "Form", "Parent", "Parent email", "DOB", "House"]
    assert guess_columns(odd) == {
        "external_id": "Admission No",
        "given_name": "Pupil",
        "family_name": "Surname",
        "year": "Form",
        "guardian_name": "Parent",
        "guardian_email": "Parent email",
        "birth_date": "DOB",
    }
    assert guess_columns(["学号", "学生姓名", "班级"])["given_name"] == "学生姓名"
    numbered = ["Parent 1", "Parent 1 e-mail", "Parent 1 phone", "Parent 2", "Parent 2 mobile"]
    fields = ["guardian_name", "guardian_email", "guardian_phone", "guardian_name_2", "guardian_phone_2"]
    assert guess_columns(numbered) == dict(zip(fields, numbered, strict=True))
    chinese = ["家长1", "家长1邮箱", "家长电话", "家长2姓名", "家长2手机"]
    assert guess_columns(chinese) == dict(zip(fields, chinese, strict=True))
    assert guess_columns(["No", "Surname"]) == {"external_id": "No", "family_name": "Surname"}
