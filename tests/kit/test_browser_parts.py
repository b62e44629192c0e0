"""Browser code of others: pinned by version and digest, fetched by npm, never committed."""

import base64
import hashlib
import importlib.util
import io
import subprocess
import tarfile
import tomllib

import pytest
import yaml
from tests.kit.clean import ROOT

PARTS = ROOT / "src/willing/pages/ui/browser_parts.toml"
PINNED = '[[part]]\nname = "qr"\nversion = "1.0.0"\nsha512 = "{}"\nfiles = ["a.js"]\nwithout = "no codes"\n'


def pack(text: bytes) -> bytes:
    """Return a package as npm packs one, with one file."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        member = tarfile.TarInfo("package/a.js")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return made.getvalue()


def digest(archive: bytes) -> str:
    return base64.b64encode(hashlib.sha512(archive).digest()).decode()


@pytest.fixture
def build(monkeypatch, tmp_path):
    """Return the hook of a tree of the test's own, which pins what the test says."""
    # By its path: it is no module of ours, and what builds the package has no types.
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec
    assert spec.loader
    hatch_build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hatch_build)
    ui = tmp_path / "src/willing/pages/ui"
    ui.mkdir(parents=True)

    def fetch(pinned, archive):
        (ui / "browser_parts.toml").write_text(PINNED.format(pinned), "utf-8")
        monkeypatch.setattr(hatch_build, "_pack", lambda _part: archive)
        hatch_build.fetch_browser_parts(tmp_path)
        return ui / "static/ui/parts/qr/a.js"

    return fetch, hatch_build.PartRefused, hatch_build.PartMissing


def test_a_part_is_unpacked_where_it_is_what_is_pinned_and_stops_the_build_where_it_is_not(build, capsys):
    (fetch, refused, _missing), archive = build, pack(b"export {};")
    with pytest.raises(refused):
        fetch(digest(b"another"), archive)
    assert fetch(digest(archive), archive).read_bytes() == b"export {};"
    # It is there: nothing is fetched again.
    assert fetch(digest(archive), None).exists()
    assert capsys.readouterr().err == ""


def test_a_build_without_npm_says_what_is_off_and_goes_on(build, capsys):
    assert not build[0](digest(pack(b"x")), None).exists()
    assert "no codes" in capsys.readouterr().err


def test_a_release_without_npm_stops_and_says_what_is_missing(build, monkeypatch):
    monkeypatch.setenv("BROWSER_PARTS", "required")
    with pytest.raises(build[2], match=r"qr 1\.0\.0 was not fetched"):
        build[0](digest(pack(b"x")), None)


def test_what_others_install_is_built_so_that_nothing_is_missing():
    """The release's wheel and the container; what a checkout installs may do without."""
    jobs = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text("utf-8"))["jobs"]
    builds = [
        step
        for job in jobs.values()
        for step in job.get("steps", ())
        if "hatchling build" in step.get("run", "")
    ]
    assert [step["env"]["BROWSER_PARTS"] for step in builds] == ["required"]
    image = (ROOT / "Dockerfile").read_text("utf-8")
    assert "ARG BROWSER_PARTS=required\n" in image
    assert (
        'RUN BROWSER_PARTS="$BROWSER_PARTS" PYTHONPATH=/build /opt/willing/bin/python -m hatchling build'
        in image
    )


def test_no_part_is_committed_and_each_has_its_licence():
    listed = subprocess.run(
        ["git", "ls-files", "src/willing/pages/ui/static/ui/parts"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert listed.stdout == ""
    for part in tomllib.loads(PARTS.read_text("utf-8"))["part"]:
        assert part["licence"] == "MIT OR Apache-2.0"
        assert "LICENSE" in part["files"], "its licence goes with it"
        assert len(base64.b64decode(part["sha512"])) == 64
