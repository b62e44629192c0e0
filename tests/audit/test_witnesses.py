"""The school's side: who is asked, what goes to them and back, and what a family's proof then holds."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.audit.test_cli import append, home, run  # noqa: F401  # fixtures

from willing.audit import witness as one_file
from willing.audit.models import Cosignature, Entry
from willing.audit.models import Witness as Asked
from willing.audit.signing import own_key, replace_key
from willing.audit.verify.__main__ import main as verify
from willing.audit.witness import WitnessFolder
from willing.core.clock import now
from willing.ops.health_witnesses import witnesses_sign

NAME = "parents.example/w1"


@pytest.fixture
def parents(tmp_path: Path, cast: Any, home: Path) -> WitnessFolder:  # noqa: F811
    made = WitnessFolder.begin(tmp_path / "w", NAME)
    made.watch(one_file.parse_log_key(str(own_key())))
    return made


def sign(run: Any, parents: WitnessFolder, *options: str) -> str:  # noqa: F811
    """Carry a request to the witness and the answer back, in files as the manual says."""
    run("witness", "request", NAME, "--out", "request.txt", *options)
    Path("answer.txt").write_text(parents.sign(Path("request.txt").read_text()))
    return str(run("witness", "take", NAME, "answer.txt"))


def test_from_the_first_request_to_a_familys_proof(run: Any, parents: WitnessFolder, capsys: Any) -> None:  # noqa: F811
    run("witness", "add", str(parents.key))
    assert run("witness", "list") == f"{NAME}: nothing yet\n"
    assert "signed at" in sign(run, parents)
    append()
    assert "signed at" in sign(run, parents)
    assert Cosignature.objects.count() == 2
    assert f"{NAME}: " in run("witness", "list")
    run("receipt", "2", "--out", "receipt.json")
    key = str(own_key())
    assert verify(["receipt", "receipt.json", "--key", key, "--witness", str(parents.key)]) == 0
    assert f"witness {NAME} signed it on" in capsys.readouterr().out
    assert "the log still holds it" in run("verify", "--receipt", "receipt.json")
    other = WitnessFolder.begin(parents.folder.parent / "v", "governors.example/w1")
    assert verify(["receipt", "receipt.json", "--key", key, "--witness", str(other.key)]) == 1
    assert "no_witness" in capsys.readouterr().err
    assert [one.event for one in Entry.objects.filter(event__startswith="witness.")] == ["witness.added"]


def test_an_answer_that_fits_no_checkpoint_is_not_kept(run: Any, parents: WitnessFolder) -> None:  # noqa: F811
    run("witness", "add", str(parents.key))
    sign(run, parents)
    good = Path("answer.txt").read_text()
    swapped = good[:-12] + ("A" if good[-12] != "A" else "B") + good[-11:]
    Path("answer.txt").write_text(swapped)
    assert "belongs to no checkpoint" in run("witness", "take", NAME, "answer.txt", code=1)
    Path("answer.txt").write_text("hello\n")
    assert "not the answer of a witness" in run("witness", "take", NAME, "answer.txt", code=1)
    Path("answer.txt").write_text(good)
    run("witness", "take", NAME, "answer.txt")
    assert Cosignature.objects.count() == 1


def test_a_witness_that_saw_more_is_asked_from_there(run: Any, parents: WitnessFolder) -> None:  # noqa: F811
    """An answer was lost: the witness knows more than the school does."""
    run("witness", "add", str(parents.key))
    run("witness", "request", NAME, "--out", "request.txt")
    parents.sign(Path("request.txt").read_text())
    append()
    run("witness", "request", NAME, "--out", "request.txt")
    with pytest.raises(one_file.NotSigned) as refused:
        parents.sign(Path("request.txt").read_text())
    assert refused.value.status == 409
    assert "signed at" in sign(run, parents, "--old", refused.value.body.strip())


def test_under_a_new_key_the_log_is_another_log_to_the_witness(run: Any, parents: WitnessFolder) -> None:  # noqa: F811
    run("witness", "add", str(parents.key))
    sign(run, parents)
    replace_key()
    run("witness", "request", NAME, "--out", "request.txt")
    text = Path("request.txt").read_text()
    assert text.startswith("old 0\n")
    with pytest.raises(one_file.NotSigned) as refused:
        parents.sign(text)
    assert refused.value.status == 404
    parents.watch(one_file.parse_log_key(str(own_key())))
    assert "signed at" in sign(run, parents)


def test_only_who_is_asked_is_known_by_name(run: Any, parents: WitnessFolder) -> None:  # noqa: F811
    assert "no witness called" in run("witness", "request", NAME, code=1)
    assert "not the public key of a witness" in run("witness", "add", str(own_key()), code=1)
    run("witness", "add", str(parents.key))
    run("witness", "add", str(parents.key))
    other = WitnessFolder.begin(parents.folder.parent / "v", NAME)
    assert "asked already, and has another key" in run("witness", "add", str(other.key), code=1)
    run("witness", "remove", NAME)
    assert "no witness called" in run("witness", "remove", NAME, code=1)
    run("witness", "add", str(other.key))
    run("witness", "remove", NAME)
    run("witness", "add", str(parents.key))
    assert Asked.objects.filter(removed_at=None).count() == 1


def test_health_says_when_a_witness_is_silent(run: Any, parents: WitnessFolder, cast: Any) -> None:  # noqa: F811
    assert list(witnesses_sign(cast.school)) == []
    run("witness", "add", str(parents.key))
    [fresh] = witnesses_sign(cast.school)
    assert fresh.is_ok
    assert "Has not signed yet" in fresh.detail
    sign(run, parents)
    [signed] = witnesses_sign(cast.school)
    assert signed.is_ok
    Asked.objects.update(added_at=now() - timedelta(days=30))
    Cosignature.objects.update(at=now() - timedelta(days=9))
    [silent] = witnesses_sign(cast.school)
    assert not silent.is_ok
    assert "willing audit witness request" in silent.detail
