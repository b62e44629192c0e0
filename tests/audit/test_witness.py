"""The witness in one file: what it signs, what it refuses, and that it needs nothing of Willing."""

import base64
import hashlib
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from tests.audit.logs import START, make_key, read_from, unhurried
from tests.support import lines

from willing.audit import witness as one_file
from willing.audit.verify import merkle
from willing.audit.verify.cosignatures import (
    cosigned_message,
    parse_witness_key,
    read_cosignatures,
    require_witnesses,
    write_request,
)
from willing.audit.verify.errors import Unproven
from willing.audit.verify.signed_note import Checkpoint, checkpoint_text, sign
from willing.audit.witness import Handler, NotSigned, WitnessFolder

KEY, PRIVATE = make_key(7)
LEAVES = [hashlib.sha256(bytes([number])).digest() for number in range(40)]
OTHER = [hashlib.sha256(bytes([number, 1])).digest() for number in range(40)]


def root(size: int, leaves: list[bytes]) -> bytes:
    return merkle.compact_range(size, read_from(leaves)).root()


def note(size: int, leaves: list[bytes] = LEAVES, *, key: str = KEY.name, private=PRIVATE) -> str:
    return sign(Checkpoint(key, size, root(size, leaves), START).text(), key, private)


def request(old: int, size: int, leaves: list[bytes] = LEAVES) -> str:
    proof = merkle.prove_consistency(old, size, read_from(leaves)) if old else []
    return write_request(old, proof, note(size, leaves))


@pytest.fixture
def witness(tmp_path: Path) -> WitnessFolder:
    made = WitnessFolder.begin(tmp_path / "w", "parents.example/w1")
    made.watch(one_file.parse_log_key(str(KEY)))
    return made


def status(witness: WitnessFolder, text: str) -> tuple[int, str]:
    with pytest.raises(NotSigned) as refused:
        witness.sign(text)
    return refused.value.status, refused.value.body


def test_what_continues_is_signed_and_the_line_verifies(witness: WitnessFolder) -> None:
    key = parse_witness_key(str(witness.key))
    for old, size in [(0, 5), (5, 5), (5, 17), (17, 40)]:
        line = witness.sign(request(old, size))
        [found] = read_cosignatures(line, checkpoint_text(note(size)), [key])
        assert found.key == key
        assert [one.key for one in require_witnesses(note(size) + line, [key])] == [key]
    assert witness.seen()[KEY.name]["size"] == 40


def test_a_cosignature_is_formed_as_the_specification_says(witness: WitnessFolder) -> None:
    """c2sp.org/tlog-cosignature: the id, the time and the lines that are signed, each made here anew."""
    line = witness.sign(request(0, 3))
    mark, name, body = line.split()
    raw = base64.b64decode(body)
    public = base64.b64decode(str(witness.key).split("+", 2)[2])
    assert (mark, name, public[:1]) == ("—", "parents.example/w1", b"\x04")
    assert raw[:4] == hashlib.sha256(b"parents.example/w1\n" + public).digest()[:4]
    seconds = int.from_bytes(raw[4:12], "big")
    text = note(3).partition("\n\n")[0] + "\n"
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(
        raw[12:], f"cosignature/v1\ntime {seconds}\n{text}".encode()
    )
    assert cosigned_message(text, seconds).endswith(b"time 2026-09-01T12:00:00Z\n")


def test_a_rewritten_log_is_refused_and_what_it_signed_is_kept(witness: WitnessFolder) -> None:
    witness.sign(request(0, 9))
    assert status(witness, request(9, 20, OTHER)) == (422, "")
    assert status(witness, write_request(9, [], note(9, OTHER))) == (409, "9\n")
    assert sorted((witness.folder / "refused" / one).read_text() for one in witness.refused()) == sorted(
        [note(20, OTHER), note(9, OTHER)]
    )
    assert witness.seen()[KEY.name]["size"] == 9
    witness.sign(request(9, 20))  # the log as it was goes on


def test_a_log_that_grew_shorter_is_told_what_was_seen(witness: WitnessFolder) -> None:
    witness.sign(request(0, 9))
    assert status(witness, request(5, 20)) == (409, "9\n")
    assert status(witness, request(0, 4)) == (409, "9\n")
    assert status(witness, write_request(9, [], note(4))) == (400, "")


def test_only_a_log_that_is_watched_and_signs_itself_is_answered(witness: WitnessFolder) -> None:
    stranger = Ed25519PrivateKey.generate()
    unknown = note(3, key="willing/unknown", private=stranger)
    assert status(witness, write_request(0, [], unknown))[0] == 404
    forged = note(3, key=KEY.name, private=stranger)
    assert status(witness, write_request(0, [], forged))[0] == 403
    assert witness.refused() == []


@pytest.mark.parametrize(
    "text", ["", "old 0\n", "old -1\n\nx", "old 00\n\nx", "old 0\n" + "A" * 70_000, "old 0\n\nx\n"]
)
def test_what_is_no_request_is_refused(witness: WitnessFolder, text: str) -> None:
    assert status(witness, text)[0] == 400


