"""What a file is by its first bytes, whatever its name says. Pure."""

import re
import zipfile
from typing import BinaryIO

from willing.roster.row_errors import Unreadable

HEAD_BYTES = 4096
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # workbooks before 2007, and any workbook with a password
LOCKED = "EncryptedPackage".encode("utf-16-le")
OLE_BYTES_MAX = 1024 * 1024  # the directory that says "locked" is near the beginning or the end
# Members that only one kind of file has.
MEMBERS = {
    "xl/workbook.xml": "xlsx",
    "xl/workbook.bin": "xlsb_file",
    "Index/Document.iwa": "numbers_file",
    "Index.zip": "numbers_file",
    "content.xml": "ods_file",
    "word/document.xml": "not_a_list",
}
MARKUP = re.compile(rb"(\xef\xbb\xbf)?\s*<(\?xml|!doctype|html|table|meta|head)", re.IGNORECASE)


def find_kind(stream: BinaryIO, file: str) -> str:
    """Return "xlsx", "zip" (any other zip file) or "text". Raises Unreadable for what must be saved anew.

    stream: read and moved, not closed. Codes: xls_old, xlsx_password, xlsb_file, ods_file, numbers_file,
    html_file, not_a_list.
    """
    head = stream.read(HEAD_BYTES)
    if head.startswith(OLE):
        raise Unreadable(file, 0, "xlsx_password" if _is_locked(stream, head) else "xls_old")
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_zip(stream, file)
    if head.startswith((b"%PDF-", b"\xff\xd8\xff", b"\x89PNG")):
        raise Unreadable(file, 0, "not_a_list")
    if MARKUP.match(head):
        raise Unreadable(file, 0, "html_file")
    return "text"


def _is_locked(stream: BinaryIO, head: bytes) -> bool:
    content = head + stream.read(OLE_BYTES_MAX)
    stream.seek(0, 2)
    stream.seek(max(0, stream.tell() - OLE_BYTES_MAX))
    return LOCKED in content or LOCKED in stream.read()


def _kind_of_zip(stream: BinaryIO, file: str) -> str:
    stream.seek(0)
    try:
        names = set(zipfile.ZipFile(stream).namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return "zip"
    kind = next((kind for member, kind in MEMBERS.items() if member in names), "zip")
    if kind not in ("zip", "xlsx"):
        raise Unreadable(file, 0, kind)
    return kind
