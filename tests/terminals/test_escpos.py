"""Receipts as bytes: read back as a printer reads them, command by command."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.terminals.escpos import CharactersMissing, ReceiptRow, find_missing, is_ready, write_receipt
from willing.terminals.printer_rules import COLUMNS, TABLES

# A command that we send, as the printer knows where it ends.
COMMAND = re.compile(rb"\x1b@|\x1bt(.)|\x1bE[\x00\x01]|\x1c[&.]|\x1dVB\x00", re.DOTALL)


def read_back(sent: bytes) -> tuple[list[bytes], list[str]]:
    """Return the commands, and the lines of text in the table that was chosen."""
    commands = [found[0] for found in COMMAND.finditer(sent)]
    text = COMMAND.sub(b"", sent)
    number = next((one[2] for one in commands if one.startswith(b"\x1bt")), None)
    encoding = next(table.encodings[-1] for table in TABLES.values() if table.number == number)
    return commands, text.decode(encoding).split("\n")


def columns_of(line: str, name: str) -> int:
    return sum(2 if name == "chinese" and not one.isascii() else 1 for one in line)


def test_a_receipt_begins_anew_chooses_its_table_and_is_cut() -> None:
    sent = write_receipt([ReceiptRow("Meal", "2.50")], columns=32, table=TABLES["west"])
    commands, lines = read_back(sent)
    assert commands == [b"\x1b@", b"\x1c.", b"\x1bt\x13", b"\x1dVB\x00"]
    assert lines[0] == "Meal" + " " * 24 + "2.50"
    assert sent.endswith(b"\n\n\n\x1dVB\x00")


def test_the_bytes_are_those_that_python_escpos_writes() -> None:
    # Of 3.1: HW_INIT, CODEPAGE_CHANGE, TXT_STYLE["bold"], _CUT_PAPER(b"B") with nothing to feed.
    sent = write_receipt([ReceiptRow("Total", "1.00", is_bold=True)], columns=32, table=TABLES["windows"])
    assert sent == (b"\x1b@\x1c.\x1bt\x10\x1bE\x01Total" + b" " * 23 + b"1.00\n\x1bE\x00\n\n\n\x1dVB\x00")


@pytest.mark.parametrize(
    ("name", "text", "written"),
    [
        ("west", "Crème brûlée £2 €1", "Crème brûlée £2 €1".encode("cp858")),
        ("windows", "Œuf €", "Œuf €".encode("cp1252")),
        ("central", "Żurek ő", "Żurek ő".encode("cp852")),
        ("cyrillic", "Борщ", "Борщ".encode("cp866")),
        ("chinese", "套餐 A ¥2", "套餐 A ￥2".encode("gb18030")),
        ("west", "a “b” – c…", b'a "b" - c...'),
        ("cyrillic", "2×3", b"2x3"),
        ("west", "Żurek", b"Zurek"),
        ("chinese", "㐀", "㐀".encode("gb18030")),
    ],
)
def test_each_set_writes_its_own_characters_and_the_nearest_of_others(
    name: str, text: str, written: bytes
) -> None:
    assert written in write_receipt([ReceiptRow(text)], columns=48, table=TABLES[name])


def test_a_character_that_a_printer_lacks_is_named_and_not_replaced() -> None:
    with pytest.raises(CharactersMissing) as missing:
        write_receipt([ReceiptRow("套餐", "£1")], columns=48, table=TABLES["cyrillic"])
    assert missing.value.missing == "套餐£"
    assert find_missing(["Meal"], TABLES["cyrillic"]) == ""


@given(
    st.lists(st.tuples(st.text(max_size=90), st.sampled_from(["", "2.50", "1,234.00"]), st.booleans())),
    st.sampled_from(COLUMNS),
    st.sampled_from(sorted(TABLES)),
)
def test_no_text_is_a_command_and_no_line_is_wider_than_the_paper(
    texts: list[tuple[str, str, bool]], columns: int, name: str
) -> None:
    table = TABLES[name]
    rows = [
        ReceiptRow(left, right, is_bold=flag, is_centred=flag)
        for left, right, flag in texts
        if not find_missing([left], table)
    ]
    commands, lines = read_back(write_receipt(rows, columns=columns, table=table))
    assert commands.count(b"\x1bE\x01") == commands.count(b"\x1bE\x00")
    assert len(commands) == (3 if table.number is None else 4) + 2 * commands.count(b"\x1bE\x01")
    assert all(columns_of(line, name) <= columns for line in lines)
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", "".join(lines))


def test_a_long_name_is_wrapped_between_words_and_its_sum_is_at_the_end() -> None:
    sent = write_receipt([ReceiptRow("2 x " + "rice " * 8, "12.00")], columns=32, table=TABLES["west"])
    assert read_back(sent)[1][:2] == ["2 x rice rice rice rice rice", "rice rice rice" + " " * 13 + "12.00"]
    sent = write_receipt(
        [ReceiptRow("x" * 40, "12.00"), ReceiptRow("y" * 30, "1.00")], columns=32, table=TABLES["west"]
    )
    assert read_back(sent)[1][:4] == [
        "x" * 32, "x" * 8 + " " * 19 + "12.00", "y" * 30, " " * 28 + "1.00"
    ]  # fmt: skip


def test_a_chinese_line_counts_two_columns_a_character() -> None:
    sent = write_receipt([ReceiptRow("红烧肉套餐", "12.00")], columns=32, table=TABLES["chinese"])
    assert read_back(sent)[1][0] == "红烧肉套餐" + " " * 17 + "12.00"
    sent = write_receipt([ReceiptRow("学校", is_centred=True)], columns=32, table=TABLES["chinese"])
    assert read_back(sent)[1][0] == " " * 14 + "学校"


@pytest.mark.parametrize(
    ("answer", "meant"),
    [(b"\x12", True), (b"\x16", True), (b"\x1a", False), (b"", None), (b"HTTP", None), (b"H", None)],
)
def test_only_a_printers_answer_says_whether_it_is_ready(answer: bytes, meant: bool | None) -> None:
    assert is_ready(answer) is meant