def test_a_proof_where_none_may_be_is_refused(witness: WitnessFolder) -> None:
    assert status(witness, write_request(0, [LEAVES[0]], note(3)))[0] == 422
    assert status(witness, write_request(0, [LEAVES[0]] * 64, note(3)))[0] == 400


def test_two_requests_at_once_never_turn_back_what_was_seen(witness: WitnessFolder) -> None:
    witness.sign(request(0, 2))

    def ask(size: int) -> int:
        try:
            WitnessFolder(witness.folder).sign(request(2, size))
        except NotSigned as refused:
            return refused.status
        return 200

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(3, 35)))
    assert answers.count(200) == 1
    assert set(answers) == {200, 409}


@unhurried
@given(st.integers(1, 40), st.integers(1, 40), st.booleans(), st.data())
def test_both_verifiers_of_continuation_say_the_same(old: int, size: int, is_other: bool, data) -> None:
    reader = read_from(OTHER if is_other else LEAVES)
    proof = merkle.prove_consistency(min(old, size), max(old, size), reader)
    if data.draw(st.booleans()) and proof:
        proof[data.draw(st.integers(0, len(proof) - 1))] = LEAVES[0]
    given_ = (old, root(old, LEAVES), size, merkle.compact_range(size, reader).root(), proof)
    assert one_file.is_consistent(*given_) == merkle.is_consistent(*given_)


def test_it_answers_over_http_as_the_protocol_says(witness: WitnessFolder) -> None:
    handler = type("TestHandler", (Handler,), {"witness": witness, "log_message": lambda *_: None})

    def ask(path: str, body: str, length: int = 0) -> tuple[int, str | None, str]:
        # The server does not read what is announced as too large.
        announced = str(length or len(body.encode()))
        found = lines.ask(server.server_address[1], "POST", path, body.encode(), Content_Length=announced)
        return found.status, found.headers.get("Content-Type"), found.body.decode()

    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            code, _, line = ask("/add-checkpoint", request(0, 6))
            assert (code, line[0]) == (200, "—")
            assert ask("/add-checkpoint", request(3, 9)) == (409, "text/x.tlog.size", "6\n")
            assert ask("/add-checkpoint", "", 70_000)[0] == 400
            assert ask("/", request(6, 9))[0] == 404
        finally:
            server.shutdown()
            thread.join()


def test_the_file_alone_does_the_whole_job(tmp_path: Path) -> None:
    """Copied away, in an interpreter that sees no part of Willing."""
    alone = tmp_path / "witness.py"
    alone.write_text(Path(one_file.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    guard = "import runpy, sys; sys.modules['willing'] = None; sys.argv[:] = sys.argv[1:]; "
    guard += "runpy.run_path(sys.argv[0], run_name='__main__')"

    def run(*arguments: str, code: int = 0) -> str:
        command = [sys.executable, "-c", guard, str(alone), *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    line = run("begin", "w", "--name", "parents.example/w1")
    assert oct((tmp_path / "w" / "witness.key").stat().st_mode)[-3:] == "600"
    run("begin", "w", "--name", "parents.example/w1", code=1)
    assert run("log", "w", str(KEY)) == f"watching {KEY.name}\n"
    (tmp_path / "request").write_text(request(0, 6), encoding="utf-8")
    answer = run("sign", "w", "request")
    assert read_cosignatures(answer, checkpoint_text(note(6)), [parse_witness_key(line)])
    (tmp_path / "request").write_text(request(6, 9, OTHER), encoding="utf-8")
    assert "not proven" in run("sign", "w", "request", code=1)
    shown = run("show", "w")
    assert "6 entries" in shown
    assert "refused, signed by the log itself" in shown


def test_a_witness_that_did_not_sign_is_missed_by_name(witness: WitnessFolder) -> None:
    other = parse_witness_key(
        str(WitnessFolder.begin(witness.folder.parent / "v", "governors.example/w1").key)
    )
    signed = note(6) + witness.sign(request(0, 6))
    with pytest.raises(Unproven, match=r"governors\.example/w1 did not sign") as error:
        require_witnesses(signed, [other])
    assert error.value.code == "no_witness"


@pytest.mark.parametrize("at", [0, 3, 10, 30])
def test_a_changed_line_is_refused(witness: WitnessFolder, at: int) -> None:
    key = parse_witness_key(str(witness.key))
    mark, name, body = witness.sign(request(0, 6)).split()
    raw = bytearray(base64.b64decode(body))
    raw[at] ^= 1
    line = f"{mark} {name} {base64.b64encode(bytes(raw)).decode()}\n"
    with pytest.raises(Unproven) as error:
        read_cosignatures(line, checkpoint_text(note(6)), [key])
    assert error.value.code == ("wrong_key" if at < 4 else "bad_signature")
