"""Row by row: what is wrong with one row never decides about another, and nobody leaves by a mistake."""

from datetime import date

import pytest
from tests.roster.bundles import Bundle, golden, school, user
from tests.roster.test_flat_file import guardians, write

from willing.people.models import Guardian, Person
from willing.roster.dates import read_date
from willing.roster.kinds import find_kind

HEADER = "external_id,given_name,family_name,guardian_name,guardian_email"


def plain(folder, *rows, header=HEADER):
    return write(folder, "\n".join((header, *rows)) + "\n")


def of(key):
    return Person.objects.get(external_id=key)


def test_a_refused_row_leaves_its_person_as_they_are_and_the_others_are_imported(imported, planned, tmp_path):
    imported(plain(tmp_path, "1,Una,Urban,Gil,gil@example.org", "2,Vic,Urban,Gil,gil@example.org"))
    path = plain(tmp_path, "1,#N/A,Other,,", "2,Victor,Urban,Gil,gil@example.org", "3,Wu,,,")
    found = planned(path)
    assert [(one.line, one.code) for one in found.faults] == [(2, "error_cell")]
    assert imported(path) == {"added": 1, "changed": 1}
    assert (of("1").full_name, guardians("1")) == ("Una Urban", ["Gil"])
    assert of("2").full_name == "Victor Urban"


def test_while_a_row_is_refused_nobody_leaves_until_the_office_releases_them(imported, planned, tmp_path):
    imported(plain(tmp_path, *(f"{number},Una,,Gil,gil{number}@example.org" for number in range(1, 8))))
    path = plain(
        tmp_path, *(f"{number},Una,,Gil,gil{number}@example.org" for number in range(1, 6)), "6,#N/A,,,"
    )
    found = planned(path)
    assert found.is_holding
    assert (found.counts.leaving, found.counts.leaving_held) == (0, 1)
    assert [(one.outcome, one.external_id) for one in found.changes()] == [("held", "7")]
    assert imported(path) == {"unchanged": 5, "leaving_held": 1}
    assert imported(path, release=True) == {"unchanged": 5, "leaving": 1}
    assert (of("6").left_at, of("7").left_at is None) == (None, False)


def test_while_a_row_is_refused_no_guardians_say_ends_until_the_office_releases_them(imported, tmp_path):
    header = "external_id,given_name,guardian_name,guardian_name_2"
    imported(plain(tmp_path, "1,Una,Gil,", "2,Vic,Gwen,", header=header))
    path = plain(tmp_path, "1,Una,Gus,", "2,#N/A,,", header=header)
    assert imported(path) == {"unchanged": 1, "guardians_added": 1, "linked": 1, "unlinked_held": 1}
    assert guardians("1") == ["Gil", "Gus"]
    assert imported(path, release=True, unlinked=1)["unlinked"] == 1
    assert (guardians("1"), guardians("2")) == (["Gus"], ["Gwen"])


@pytest.mark.parametrize("spoilt", ["17", "0017\u200b", "００17"])
def test_who_is_in_a_refused_row_is_no_leaver_even_when_leavers_are_released(imported, tmp_path, spoilt):
    rows = [f"00{number},Una,,," for number in range(11, 17)]
    imported(plain(tmp_path, *rows, "0017,Vic,,,"))
    path = plain(tmp_path, *rows, f"{spoilt},Vic,,,")
    assert imported(path) == {"unchanged": 6}
    assert imported(path, release=True) == {"unchanged": 6}
    assert of("0017").left_at is None


def test_rows_of_one_contact_each_are_one_pupil_with_both_guardians(imported, tmp_path):
    path = plain(
        tmp_path,
        "1,Una,Urban,Gil,gil@example.org",
        "1,Una,,Gwen,gwen@example.org",
        "2,Vic,Urban,Gil,gil@example.org",
    )
    assert imported(path) == {"added": 2, "guardians_added": 2, "linked": 3}
    assert guardians("1") == ["Gil", "Gwen"]
    later = plain(
        tmp_path,
        "1,Una,Urban,Gil,gil@example.org",
        "2,Vic,Urban,Gil,gil@example.org",
        "2,Vic,,Gus,gus@example.org",
    )
    assert imported(later, unlinked=1)["unlinked"] == 1


def test_rows_that_contradict_each_other_refuse_the_person_and_name_the_row(imported, planned, tmp_path):
    imported(plain(tmp_path, "1,Una,Urban,,"))
    path = plain(tmp_path, "1,Una,Urban,Gil,", "1,Uma,Urban,Gwen,", "2,Vic,,,")
    assert [(one.line, one.code) for one in planned(path).faults] == [(3, "id_twice")]
    assert imported(path) == {"added": 1}
    assert guardians("1") == []


