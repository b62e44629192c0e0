"""A file from a bank, read by what is in it: CAMT, a zip file of CAMT, MT940, or a list."""

import codecs
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from willing.core.errors import Refused
from willing.payments import errors
from willing.payments.bank_lists import BankListFormat, BankListRow, guess_columns, read_list
from willing.payments.bookings import StatementFile
from willing.payments.camt import read_camt
from willing.payments.list_formats import find_format, remembered_encodings
from willing.payments.mt940_file import looks_like_mt940, read_mt940
from willing.people.models import School
from willing.roster.flat_file import open_table
from willing.roster.row_errors import RowFault, Unreadable
from willing.roster.sources import FileSource, OneFile, open_source
from willing.roster.staging import Staging

BYTES_MAX = 12 * 1024 * 1024
SHOWN_ROWS = 6
_ENCODINGS = {"encoding_unknown"}


@dataclass(frozen=True)
class BankList:
    """A list as the office sees it before it says what its columns mean."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    format: BankListFormat
    is_known: bool


def read_bank_file(
    school: School, name: str, content: bytes, chosen: BankListFormat | None = None
) -> StatementFile:
    """Return what a file books. A list is read as chosen, as its columns were last, or as they suggest.

    Raises Refused statement_… (payments/errors.py).
    """
    if len(content) > BYTES_MAX:
        raise errors.statement_too_large()
    if not content.strip():
        raise errors.statement_kind_unknown()
    if _is_xml(content):
        return read_camt(content, school.currency)
    if looks_like_mt940(content):
        return read_mt940(content, school.currency)
    if (bundle := _read_bundle(school, name, content)) is not None:
        return bundle
    format_ = chosen or peek_list(school, name, content).format
    rows, wide = _rows(name, content, format_)
    read = read_list(rows, format_, school.currency)
    for fault in wide:
        read.refuse(str(fault.line), "row_width")
    return read


def is_list(name: str, content: bytes) -> bool:
    """Say whether a file is one whose columns are chosen."""
    if _is_xml(content) or looks_like_mt940(content):
        return False
    try:
        return isinstance(open_source(Path(name), content), OneFile)
    except Unreadable:
        return False


def _is_xml(content: bytes) -> bool:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content[:400].decode("utf-16", errors="replace").lstrip("\ufeff \r\n\t").startswith("<")
    return content.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<")


def _read_bundle(school: School, name: str, content: bytes) -> StatementFile | None:
    """Return what all CAMT files of a zip file book; None for anything else."""
    source = _source(name, content)
    if isinstance(source, OneFile):
        return None
    parts = sorted(one for one in source.names() if one.lower().endswith(".xml"))
    if not parts:
        raise errors.statement_kind_unknown()
    whole = StatementFile("camt")
    try:
        for part in parts:
            with source.open(part) as stream:
                read = read_camt(stream.read(), school.currency)
            whole.format = read.format
            whole.bookings += read.bookings
            whole.left_out += read.left_out
            whole.faults += [(f"{part}: {where}", code) for where, code in read.faults]
            whole.accounts |= read.accounts
            whole.payments_made |= read.payments_made
    except Unreadable:
        raise errors.statement_broken() from None
    return whole


def _source(name: str, content: bytes) -> FileSource:
    try:
        return open_source(Path(name), content)
    except Unreadable:
        raise errors.statement_broken() from None


def peek_list(
    school: School, name: str, content: bytes, *, encoding: str = "", header_line: int = 0
) -> BankList:
    """Return the columns and first rows of a list, and how it is read: as remembered or as it suggests.

    encoding, header_line: as someone said, "" and 0 to find out. An encoding that can't be found out is that
    of a list of the same columns, where one was imported before.
    Raises Refused statement_encoding, statement_broken, statement_kind_unknown.
    """
    try:
        return _peek(school, name, content, encoding, header_line)
    except Refused as refused:
        if refused.code != "statement_encoding" or encoding:
            raise
    for known in remembered_encodings(school):
        with suppress(Refused):
            seen = _peek(school, name, content, known, header_line)
            if seen.is_known:
                return seen
    raise errors.statement_encoding()


def _peek(school: School, name: str, content: bytes, encoding: str, header_line: int) -> BankList:
    staging = Staging()
    try:
        source = open_source(Path(name), content)
        table = open_table(source, staging, encoding=encoding, header_line=header_line)
        rows = [cells for _line, cells in islice(table.cells, SHOWN_ROWS)]
    except Unreadable as broken:
        raise _refused(broken.fault) from None
    finally:
        staging.close()
    known = find_format(school, table.columns)
    format_ = known or BankListFormat(guess_columns(table.columns))
    format_ = replace(
        format_, encoding=encoding or format_.encoding, header_line=header_line or format_.header_line
    )
    return BankList(table.columns, rows, format_, known is not None)


def _rows(name: str, content: bytes, format_: BankListFormat) -> tuple[list[BankListRow], list[RowFault]]:
    staging = Staging()
    wide: list[RowFault] = []
    try:
        source = open_source(Path(name), content)
        table = open_table(source, staging, encoding=format_.encoding, header_line=format_.header_line)
        missing = set(format_.columns.values()) - set(table.columns)
        if missing:
            raise errors.statement_columns_missing()
        found = table.rows(lambda fault, _row: wide.append(fault), short=True)
        return [BankListRow(line, cells) for line, cells in found], wide
    except Unreadable as broken:
        raise _refused(broken.fault) from None
    finally:
        staging.close()


def _refused(fault: RowFault) -> Refused:
    if fault.code in _ENCODINGS:
        return errors.statement_encoding()
    return errors.statement_kind_unknown() if fault.code == "file_empty" else errors.statement_broken()
