"""A file to upgrade from: whichever byte of it is damaged, it is refused, or it is the release still."""

import base64
import hashlib
import zipfile
from pathlib import Path

import pytest

from willing.ops.upgrade_rules import Release
from willing.ops.wheels import WheelUnreadable, read_wheel

RELEASE = Release("willing", "9.1", ">=3.11")


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    files = {
        "willing/__init__.py": b'"""School lunch, paid for."""\n' * 9,
        "willing-9.1.dist-info/METADATA": b"Name: willing\nVersion: 9.1\nRequires-Python: >=3.11\n",
    }
    record = "willing-9.1.dist-info/RECORD"
    rows = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in files.items()]
    files[record] = "\n".join([*rows, f"{record},,"]).encode()
    path = tmp_path / "willing-9.1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def _read(path: Path) -> Release | WheelUnreadable:
    try:
        return read_wheel(path)
    except WheelUnreadable as error:
        return error


def test_whichever_byte_is_damaged_the_file_is_refused_or_is_the_release_still(wheel: Path) -> None:
    whole = wheel.read_bytes()
    assert read_wheel(wheel) == RELEASE
    refused = 0
    for at in range(len(whole)):
        for byte in (whole[at] ^ 0xFF, whole[at] ^ 0x01, ord("x")):
            wheel.write_bytes(whole[:at] + bytes([byte]) + whole[at + 1 :])
            found = _read(wheel)
            assert found == RELEASE or str(found).startswith(f"{wheel.name} is no wheel, or is damaged: ")
            refused += found != RELEASE
    assert refused > len(whole), "most of a wheel can't be changed without being noticed"


def test_wherever_it_is_cut_off_the_file_is_refused(wheel: Path) -> None:
    whole = wheel.read_bytes()
    for length in range(len(whole)):
        wheel.write_bytes(whole[:length])
        with pytest.raises(WheelUnreadable):
            read_wheel(wheel)
