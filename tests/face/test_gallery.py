"""A gallery answers like a plain loop over its people, whatever is added and removed, by how many threads."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from willing.face import EmptyTemplates, Gallery, MixedTemplates, Template, UnknownPerson

Make = Callable[..., Template]


def test_identify_ranks_people_by_score_and_verify_gives_the_same_score(
    at_cosine: Make, random_template: Make
) -> None:
    probe = random_template(1)
    gallery = Gallery()
    for name, cosine in (("near", 0.8), ("nearer", 0.9), ("far", 0.1)):
        gallery.add(name, [at_cosine(probe, cosine, seed=len(name))])
    found = gallery.identify(probe, top=3)
    assert [candidate.person for candidate in found] == ["nearer", "near", "far"]
    assert [candidate.score for candidate in found] == pytest.approx([0.9, 0.8, 0.1], abs=1e-5)
    assert gallery.verify("near", probe) == pytest.approx(0.8, abs=1e-5)


def test_an_empty_gallery_answers_nobody(random_template: Make) -> None:
    assert Gallery().identify(random_template(1)) == []
    with pytest.raises(UnknownPerson):
        Gallery().verify("somebody", random_template(1))


def test_a_person_needs_templates() -> None:
    with pytest.raises(EmptyTemplates):
        Gallery().add("somebody", [])


def test_models_and_rotations_never_mix(random_template: Make) -> None:
    gallery = Gallery()
    gallery.add("one", [random_template(1)])
    with pytest.raises(MixedTemplates):
        gallery.add("two", [random_template(2, model_id="another")])
    with pytest.raises(MixedTemplates):
        gallery.identify(random_template(3, model_id="another"))
    rotated = Template.from_array(random_template(4).vector, model_id="test", rotation_id="school")
    with pytest.raises(MixedTemplates):
        gallery.verify("one", rotated)
    assert gallery.remove("one")
    gallery.add("two", [rotated])
    assert gallery.identify(rotated)[0].person == "two"


def test_replacing_the_only_person_keeps_the_kind(random_template: Make) -> None:
    gallery = Gallery()
    gallery.add("one", [random_template(1)])
    gallery.add("one", [random_template(2)])
    with pytest.raises(MixedTemplates):
        gallery.identify(random_template(3, model_id="another"))
    assert gallery.identify(random_template(2))[0].score == pytest.approx(1)


def test_removal_overwrites_the_numbers_and_says_whether_there_was_somebody(random_template: Make) -> None:
    gallery = Gallery()
    for number in range(5):
        gallery.add(str(number), [random_template(number), random_template(number + 50)])
    assert gallery.remove("2")
    assert not gallery.remove("2")
    assert "2" not in gallery
    assert len(gallery) == 4
    assert not gallery._blocks[0][4:].any()
    assert "2" not in {candidate.person for candidate in gallery.identify(random_template(2), top=5)}


def test_a_stranger_to_everybody_still_gets_the_nearest_after_removals(
    at_cosine: Make, random_template: Make
) -> None:
    probe = random_template(0)
    gallery = Gallery()
    for number in range(200):
        gallery.add(str(number), [at_cosine(probe, -0.5, seed=number + 1)])
    for number in range(1, 200):
        gallery.remove(str(number))
    assert [candidate.person for candidate in gallery.identify(probe)] == ["0"]


names = st.sampled_from([f"person {number}" for number in range(30)])
steps = st.lists(st.tuples(st.booleans(), names, st.integers(0, 10_000), st.integers(1, 4)), max_size=60)


@settings(max_examples=60, deadline=None)
@given(history=steps, seed=st.integers(0, 10_000))
def test_any_history_answers_like_a_plain_loop(
    history: list[tuple[bool, str, int, int]], seed: int, random_template: Make
) -> None:
    gallery, plain = Gallery(), {}
    for adds, person, start, count in history:
        if adds:
            templates = [random_template(start + number) for number in range(count)]
            gallery.add(person, templates)
            plain[person] = templates
        else:
            assert gallery.remove(person) == (plain.pop(person, None) is not None)
    probe = random_template(seed)
    fresh = Gallery()
    for person, templates in plain.items():
        fresh.add(person, templates)
    assert len(gallery) == len(plain)
    wanted = sorted((fresh.verify(person, probe) for person in plain), reverse=True)[:3]
    found = gallery.identify(probe, top=3)
    assert [one.score for one in found] == pytest.approx(wanted, abs=1e-6)
    # Persons with the same template are as near as each other, up to the last digit of a product.
    assert [fresh.verify(one.person, probe) for one in found] == pytest.approx(wanted, abs=1e-6)
    assert len({one.person for one in found}) == len(found)


@pytest.mark.parametrize("several_cores_from", [1, 1_000])
def test_a_gallery_larger_than_a_block_finds_everybody(
    monkeypatch: pytest.MonkeyPatch, random_template: Make, several_cores_from: int
) -> None:
    monkeypatch.setattr("willing.face.gallery.BLOCK_ROWS", 64)
    monkeypatch.setattr("willing.face.gallery.CHUNK_ROWS", 16)
    monkeypatch.setattr("willing.face.gallery.SEVERAL_CORES_ROWS", several_cores_from)
    gallery = Gallery()
    for number in range(500):
        gallery.add(str(number), [random_template(number)])
    for number in range(0, 500, 3):
        gallery.remove(str(number))
    for number in range(500):
        best = gallery.identify(random_template(number), top=5)
        assert (best[0].person == str(number)) == (number % 3 != 0)
        assert len({candidate.person for candidate in best}) == 5
        assert [c.score for c in best] == sorted((c.score for c in best), reverse=True)


def test_a_gallery_leaves_no_products_thread_to_spin_and_an_engine_none_of_opencvs() -> None:
    script = (
        "import threadpoolctl; from willing.face import Engine, Gallery; Gallery();"
        "blas = [one['num_threads'] for one in threadpoolctl.threadpool_info() if one['user_api'] == 'blas'];"
        "assert blas and set(blas) == {1}, blas;"
        "import cv2; Engine.from_default_weights(); assert cv2.getNumThreads() == 1"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def churn(gallery: Gallery, probes: dict[str, Template], stop: threading.Event) -> None:
    """Remove and put back the upper half of the people until told to stop."""
    rng = np.random.default_rng(5)
    while not stop.is_set():
        person = str(rng.integers(150, 300))
        gallery.remove(person)
        gallery.add(person, [probes[person]])


def search(gallery: Gallery, probes: dict[str, Template], people: Sequence[str], wrong: list[str]) -> None:
    """Look up each of these people many times and note every answer that is not them."""
    for person in [*people] * 20:
        best = gallery.identify(probes[person])[0]
        if best.person != person or best.score < 0.999:
            wrong.append(best.person)


def test_a_removed_person_is_in_no_later_answer_while_others_come_and_go(random_template: Make) -> None:
    gallery, wrong, stop = Gallery(), list[str](), threading.Event()
    probes = {str(number): random_template(number) for number in range(300)}
    for person, template in probes.items():
        gallery.add(person, [template])
    removed = [str(number) for number in range(0, 150, 3)]
    for person in removed:
        gallery.remove(person)
    writer = threading.Thread(target=churn, args=(gallery, probes, stop))
    halves = [[str(number) for number in range(first, 150, 3)] for first in (1, 2)]
    readers = [threading.Thread(target=search, args=(gallery, probes, half, wrong)) for half in halves]
    for thread in (writer, *readers):
        thread.start()
    for thread in readers:
        thread.join(60)
    stop.set()
    writer.join(60)
    assert wrong == []
    assert not any(gallery.identify(probes[person])[0].person == person for person in removed)


def test_the_repr_shows_how_many_and_not_who(random_template: Make) -> None:
    gallery = Gallery()
    gallery.add("Ada Lovelace", [random_template(1)])
    assert repr(gallery) == "<Gallery of 1 people>"
