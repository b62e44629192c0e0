"""`willing bank import`: for those who automate it."""

import io
import json
import zipfile

import pytest
from click.testing import CliRunner
from openpyxl import Workbook
from tests.payments.conftest import bank  # noqa: F401  (a fixture)
from tests.payments.samples import camt, entry

from willing.core.errors import Refused
from willing.ledger.queries import available_minor
from willing.ops.bank_cli import bank as command
from willing.ops.bank_files import BYTES_MAX, is_list, read_bank_file
from willing.payments.models import StatementLine


@pytest.fixture
def call(tmp_path):
    def run(content, *options, name="statement.xml"):
        path = tmp_path / name
        path.write_bytes(content)
        return CliRunner().invoke(command, ["import", str(path), *options])

    return run


def test_a_dry_run_says_what_would_happen_and_does_nothing(bank, call):  # noqa: F811
    before = available_minor(bank.cast.person("Ada"))
    done = call(camt(bank.pays("Ada"), entry(ref="BANK0000000002")), "--dry-run", "--json")
    said = json.loads(done.output)
    assert {name: said[name] for name in ("dry_run", "added", "known", "booked", "waiting")} == {
        "dry_run": True,
        "added": 2,
        "known": 0,
        "booked": 1,
        "waiting": 1,
    }
    assert (StatementLine.objects.count(), available_minor(bank.cast.person("Ada"))) == (0, before)


def test_an_import_books_and_again_adds_nothing(bank, call):  # noqa: F811
    content = camt(bank.pays("Ada"), entry(way="DBIT"))
    assert "1 added, 0 known, 1 booked, 0 waiting" in call(content).output
    assert "0 added, 1 known, 0 booked, 0 waiting" in call(content).output


def test_an_entry_that_can_t_be_read_is_named_and_the_rest_imported(bank, call):  # noqa: F811
    done = call(camt(bank.pays("Ada"), entry(currency="USD", ref="BANK0000000002")), "--json")
    assert done.exit_code == 1
    assert json.loads(done.output)["faults"] == [{"where": "S1 / 2", "code": "other_currency"}]
    assert StatementLine.objects.count() == 1
    assert "other_currency" in call(camt(entry(currency="USD"))).output


def test_a_file_that_is_none_is_refused_by_its_code(bank, call):  # noqa: F811
    done = call(camt(entry())[:-20])
    assert done.exit_code == 1
    assert "statement_broken" in done.output


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for name, content in files.items():
            bundle.writestr(name.replace("_", "."), content)
    return out.getvalue()


def workbook(*rows):
    out, book = io.BytesIO(), Workbook()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def test_files_are_known_by_what_is_in_them(bank):  # noqa: F811
    both = zipped(a_xml=camt(entry()), b_xml=camt(entry(ref="BANK0000000002")))
    assert len(read_bank_file(bank.school, "statements.zip", both).bookings) == 2
    assert not is_list("statements.zip", both)
    wide = camt(entry(), encoding="UTF-16")
    assert len(read_bank_file(bank.school, "list.csv", wide).bookings) == 1
    sheet = workbook(("Date", "Amount", "Text"), ("2026-11-25", "12.50", "RF"))
    assert is_list("list.xlsx", sheet)
    (found,) = read_bank_file(bank.school, "list.xlsx", sheet).bookings
    assert found.amount_minor == 1250


def test_a_row_with_too_many_cells_is_left_out_by_name(bank):  # noqa: F811
    content = b"Date,Amount,Text\n2026-11-25,1.00,a\n2026-11-25,2.00,b,c,d\n"
    read = read_bank_file(bank.school, "list.csv", content)
    assert (len(read.bookings), read.faults) == (1, [("3", "row_width")])


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "statement_kind_unknown"),
        ("a.csv", b"\n\n", "statement_kind_unknown"),
        ("a.csv", b"colour,shape\nred,round\n", "statement_columns_missing"),
        ("a.csv", "Date,Amount,Gebühr\n1,2,3\n".encode("cp1252"), "statement_encoding"),
        ("a.csv", b'Date,Amount\n"2026-11-25,1\n', "statement_broken"),
        ("a.zip", zipped(a_txt=b"x"), "statement_kind_unknown"),
        ("a.zip", zipped(a_xml=camt(entry()))[:-30], "statement_broken"),
        ("a.csv", b"x" * (BYTES_MAX + 1), "statement_too_large"),
    ],
)
def test_a_list_that_is_none_is_refused_by_its_cause(bank, name, content, code):  # noqa: F811
    with pytest.raises(Refused, match=code):
        read_bank_file(bank.school, name, content)