@pytest.mark.parametrize("row", ["1,Sukarno,", "1,,Sukarno", "1,-,Sukarno", "1,Sukarno,."])
def test_who_has_one_name_is_called_by_it(imported, tmp_path, row):
    imported(plain(tmp_path, row, header="external_id,given_name,family_name"))
    assert (of("1").given_name, of("1").family_name) == ("Sukarno", "")


def test_a_single_name_in_a_bundle_is_taken_too(imported):
    imported(user(school(Bundle("1.1")), "u1", "", "Sukarno"))
    assert of("u1").full_name == "Sukarno"


@pytest.mark.parametrize(
    "cell",
    [
        "a@example.org; b@example.org",
        "a@example.org, b@example.org",
        "a@example.org b@example.org",
        "a@example.org/b@example.org",
        "Ann <a@example.org>；b@example.org",
    ],
)
def test_several_addresses_in_a_cell_are_taken_and_mentioned(imported, planned, tmp_path, cell):
    path = plain(tmp_path, f'1,Una,,Gil,"{cell}"', "2,Vic,,Gwen,gwen@example.org")
    assert planned(path).faults == []
    assert planned(path).notes == {"email_several": 1}
    assert imported(path)["guardians_added"] == 2
    assert Guardian.objects.get(name="Gil").email == "a@example.org"


def test_an_address_that_is_none_is_left_out_and_ends_no_say(imported, planned, tmp_path):
    imported(plain(tmp_path, "1,Una,,Gil,gil@example.org"))
    path = plain(tmp_path, "1,Una,,Gil,gil at home")
    assert planned(path).notes == {"email_invalid": 1}
    assert "unlinked" not in imported(path)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Teacher", "staff"),
        ("Lehrer", "staff"),
        ("Lehrer/in", "staff"),
        ("教师", "staff"),
        ("老师", "staff"),
        ("Schüler", "pupil"),
        ("SCHÜLER:IN", "pupil"),
        ("Schülerin", "pupil"),
        ("学生", "pupil"),
        ("Élève", "pupil"),
        ("Parent", "parent"),
        ("Eltern", "parent"),
        ("家长", "parent"),
        ("Teacher / Parent", "staff"),
        ("Teaching Assistant", "staff"),
        ("Học sinh", "pupil"),
        ("", ""),
        ("cat", None),
        ("?", None),
    ],
)
def test_roles_are_read_as_plain_lists_write_them(word, kind):
    assert find_kind(word) == kind


def test_a_list_that_says_no_role_leaves_staff_what_they_are(imported, tmp_path):
    imported(plain(tmp_path, "1,Tea,Teacher", "2,Una,", header="external_id,given_name,kind"))
    assert imported(plain(tmp_path, "1,Tea", "2,Una", "3,Vic", header="external_id,given_name"))["added"] == 1
    assert [of(key).kind for key in "123"] == ["staff", "pupil", "pupil"]


def test_a_teacher_may_be_a_parent_in_a_plain_list(imported, tmp_path):
    header = "external_id,given_name,kind,guardian_id,guardian_name"
    assert (
        imported(plain(tmp_path, "t1,Tea,Teacher,,", "1,Una,Pupil,t1,Tea Cher", header=header))["added"] == 2
    )
    assert guardians("1") == ["Tea Cher"]


def test_a_teacher_may_be_a_parent_by_two_rows_of_a_bundle(imported, planned):
    bundle = user(school(Bundle("1.1")), "u1", "Una", agents="t1")
    user(user(bundle, "t1", "Tea", "Cher", role="teacher"), "t1", "Tea", "Cher", role="parent")
    assert planned(bundle).faults == []
    imported(bundle)
    assert (of("t1").kind, guardians("u1")) == ("staff", ["Tea Cher"])


@pytest.mark.parametrize(
    ("text", "form", "iso"),
    [
        ("31/05/2014", "dmy", "2014-05-31"),
        ("05/31/2014", "mdy", "2014-05-31"),
        ("31.05.2014", "", "2014-05-31"),
        ("05/06/2014", "dmy", "2014-06-05"),
        ("05/06/2014", "mdy", "2014-05-06"),
        ("5-6-2014", "dmy", "2014-06-05"),
        ("2014/5/31", "", "2014-05-31"),
        ("2014年5月31日", "", "2014-05-31"),
        ("２０１４-０５-３１", "", "2014-05-31"),
        ("41790", "serial", "2014-05-31"),
        ("31/05/2014 00:00:00", "", "2014-05-31"),
    ],
)
def test_dates_are_read_in_the_chosen_form(text, form, iso):
    assert read_date(text, form) == iso


