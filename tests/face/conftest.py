"""Real portraits, one engine for the whole run, and templates made of chosen angles instead of people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from willing.face import Engine, Face, Template

ROOT = Path(__file__).resolve().parents[2]
PORTRAITS = ROOT / ".cache" / "portraits"
FACES = ROOT.parent / "shared" / "faces"
NAMES = [
    "person_a_1",
    "person_a_2",
    "person_b_1",
    "person_b_2",
    "impostor_1",
    "impostor_2",
    "obama",
    "obama2",
    "obama3",
    "biden",
    "obama_partial_face",
    "obama_partial_face2",
]


@pytest.fixture(scope="session")
def portraits() -> Path:
    missing = [name for name in NAMES if not (PORTRAITS / f"{name}.jpg").is_file()]
    if missing:
        pytest.fail(f"sample portraits are missing ({', '.join(missing)}): run `make dev`", pytrace=False)
    return PORTRAITS


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine.from_default_weights()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder that derived files go to."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "willing"


@pytest.fixture(scope="session")
def read(portraits: Path) -> Callable[[str], bytes]:
    return lambda name: (portraits / f"{name}.jpg").read_bytes()


@pytest.fixture(scope="session")
def face(engine: Engine, read: Callable[[str], bytes]) -> Callable[[str], Face]:
    """Return the largest face of a portrait, computed once."""
    known: dict[str, Face] = {}

    def find(name: str) -> Face:
        if name not in known:
            known[name] = engine.analyse(read(name))[0]
        return known[name]

    return find


@pytest.fixture(scope="session")
def lfw() -> Path:
    folder = FACES / "lfw"
    if not folder.is_dir():
        pytest.skip(f"the measuring photographs are not beside this checkout ({folder.name})")
    return folder


@pytest.fixture(scope="session")
def at_cosine() -> Callable[..., Template]:
    """Return a maker of templates whose comparison score with a base is exactly a cosine."""

    def make(base: Template, cosine: float, seed: int = 0) -> Template:
        noise = np.random.default_rng([seed, 77]).standard_normal(128)
        noise -= (noise @ base.vector) * base.vector
        noise /= np.linalg.norm(noise)
        vector = cosine * base.vector + np.sqrt(1 - cosine**2) * noise
        return Template.from_array(vector, model_id=base.model_id, rotation_id=base.rotation_id)

    return make


@pytest.fixture(scope="session")
def random_template() -> Callable[..., Template]:
    """Return a maker of templates that belong to nobody."""

    def make(seed: int, model_id: str = "test") -> Template:
        return Template.from_array(np.random.default_rng(seed).standard_normal(128), model_id=model_id)

    return make
