"""The commands `willing audit …`, as an operator sees them."""

import json
import os
import shutil

import pytest
from click.testing import CliRunner
from django.db import connection, transaction
from tests.support.homes import make_secrets

from willing.audit.actions import record, sign_log
from willing.audit.models import Entry
from willing.audit.signing import key_path, own_key, retired_path
from willing.audit.verify.__main__ import main as verify
from willing.cli import main


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("WILLING_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return make_secrets(tmp_path / "home")


@pytest.fixture
def run(cast):
    def run(*arguments, code=0):
        result = CliRunner().invoke(main, ["audit", *arguments])
        assert result.exit_code == code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.output

    return run


def append():
    with transaction.atomic():
        record("test.more", subject=None, facts={}, personal={})


def test_the_whole_log_is_verified(run):
    assert run("verify").endswith("the log is whole\n")


def test_from_the_days_checkpoint_to_the_outsiders_proof(run, tmp_path, capsys):
    written = run("checkpoint", "--out", "stick").removeprefix("written: ").strip()
    append()
    assert "continues the checkpoint, and is whole since" in run("verify", "--since", written)
    assert "whole" in run("verify", "--checkpoint", written)
    assert "1 entries written" in run("export", "part", "--since", written)
    run("export", "log")
    (tmp_path / "key").write_text(run("key"))
    for name in ("log", "part"):
        assert verify(["log", name, "--key", "key", "--checkpoint", written]) == 0
    run("receipt", "3", "--out", "receipt")
    assert "the log still holds it" in run("verify", "--receipt", "receipt")
    assert verify(["receipt", "receipt", "--key", "key"]) == 0
    assert capsys.readouterr().out.count("proven") == 3


def test_a_receipt_is_printed_as_json(run):
    sign_log()
    assert json.loads(run("receipt", "3"))["index"] == 2


def test_a_checkpoint_is_printed_signed_or_for_paper(run):
    assert "\n— willing/" in run("checkpoint")
    paper = run("checkpoint", "--text")
    assert paper.startswith("Log       willing/")
    assert "written:" in run("checkpoint", "--text", "--out", "stick")


def test_the_log_is_held_against_a_root_from_paper(run):
    signed = sign_log()
    append()
    assert "whole" in run("verify", "--root", f"{signed.size} : {bytes(signed.root).hex().upper()}")
    assert "checkpoint_contradicted" in run("verify", "--root", f"{signed.size}:{'0' * 64}", code=1)
    assert "cut_off" in run("verify", "--root", f"{signed.size + 9}:{'0' * 64}", code=1)


def test_a_copy_is_verified_and_asked_the_same_questions(run, tmp_path):
    run("checkpoint", "--out", "stick")
    run("receipt", "3", "--out", "receipt")
    kept = str(next((tmp_path / "stick").iterdir()))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(tmp_path / "copy")])
    for question in ((), ("--since", kept), ("--checkpoint", kept), ("--receipt", "receipt")):
        run("verify", "--copy", "copy", *question)


def test_a_log_of_a_former_key_is_verified_when_the_key_is_given(run):
    sign_log()
    line = str(own_key())
    assert line not in run("replace-key")
    assert "whole" in run("verify")
    retired_path().unlink()
    assert "checkpoint_unknown_key" in run("verify", code=1)
    assert "whole" in run("verify", "--key", line)


def test_a_signing_key_that_is_lost_is_named_and_replaced_only_when_asked(run):
    key_path().unlink()
    for command in (("checkpoint",), ("verify",), ("key",)):
        assert f"{key_path()} is missing" in run(*command, code=1)
    assert "willing/" in run("replace-key")
    assert "whole" in run("verify")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("verify", "--since", "nothing"), 1, "nothing: No such file"),
        (("verify", "--since", "damaged"), 1, "damaged: this is not a signed checkpoint"),
        (("verify", "--checkpoint", "damaged"), 1, "damaged: this is not a signed checkpoint"),
        (("verify", "--receipt", "damaged"), 1, "this is not a receipt"),
        (("verify", "--copy", "damaged"), 1, "this is no copy"),
        (("verify", "--copy", "nothing"), 1, "this is no copy"),
        (("verify", "--key", "damaged"), 1, "damaged, line 1: this is not the public key"),
        (("verify", "--root", "7:xyz"), 2, "--root takes"),
        (("verify", "--since", "a", "--receipt", "b"), 2, "use one of --since"),
        (("export", "folder/that/is/not/there"), 1, "No such file"),
        (("export", "x", "--since", "damaged"), 1, "damaged: this is not a signed checkpoint"),
        (("receipt", "3"), 1, "not covered by a checkpoint yet"),
        (("receipt", "900000"), 1, "the log has no entry 900000"),
        (("checkpoint", "--out", "stick-with-damage"), 1, "a.checkpoint: this is not a signed checkpoint"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(run, tmp_path, arguments, code, said):
    (tmp_path / "damaged").write_text("damaged\n")
    (tmp_path / "stick-with-damage").mkdir()
    shutil.copy(tmp_path / "damaged", tmp_path / "stick-with-damage" / "a.checkpoint")
    output = run(*arguments, code=code)
    assert said in output
    assert "Traceback" not in output


def test_a_damaged_key_is_said_in_one_line(run):
    own_key()
    key_path().write_bytes(b"short")
    for command in (("checkpoint",), ("verify",), ("key",), ("export", "x")):
        assert "32 bytes" in run(*command, code=1)
    key_path().unlink()
    run("replace-key")
    retired_path().write_text("damaged")
    assert "line 1" in run("verify", code=1)


def test_a_receipt_of_an_entry_that_the_log_no_longer_holds_is_refused(run, db):
    sign_log()
    receipt = json.loads(run("receipt", "3"))
    assert Entry.objects.filter(sequence=3).exists()
    receipt["proof"][0] = "00" * 32
    with open("receipt", "w") as file:  # noqa: PTH123
        json.dump(receipt, file)
    assert "the proof does not lead" in run("verify", "--receipt", "receipt", code=1)


def test_the_key_of_a_log_is_readable_by_its_owner_only(run):
    run("key")
    assert os.stat(key_path()).st_mode & 0o077 == 0  # noqa: PTH116
