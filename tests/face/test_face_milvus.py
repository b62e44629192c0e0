"""A gallery in Milvus answers like the built-in one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from willing.face import (
    BackendUnavailable,
    EmptyTemplates,
    Gallery,
    GalleryBackend,
    MixedTemplates,
    Policy,
    Template,
    UnknownPerson,
    decide,
)
from willing.face.milvus import MilvusGallery

Make = Callable[..., Template]


# The embedded server warns about itself in ways we cannot change; our own warnings stay errors elsewhere.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def held(tmp_path: Path) -> Iterator[MilvusGallery]:
    gallery = MilvusGallery(str(tmp_path / "gallery.db"), "faces", model_id="test")
    yield gallery
    gallery.close()


def test_both_galleries_answer_alike(held: MilvusGallery, random_template: Make) -> None:
    built_in = Gallery()
    both: tuple[GalleryBackend, ...] = (held, built_in)
    for number in range(60):
        for gallery in both:
            gallery.add(f"person {number}", [random_template(number), random_template(number + 500)])
    for gallery in both:
        assert gallery.remove("person 7")
        assert not gallery.remove("person 7")
        gallery.add("person 9", [random_template(900)])
    assert len(held) == len(built_in) == 59
    assert "person 7" not in held
    assert "person 9" in held
    for number in range(0, 60, 5):
        probe = random_template(number)
        wanted, found = built_in.identify(probe, top=3), held.identify(probe, top=3)
        assert [c.person for c in found] == [c.person for c in wanted]
        assert [c.score for c in found] == pytest.approx([c.score for c in wanted], abs=1e-5)
        assert held.verify("person 9", probe) == pytest.approx(built_in.verify("person 9", probe), abs=1e-5)
    frames = [random_template(900)]
    policy = Policy(min_frames=1)
    assert decide(frames, held, policy).person == decide(frames, built_in, policy).person == "person 9"


def test_it_refuses_what_the_built_in_one_refuses(held: MilvusGallery, random_template: Make) -> None:
    with pytest.raises(EmptyTemplates):
        held.add("somebody", [])
    with pytest.raises(MixedTemplates):
        held.add("somebody", [random_template(1, model_id="another")])
    with pytest.raises(MixedTemplates):
        held.identify(random_template(1, model_id="another"))
    with pytest.raises(UnknownPerson):
        held.verify("nobody", random_template(1))
    assert held.identify(random_template(1)) == []


def test_a_collection_outlives_the_process_and_keeps_models_apart(
    tmp_path: Path, random_template: Make
) -> None:
    address = str(tmp_path / "gallery.db")
    first = MilvusGallery(address, "faces", model_id="test")
    first.add("one", [random_template(1)])
    first.close()
    again = MilvusGallery(address, "faces", model_id="test")
    assert again.identify(random_template(1))[0].person == "one"
    again.close()
    other = MilvusGallery(address, "faces", model_id="another")
    assert len(other) == 0
    other.close()


def test_a_missing_package_is_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pymilvus", None)
    with pytest.raises(BackendUnavailable, match="pymilvus"):
        MilvusGallery(str(tmp_path / "gallery.db"), "faces", model_id="test")