@pytest.mark.parametrize(
    ("text", "form", "code"),
    [
        ("05/06/2014", "", "date_ambiguous"),
        ("31/05/2014", "mdy", "date_invalid"),
        ("31.5.14", "", "date_invalid"),
        ("41790", "", "date_invalid"),
        ("31/02/2014", "dmy", "date_invalid"),
        ("May 31", "", "date_invalid"),
    ],
)
def test_what_may_be_another_day_is_no_date(text, form, code):
    with pytest.raises(ValueError, match=code):
        read_date(text, form)


def test_the_form_of_dates_is_chosen_for_the_whole_list(imported, planned, tmp_path):
    path = plain(tmp_path, "1,Una,05/06/2014", "2,Vic,", header="external_id,given_name,birth_date")
    assert [one.code for one in planned(path).faults] == ["date_ambiguous"]
    imported(path, date_form="mdy")
    assert of("1").birth_date == date(2014, 5, 6)


def test_a_list_with_room_for_one_guardian_ends_nobodys_say_who_has_two(imported, planned, tmp_path):
    two = "external_id,given_name,guardian_name,guardian_name_2"
    imported(plain(tmp_path, "1,Una,Gil,Gwen", "2,Vic,Gus,", header=two))
    path = plain(tmp_path, "1,Una,Gil", "2,Vic,Gert", header="external_id,given_name,guardian_name")
    assert imported(path, unlinked=1)["unlinked"] == 1
    assert (guardians("1"), guardians("2")) == (["Gil", "Gwen"], ["Gert"])


def test_a_list_without_a_column_for_guardians_says_so_and_an_empty_one_means_none(
    imported, planned, tmp_path
):
    imported(plain(tmp_path, "1,Una,,Gil,"))
    without = plain(tmp_path, "1,Una", header="external_id,given_name")
    assert [(one.code, one.column) for one in planned(without).staging.faults(notes=True)] == [
        ("guardians_not_read", "guardian_name")
    ]
    assert imported(without) == {"unchanged": 1}
    assert imported(plain(tmp_path, "1,Una,,,"), unlinked=1)["unlinked"] == 1


def test_columns_that_nobody_reads_may_repeat(imported, tmp_path):
    path = plain(tmp_path, "1,Una,5,6,", header="external_id,given_name,Telefon,Telefon,")
    assert imported(path) == {"added": 1}


def test_the_header_may_be_on_a_later_line(imported, planned, tmp_path):
    path = write(tmp_path, "Pupils of 7A,,\n\nexternal_id,given_name\n1,Una\n2,#N/A\n")
    assert [one.code for one in planned(path).faults] == ["column_missing"]
    assert [one.line for one in planned(path, header_line=3).faults] == [5]
    assert imported(path, header_line=3) == {"added": 1}


def test_a_line_that_names_the_delimiter_is_no_header(imported, tmp_path):
    assert imported(write(tmp_path, "sep=;\nexternal_id;given_name\n1;Una\n")) == {"added": 1}


def test_marks_that_came_along_are_taken_off_names(imported, tmp_path):
    imported(plain(tmp_path, "1,\u200eמרים\u200f,\ufeffMül\u00adler\u00a0,,", "2,می\u200cنا,,,"))
    assert [of(key).full_name for key in "12"] == ["מרים Müller", "می\u200cنا"]


def test_a_bundle_is_read_with_trailing_commas_and_names_in_any_case(imported, tmp_path):
    path = tmp_path / "b"
    path.mkdir()
    for name, content in golden("1.1").files().items():
        lines = content.decode().replace("sourcedId", "SourcedID").splitlines()
        changed = lines if name == "manifest.csv" else [lines[0], *(f"{line},," for line in lines[1:])]
        (path / name.title()).write_text("\n".join(changed), encoding="utf-8")
    assert imported(path)["added"] == 3


def test_a_number_that_was_spoilt_is_told_as_that_and_not_as_two_alike(planned, tmp_path):
    path = plain(tmp_path, "110101201405310000,Una,,,", "110101201405310000,Vic,,,")
    assert [one.code for one in planned(path).faults] == ["number_rounded"]


def test_ids_that_were_always_two_stay_two(cast, imported, tmp_path):
    for name, key in (("Ada", "ab1"), ("Carl", "AB1")):
        Person.objects.filter(pk=cast.person(name).pk).update(external_id=key)
    assert "added" not in imported(plain(tmp_path, "ab1,Ada,Agrees,,", "AB1,Carl,Cards,,"))
