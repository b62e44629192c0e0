"""A bundle that lies about its sizes, its names or its rows is refused by name."""

import struct
import zipfile
import zlib

import pytest
from tests.roster.bundles import golden

from willing.people.models import Person


def codes(plan) -> set[str]:
    return {one.code for one in plan.faults}


def outside(folder) -> set:
    """Return every file near a bundle, the databases of the test left out."""
    return {path for place in (folder, folder.parent) for path in place.glob("*")}


def rewritten(path, change):
    """Rewrite a zip file's bytes."""
    path.write_bytes(change(bytearray(path.read_bytes())))
    return path


def lie_about_size(archive: bytearray, stated: int) -> bytearray:
    """State another size of the first member, in its own header and in the list at the end."""
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = archive.index(mark)
        archive[at + place : at + place + 4] = struct.pack("<I", stated)
    return archive


def overlapping(path, times: int):
    """Let many entries of the list at the end point at one body (a zip bomb without nesting)."""
    body = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = body.compress(b"0" * 900_000) + body.flush()
    crc = zlib.crc32(b"0" * 900_000)
    sizes = struct.pack("<III", crc, len(packed), 900_000)
    local = (
        b"PK\x03\x04"
        + struct.pack("<HHHHH", 20, 0, 8, 0, 0x21)
        + sizes
        + struct.pack("<HH", 9, 0)
        + b"users.csv"
    )
    listed = b""
    for number in range(times):
        name = f"{number:04}.csv".encode()
        listed += b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 0x21) + sizes
        listed += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack(
        "<HHHHIIH", 0, 0, times, times, len(listed), len(local) + len(packed), 0
    )
    path.write_bytes(local + packed + listed + end)
    return path


@pytest.mark.parametrize("stated", [0, 1, 10, 0x7FFFFFFF, 0xFFFFFFFE])
def test_a_member_that_lies_about_its_size_is_refused(planned, tmp_path, stated):
    path = golden("1.1").zip(tmp_path / "bundle.zip")
    plan = planned(rewritten(path, lambda archive: lie_about_size(archive, stated)))
    assert codes(plan) & {"zip_broken", "zip_ratio", "file_too_large", "file_empty", "column_missing"}
    assert plan.faults


@pytest.mark.parametrize("times", [3, 199, 5000])
def test_entries_that_share_one_body_are_refused(planned, tmp_path, times):
    assert codes(planned(overlapping(tmp_path / "bundle.zip", times))) & {"zip_broken", "too_many_files"}


@pytest.mark.parametrize(
    "name",
    [
        "../users.csv",
        "/etc/users.csv",
        "a/../../users.csv",
        "..\\users.csv",
        "C:\\users.csv",
        "C:users.csv",
        "\\\\host\\share\\users.csv",
        "users.csv\0.txt",
        "./../users.csv",
    ],
)
def test_a_name_that_leads_out_of_the_bundle_is_refused_and_nothing_is_written(planned, tmp_path, name):
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w") as archive:
        member = zipfile.ZipInfo("x")
        member.filename = member.orig_filename = name
        archive.writestr(member, b"sourcedId\n1\n")
    before = outside(tmp_path)
    plan = planned(tmp_path / "bundle.zip")
    assert codes(plan) & {"zip_path", "zip_broken", "manifest_missing"}, plan.faults
    assert outside(tmp_path) == before


def test_a_zip_inside_a_zip_is_no_file_of_a_roster(planned, tmp_path):
    inner = golden("1.1").zip(tmp_path / "inner.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w") as archive:
        archive.writestr("manifest.csv", inner)
        archive.writestr("users.csv", inner)
    assert planned(tmp_path / "bundle.zip").faults


def test_a_line_of_five_megabytes_is_refused_by_name(planned, tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(b"external_id,given_name,family_name,year\n1,Ada," + b"x" * 5_000_000 + b",7A\n")
    assert codes(planned(path)) == {"line_too_long"}


@pytest.mark.parametrize("ended", [b"", b"\n2,Bo,Bell,7A\n" * 20_000])
def test_a_quote_that_is_never_closed_is_refused_by_name_with_its_line(planned, tmp_path, ended):
    path = tmp_path / "list.csv"
    path.write_bytes(b'external_id,given_name,family_name,year\n1,"Ada,Agrees,7A' + ended)
    (fault,) = planned(path).faults
    assert fault.code in {"csv_broken", "cell_too_long"}
    assert fault.line == 2


def workbook(path, sheet: bytes):
    """Write the least that is a workbook, with this sheet."""
    space = "http://schemas.openxmlformats.org"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{space}/package/2006/content-types"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/xl/workbook.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
            '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
            '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        )
        kind = f"{space}/officeDocument/2006/relationships"
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{space}/package/2006/relationships"><Relationship Id="r" '
            f'Type="{kind}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{space}/spreadsheetml/2006/main" xmlns:r="{kind}"><sheets>'
            '<sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{space}/package/2006/relationships"><Relationship Id="r1" '
            f'Type="{kind}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return path


def test_a_workbook_whose_entities_swell_is_refused(planned, tmp_path):
    laughs = b"".join(
        b'<!ENTITY l%d "%s">' % (number, b"&l%d;" % (number - 1) * 10 if number else b"lol" * 10)
        for number in range(10)
    )
    sheet = (
        b'<?xml version="1.0"?><!DOCTYPE x ['
        + laughs
        + b"]><worksheet><sheetData>&l9;</sheetData></worksheet>"
    )
    assert planned(workbook(tmp_path / "list.xlsx", sheet)).faults


def test_a_workbook_that_swells_is_refused_before_it_is_read(planned, tmp_path):
    path = workbook(tmp_path / "list.xlsx", b"<worksheet>" + b" " * 60_000_000 + b"</worksheet>")
    assert codes(planned(path)) & {"zip_ratio", "file_too_large"}


def test_a_workbook_of_a_million_empty_columns_is_read_or_refused_without_them(planned, tmp_path):
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cell = b'<c r="XFD1048576" t="inlineStr"><is><t>id</t></is></c>'
    sheet = (
        b'<worksheet xmlns="'
        + space
        + b'"><sheetData><row r="1048576">'
        + cell
        + b"</row></sheetData></worksheet>"
    )
    assert planned(workbook(tmp_path / "list.xlsx", sheet)).faults


@pytest.mark.parametrize("lead", ["=", "+", "-", "@", "\t=", "\r=", "＝"])
def test_a_name_that_a_spreadsheet_would_run_stays_the_text_it_is(imported, tmp_path, lead):
    path = tmp_path / "list.csv"
    path.write_text(
        f"external_id,given_name,family_name,year\n77,\"{lead}CMD|'/c calc'!A1\",Bell,7A\n", encoding="utf-8"
    )
    try:
        imported(path)
    except Exception:  # noqa: BLE001  # refused is as good
        return
    (one,) = Person.objects.filter(external_id="77")
    assert one.given_name.endswith("CMD|'/c calc'!A1")
