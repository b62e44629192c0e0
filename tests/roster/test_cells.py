"""Whatever bytes come, reading ends with rows or with faults that have a reason, never with a crash."""

import io
import string
from datetime import date

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.roster.bundles import golden

from willing.roster.cells import (
    clean_date,
    clean_email,
    clean_id,
    clean_language,
    clean_list,
    clean_name,
    clean_phone,
    clean_text,
)
from willing.roster.flat_file import FIELDS, read_plain
from willing.roster.languages import LANGUAGES
from willing.roster.oneroster import read_oneroster
from willing.roster.row_errors import REASONS, Unreadable
from willing.roster.sources import Zip
from willing.roster.staging import Staging

SETTINGS = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

TODAY = date(2026, 11, 22)


class Memory:
    """Files in memory."""

    name = "memory"

    def __init__(self, files):
        self.files = files

    def names(self):
        return frozenset(self.files)

    def open(self, file):
        return io.BytesIO(self.files[file])


def read(how, files, **options):
    staging = Staging()
    try:
        how(Memory(files), staging, **options)
        faults = staging.faults() + staging.faults(notes=True)
        persons = [one for batch in staging.persons(100) for one in batch]
    finally:
        staging.close()
    assert all(fault.code in REASONS for fault in faults)
    return persons, faults


anything = st.one_of(
    st.binary(max_size=400),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
    st.text(alphabet='",;\r\n\t =01aé王', max_size=200).map(str.encode),
)


@SETTINGS
@given(anything)
def test_any_bytes_as_a_plain_list_end_in_rows_or_faults(content):
    persons, faults = read(read_plain, {"p.csv": content}, columns={}, encoding="")
    assert not persons or not any(one.line == 0 for one in faults)


@SETTINGS
@given(st.binary(max_size=300))
def test_any_bytes_as_a_workbook_end_in_faults(content):
    assert read(read_plain, {"p.xlsx": content}, columns={}, encoding="")[1]


@SETTINGS
@given(st.sampled_from(["1.1", "1.2"]), st.data())
def test_any_damage_to_a_bundle_ends_in_rows_or_faults(version, data):
    files = golden(version).files()
    name = data.draw(st.sampled_from(sorted(files)))
    content = bytearray(files[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    files[name] = bytes(content)
    read(read_oneroster, files, org="", today=TODAY)


@SETTINGS
@given(st.data())
def test_any_bytes_as_a_zip_are_refused_or_read(tmp_path, data):
    whole = golden("1.1").zip(tmp_path / "whole.zip").read_bytes()
    content = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.zip"
    path.write_bytes(content)
    try:
        source = Zip(path)
    except Unreadable as broken:
        source, code = None, broken.fault.code
    assert source is not None or code in REASONS
    if source is not None:
        read(lambda _, staging, **how: read_oneroster(source, staging, **how), {}, org="", today=TODAY)


cell = st.text(alphabet=string.ascii_letters + string.digits + ' ,;"\n王é=@+-', max_size=20)


@SETTINGS
@given(
    st.dictionaries(st.text(string.ascii_letters + string.digits, min_size=1, max_size=8), cell, max_size=8)
)
def test_what_a_spreadsheet_writes_is_what_is_read(names):
    import csv

    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["external_id", "given_name"])
    writer.writerows(names.items())
    persons, faults = read(read_plain, {"p.csv": out.getvalue().encode()}, columns={}, encoding="utf-8")
    wanted = {key: " ".join(name.split()) for key, name in names.items() if name.split()}
    read_names = {one.external_id: one.given_name for one in persons}
    assert read_names.items() <= wanted.items()
    refused = {one.line for one in faults if not one.is_note}
    assert len(refused) == len(names) - len(read_names)


def attempt(clean, text):
    """Return what cleaning gives and "", or "" and the reason why not."""
    try:
        return clean(text), ""
    except ValueError as error:
        return "", str(error)


@SETTINGS
@given(st.text(max_size=40))
def test_a_cleaned_value_stays_as_it_is_when_cleaned_again_and_has_no_line_breaks(text):
    for clean in (clean_text, clean_id, clean_name, clean_email, clean_date):
        cleaned, code = attempt(clean, text)
        assert code == "" or code in REASONS
        assert attempt(clean, cleaned)[0] == cleaned
        assert len(cleaned.splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("2026-09-01", "2026-09-01"),
        ("2026-09-01T08:00:00.000Z", "2026-09-01"),
        ("", ""),
        (" 2026-09-01 ", "2026-09-01"),
    ],
)
def test_dates_and_moments_are_read(text, cleaned):
    assert clean_date(text) == cleaned


@pytest.mark.parametrize(
    "text", ["20260901", "2026-13-01", "2026-W36-2", "1.9.26", "31.02.2026", "2026-09-01x"]
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match="date_invalid"):
        clean_date(text)


def test_lists_of_ids_are_parted_by_commas_and_may_be_empty():
    assert clean_list("a, b,,c") == ["a", "b", "c"]
    assert clean_list("") == []


def test_fields_are_the_ones_that_the_reference_lists():
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "reference" / "roster.md").read_text(encoding="utf-8")
    assert [field for field in FIELDS if not field[-1].isdigit() and f"`{field}`" not in page] == []


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("+44 20 7946 0000", "+44 20 7946 0000"),
        ("０２０-1234", "020-1234"),
        ("(030) 12/34", "(030) 12/34"),
        ("n/a", ""),
        ("", ""),
    ],
)
def test_a_telephone_number_is_kept_as_it_is_written_in_plain_digits(cell, phone):
    assert clean_phone(cell) == phone


@pytest.mark.parametrize("cell", ["4.4791E+11", "447911123456.0", "ask grandma", "12", "0" * 41, "1; drop"])
def test_what_is_no_telephone_number_is_named(cell):
    with pytest.raises(ValueError, match="phone_invalid"):
        clean_phone(cell)


@pytest.mark.parametrize(
    ("cell", "code"),
    [("English", "en"), ("en-GB", "en"), ("ANGLAIS", "en"), ("zh_CN", "zh-hans"), ("中文", "zh-hans"),
     ("Simplified Chinese", "zh-hans"), ("-", ""), ("", "")],
)  # fmt: skip
def test_a_language_is_known_by_its_names(cell, code):
    assert clean_language(cell) == code


def test_a_language_that_nothing_is_written_in_is_named():
    with pytest.raises(ValueError, match="language_unknown"):
        clean_language("Klingon")


def test_every_language_that_lists_may_name_is_one_that_letters_are_written_in():
    assert set(LANGUAGES.values()) == set(dict(django_settings.LANGUAGES))
