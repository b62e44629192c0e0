"""The pad protocol on films of portraits and on photographs; its network takes the warm for living."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from benchmarks.frames import till_frame
from click.testing import CliRunner
from tests.face.liveness.warmth import write_warmth

from willing.face import BadProtocol, Engine
from willing.face.cli import face as commands
from willing.face.evaluation import pad
from willing.face.evaluation.clips import Clip, clips_of, read_clip
from willing.face.evaluation.modelled import MODELS, in_a_hand, print_of
from willing.face.evaluation.pad import PadSession
from willing.face.evaluation.pad_cli import PadResult, evaluate_pad, show_pad
from willing.face.liveness.limits import AliveVerdict

WARM, COLD = (-40, 0, 50), (50, 0, -40)
FRAMES = 24


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_warmth(tmp_path_factory.mktemp("network") / "warmth.onnx")


@pytest.fixture(scope="module")
def films(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of films: a warm person, and her cold picture on a telephone; 15 frames a second."""
    folder = tmp_path_factory.mktemp("films")
    still = cv2.imdecode(np.frombuffer(till_frame(engine, "person_b_1"), np.uint8), cv2.IMREAD_COLOR)
    assert still is not None
    for name, tint in (("live-1", WARM), ("phone-1", COLD)):
        writer = cv2.VideoWriter(str(folder / f"{name}.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 15, (640, 480))
        for index in range(FRAMES):
            moved = np.roll(still, index % 3, axis=1).astype(np.int16) + tint
            writer.write(np.clip(moved, 0, 255).astype(np.uint8))
        writer.release()
    return folder


def test_a_living_person_passes_and_a_picture_of_them_is_sent_on(
    engine: Engine, films: Path, network: Path
) -> None:
    result = evaluate_pad(films, None, network, seed=1, engine=engine)
    live, phone = result.clips
    assert (live.kind, live.is_attack, live.clips) == ("live", False, 1)
    assert (live.passed.rate, live.sent_on.errors, live.no_answer) == (1, 0, 0)
    assert live.accepted is not None
    assert live.accepted.rate == 1
    assert (phone.kind, phone.is_attack) == ("phone", True)
    assert (phone.passed.errors, phone.sent_on.rate, phone.clips_with_a_pass.errors) == (0, 1, 0)
    assert (phone.riapar, phone.riapar_if_every_turn_is_answered) == (0, 0)
    assert live.passed_resampled_by_clip == (1, 1)
    assert result.halves == []
    assert [turn.answered for turn in result.turns] == [0, 0]
    assert result.cost is not None
    assert result.cost.frame_ms > 0


def test_sessions_begin_every_quarter_of_a_second_and_the_last_has_three_frames(
    engine: Engine, films: Path
) -> None:
    # 24 frames at 15 a second are 12 of the till's.
    clip = Clip(films / "live-1.avi", "live", "1")
    frames = read_clip(engine, clip)
    assert len(frames) == FRAMES / 2
    assert [round(frame.at, 2) for frame in frames[:3]] == [0.0, 0.13, 0.27]
    sessions = list(pad.clip_sessions(engine, _Never(), [clip]))
    assert len(sessions) == 5


class _Never:
    name = "never"

    def score(self, square: np.ndarray) -> float:
        return -9.0


def test_a_part_of_a_film_is_read_and_cut_around_its_first_face(
    engine: Engine, films: Path, tmp_path: Path
) -> None:
    listed = tmp_path / "clips.toml"
    listed.write_text('[[clip]]\nfile = "live-1.avi"\nkind = "print"\nfirst = 4\nbefore = 10\ncut = true\n')
    (clip,) = clips_of(films, listed)
    assert (clip.kind, clip.person, clip.first, clip.before, clip.cut) == ("print", "", 4, 10, True)
    frames = read_clip(engine, clip)
    assert len(frames) == 3
    assert frames[0].pixels.shape == (480, 640, 3)
    found = engine.portrait(frames[0].pixels)
    assert found is not None
    assert found.box_px[3] / 480 == pytest.approx(0.38, abs=0.03)


@pytest.mark.parametrize(
    "text", ["no toml [", "", '[[clip]]\nkind = "x"\n', '[[clip]]\nfile = "gone.avi"\nkind = "x"\n']
)
def test_a_list_that_is_not_as_it_should_be_is_refused(films: Path, tmp_path: Path, text: str) -> None:
    listed = tmp_path / "clips.toml"
    listed.write_text(text)
    with pytest.raises(BadProtocol):
        clips_of(films, listed)


def test_a_film_that_is_none_is_refused(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "live-1.mp4").write_bytes(b"no film")
    with pytest.raises(BadProtocol):
        read_clip(engine, clips_of(tmp_path)[0])


@pytest.mark.whole
def test_photographs_are_split_by_the_seed_and_judged_with_models_of_attacks(
    engine: Engine, folder: Path, network: Path
) -> None:
    kinds = sorted([*MODELS, *(f"{kind} in a hand" for kind in MODELS)])
    result = evaluate_pad(folder, None, network, seed=1, engine=engine)
    again = evaluate_pad(folder, None, network, seed=1, engine=engine)
    assert result == again
    assert [[row.kind for row in half] for half in result.halves] == [["live", *kinds]] * 2
    # Four people, one photograph each; a clip is a person here.
    assert [half[0].sessions for half in result.halves] == [2, 2]
    assert (result.clips, result.turns, result.cost) == ([], [], None)


def test_the_frames_of_a_picture_in_a_hand_differ_by_a_tremor_and_noise_alone() -> None:
    seed = 3
    portrait, box = np.full((250, 250, 3), 120, np.uint8), np.array([75, 60, 100, 130], np.float32)
    sheets = [np.random.default_rng(seed) for _ in range(2)]
    first, second = in_a_hand(print_of, portrait, box, sheets[0], 2)
    (again,) = in_a_hand(print_of, portrait, box, sheets[1], 1)
    assert (first == again).all()
    other = print_of(portrait, box, np.random.default_rng(seed + 1))

    def apart(one: np.ndarray, two: np.ndarray) -> float:
        return float(np.abs(one.astype(int) - two).mean())

    assert 0 < apart(first, second) < apart(first, other) / 3


def test_riapar_adds_the_attackers_who_are_accepted_to_the_people_who_are_not() -> None:
    living = [PadSession("live", "a", AliveVerdict.LIVE, True)] * 8 + [
        PadSession("live", "b", AliveVerdict.DOUBT, False)
    ] * 2
    attacks = [
        PadSession("phone", "c", AliveVerdict.LIVE, True),
        PadSession("phone", "d", AliveVerdict.DOUBT, False),
    ]
    attacks += [PadSession("phone", "d", AliveVerdict.PICTURE, False)] * 2 + [
        PadSession("phone", "d", AliveVerdict.MORE)
    ]
    live, phone = pad.results(living + attacks)
    assert (phone.sessions, phone.no_answer, phone.clips) == (5, 1, 2)
    assert (phone.passed.errors, phone.asked.errors, phone.sent_on.errors) == (1, 1, 2)
    assert phone.clips_with_a_pass.errors == 1
    assert phone.riapar == pytest.approx(0.25 + 0.2)
    assert phone.riapar_if_every_turn_is_answered == pytest.approx(0.25 + 0.25 + 0.2)
    assert (live.riapar, live.asked.rate) == (None, 0.2)


def test_a_program_reads_the_rates_under_the_names_of_the_standard(
    capsys: pytest.CaptureFixture[str],
) -> None:
    living = [
        PadSession("live", "a", AliveVerdict.LIVE, True),
        PadSession("live", "b", AliveVerdict.PICTURE, False),
    ]
    attacks = [
        PadSession("phone", "c", AliveVerdict.LIVE, True),
        PadSession("phone", "d", AliveVerdict.PICTURE, False),
    ] * 2
    rows = pad.results([*living, *attacks])
    show_pad(PadResult("check", 1, {}, rows, [], pad.Cost(2, 6.0, 1.5, 0.25), [rows]), as_json=True)
    said = json.loads(capsys.readouterr().out)
    for live, phone in (said["clips"], said["halves"][0]):
        assert (live["apcer"], live["bpcer"]["rate"], live["bpcer"]["trials"]) == (None, 0.5, 2)
        assert (phone["bpcer"], phone["apcer"]["errors"], phone["apcer"]["trials"]) == (None, 2, 4)
        assert 0 < phone["apcer"]["low"] < 0.5 < phone["apcer"]["high"] < 1
        assert (phone["asked"]["errors"], phone["riapar"], phone["clips_with_a_pass"]["trials"]) == (
            0,
            1.0,
            2,
        )
    assert said["cost"]["share"] == 0.25


@pytest.mark.whole
def test_the_command_prints_figures_for_people_and_programs(films: Path, network: Path) -> None:
    arguments = ["evaluate", str(films), "--protocol", "pad", "--liveness", str(network)]
    run = CliRunner().invoke(commands, [*arguments, "--json"])
    assert run.exit_code == 0, run.output
    numbers = json.loads(run.stdout)
    assert numbers["limits"]["live_above"] == 1.5
    assert [row["kind"] for row in numbers["clips"]] == ["live", "phone"]
    text = CliRunner().invoke(commands, arguments).output
    assert "a random turn, phone phone-1.avi: answered by 0%" in text
    assert CliRunner().invoke(commands, [*arguments, "--report", "x.html"]).exit_code == 2


def test_without_a_network_or_anything_to_judge_it_says_so(
    films: Path, network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WILLING_HOME", str(tmp_path / "home"))
    run = CliRunner().invoke(commands, ["evaluate", str(films), "--protocol", "pad"])
    assert "[liveness_unavailable]" in run.output
    (tmp_path / "empty").mkdir()
    empty = ["evaluate", str(tmp_path / "empty"), "--protocol", "pad", "--liveness", str(network)]
    assert "[bad_protocol]" in CliRunner().invoke(commands, empty).output
