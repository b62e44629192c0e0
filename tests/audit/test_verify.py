"""The verifier that believes nothing: exported logs, receipts, proofs between checkpoints, damaged files."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tests.audit.logs import Log, cosigned, make_entry, unhurried

from willing.audit.verify.__main__ import main
from willing.audit.verify.consistency import verify_continuation
from willing.audit.verify.entries import read_entry
from willing.audit.verify.errors import Unproven
from willing.audit.verify.exports import LINE_BYTES_MAX, verify_export
from willing.audit.verify.receipts import verify_receipt
from willing.audit.verify.signed_note import open_checkpoint

LOG = Log.of(40)
KEYS = [LOG.key]
OTHER = Log.of(40, way="card")  # as long, with other entries, under the same key
OTHERS_KEY = Log.of(40, seed=2)


def verify(content, *, keys=KEYS, known=()):
    return verify_export(io.BytesIO(content), keys, known=[open_checkpoint(note, keys) for note in known])


def refusal(read, *arguments, **named):
    with pytest.raises(Unproven) as error:
        read(*arguments, **named)
    assert str(error.value)
    return error.value.code, error.value.line


# Entries


def test_an_entry_is_read_back():
    said = read_entry(make_entry(7, way="card"))
    assert (said.sequence, said.event, said.facts) == (7, "sale.settled", {"total_minor": 250, "way": "card"})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@unhurried
@given(st.dictionaries(st.text(), json_values, max_size=5))
def test_all_that_the_encoder_writes_is_read(facts):
    try:
        entry = make_entry(1, facts=facts)
    except rfc8785.CanonicalizationError:
        return  # half a character: the encoder refuses it
    assert read_entry(entry).facts["facts"] == facts


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"v":1', b'"v":true'),
        (b'"seq":7', b'"seq":7.0'),
        (b'"seq":7', b'"seq":07'),
        (b'"seq":7', b'"seq":-7'),
        (b'"seq":7', b'"seq":"7"'),
        (b'"seq":7', b'"seq":7,"seq":7'),
        (b'"seq":7', b'"seq": 7'),
        (b'"total_minor":250', b'"total_minor":2.5'),
        (b'"total_minor":250', b'"total_minor":NaN'),
        (b'"total_minor":250', b'"total_minor":9007199254740993'),
        (b'"total_minor":250', b'"total_minor":' + b"9" * 5000),
        (b'"total_minor":250', b'"total_minor":' + b"[" * 5000),
        (b'"sale.settled"', b'"s\\u0061le.settled"'),
        (b'"sale.settled"', b'"\\ud800"'),
        (b'"sale.settled"', b"null"),
        (b'"sale.settled"', b'"\xff"'),
        (b'"facts":{"total_minor":250}', b'"facts":[]'),
        (b'"v":1', b'"v":1,"w":1'),
        (b"}", b"} "),
    ],
)
def test_bytes_that_two_readers_could_read_differently_are_refused(old, new):
    entry = make_entry(7)
    assert old in entry
    assert refusal(read_entry, entry.replace(old, new, 1))[0] == "malformed"


def test_an_entry_of_a_later_version_says_so():
    assert refusal(read_entry, make_entry(7).replace(b'"v":1', b'"v":2'))[0] == "unknown_version"


# Exported logs


def test_a_whole_log_is_proven():
    found = verify(LOG.export(), known=[LOG.note(1), LOG.note(16), LOG.note(39)])
    assert (found.first, found.size, found.root, len(found.checkpoints)) == (1, 40, LOG.root(40), 4)


@pytest.mark.parametrize("after", [1, 8, 13, 39, 40])
def test_what_came_after_a_checkpoint_is_proven(after):
    found = verify(LOG.export(after), known=[LOG.note(after)])
    assert (found.first, found.size) == (after + 1, 40)


def test_a_part_that_begins_after_the_checkpoint_proves_nothing_about_it():
    assert refusal(verify, LOG.export(20), known=[LOG.note(13)])[0] == "uncovered"


def test_a_log_rewritten_after_a_checkpoint_was_kept_is_found_and_the_place_is_named():
    forged = Log([*LOG.entries[:20], *OTHER.entries[20:]])
    assert verify(forged.export()).size == 40  # who holds the key can sign what they like,
    with pytest.raises(Unproven, match="between 17 and 30") as error:  # but not what others kept
        verify(forged.export(), known=[LOG.note(10), LOG.note(16), LOG.note(30)])
    assert (error.value.code, error.value.line) == ("inconsistent", 31)


def test_a_log_that_is_shorter_than_what_was_signed_is_found():
    assert refusal(verify, Log(LOG.entries[:30]).export(), known=[LOG.note(35)])[0] == "cut_off"


def test_a_part_over_another_past_is_found():
    forged = Log([*OTHER.entries[:20], *LOG.entries[20:]])
    assert refusal(verify, forged.export(20), known=[LOG.note(20)])[0] == "inconsistent"


def lines_of(content):
    return content.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("damage", "code", "line"),
    [
        (lambda lines: lines[:-1], "cut_off", None),
        (lambda lines: [*lines[:-1], lines[-1][:-1]], "cut_off", 41),
        (lambda lines: [*lines[:5], *lines[6:]], "out_of_order", 6),
        (lambda lines: [*lines[:5], lines[6], lines[5], *lines[7:]], "out_of_order", 6),
        (lambda lines: [*lines[:5], lines[4], *lines[5:]], "out_of_order", 6),
        (lambda lines: [*lines, make_entry(41) + b"\n"], "inconsistent", None),
        (lambda lines: [*lines[:5], OTHER.entries[4] + b"\n", *lines[6:]], "inconsistent", 41),
        (lambda lines: [*lines[:5], b"{}\n", *lines[6:]], "malformed", 6),
        (lambda lines: [*lines[:5], b"\n", *lines[5:]], "malformed", 6),
        (lambda lines: [*lines[:5], b"\xff\xfe\n", *lines[6:]], "malformed", 6),
        (lambda lines: [*lines[:5], b"x" * (LINE_BYTES_MAX + 1) + b"\n"], "malformed", 6),
        (lambda lines: [*lines[:5], lines[5].replace(b"\n", b"\r\r\n"), *lines[6:]], "malformed", 6),
        (lambda lines: lines[1:], "malformed", 1),
        (lambda lines: [], "malformed", 1),
        (lambda lines: [b"[" * 100000 + b"\n"], "malformed", 1),
        (lambda lines: [lines[0].replace(b'"first": 1', b'"first": 2'), *lines[1:]], "malformed", 1),
        (lambda lines: [lines[0].replace(b'"first": 1', b'"first": -5'), *lines[1:]], "malformed", 1),
        (lambda lines: [lines[0].replace(b'"first": 1', b'"first": true'), *lines[1:]], "malformed", 1),
        (lambda lines: [lines[0].replace(b"willing-log-1", b"willing-log-9"), *lines[1:]], "malformed", 1),
        (lambda lines: [lines[0].replace(b"\\n40\\n", b"\\n41\\n"), *lines[1:]], "bad_signature", 1),
        (lambda lines: [lines_of(OTHERS_KEY.export())[0], *lines[1:]], "wrong_key", 1),
        (lambda lines: [lines_of(LOG.export(0, LOG.note(39)))[0], *lines[1:]], "inconsistent", None),
    ],
)
def test_a_damaged_file_is_refused_with_the_line(damage, code, line):
    assert refusal(verify, b"".join(damage(lines_of(LOG.export())))) == (code, line)


@unhurried
@given(st.data())
def test_an_exported_log_with_any_one_byte_changed_is_refused_or_says_the_same(data):
    content = bytearray(LOG.export())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        found = verify(bytes(content))
    except Unproven:
        return
    # A space in the first line may become another one; what is proven is the same.
    assert (found.first, found.root) == (1, LOG.root(40))
    assert content.splitlines()[1:] == LOG.entries


@unhurried
@given(st.binary(max_size=300))
def test_any_bytes_are_refused_and_never_crash(content):
    refusal(verify, content)


# Receipts


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 40), (39, 40), (20, 33), (31, 32)])
def test_a_receipt_is_proven(index, size):
    found = verify_receipt(json.dumps(LOG.receipt(index, size)), KEYS)
    assert (found.said.sequence, found.hashed, found.checkpoint.size) == (index + 1, LOG.entries[index], size)


@pytest.mark.parametrize("first", [False, True])
def test_a_receipt_in_a_log_that_witnesses_cosigned_is_proven(first):
    receipt = {**LOG.receipt(20), "checkpoint": cosigned(LOG.note(), first=first)}
    assert verify_receipt(json.dumps(receipt), KEYS).checkpoint.size == 40


RECEIPT = LOG.receipt(20)
CHANGES = [
    ({"entry": OTHER.entries[20].decode()}, "not_included"),
    ({"entry": LOG.entries[21].decode()}, "not_included"),
    ({"entry": RECEIPT["entry"].replace(",", ", ")}, "malformed"),
    ({"entry": "\ud800"}, "malformed"),
    ({"index": 21}, "not_included"),
    ({"index": -1}, "not_included"),
    ({"index": 2**70}, "not_included"),
    ({"index": 20.5}, "malformed"),
    ({"index": True}, "malformed"),
    ({"size": 41}, "not_included"),
    ({"root": OTHER.root(40).hex()}, "not_included"),
    ({"root": RECEIPT["root"].upper()}, "malformed"),
    ({"proof": []}, "not_included"),
    ({"proof": RECEIPT["proof"][::-1]}, "not_included"),
    ({"proof": RECEIPT["proof"][:-1]}, "not_included"),
    ({"proof": [*RECEIPT["proof"], "00" * 32]}, "not_included"),
    ({"proof": ["00" * 32] * 65}, "malformed"),
    ({"proof": "00"}, "malformed"),
    ({"proof": [7]}, "malformed"),
    ({"checkpoint": LOG.note(39)}, "not_included"),
    ({"checkpoint": OTHER.note()}, "not_included"),
    ({"checkpoint": OTHERS_KEY.note()}, "wrong_key"),
    ({"checkpoint": LOG.note().replace("\n40\n", "\n41\n")}, "bad_signature"),
    ({"checkpoint": ""}, "malformed"),
    ({"checkpoint": None}, "malformed"),
    ({"checkpoint": cosigned(OTHERS_KEY.note())}, "wrong_key"),
    ({"checkpoint": cosigned(LOG.note()).replace("\n40\n", "\n41\n")}, "bad_signature"),
    ({"checkpoint": cosigned(LOG.note()) + "more\n"}, "malformed"),
    ({"checkpoint": LOG.note() + "— witness AAAA\n"}, "malformed"),
    ({"checkpoint": LOG.note() + "— wit+ness AAAAAAAA\n"}, "malformed"),
    ({"checkpoint": LOG.note() + "— wit\ud800ness AAAAAAAA\n"}, "malformed"),
    ({"checkpoint": LOG.note() + 100 * "— witness AAAAAAAA\n"}, "malformed"),
    ({"checkpoint": LOG.note() + f"— witness {'AAAA' * 20_000}\n"}, "malformed"),
    ({"format": "willing-receipt-2"}, "malformed"),
    ({"more": 1}, "malformed"),
]


@pytest.mark.parametrize(("change", "code"), CHANGES)
def test_a_changed_receipt_is_refused(change, code):
    assert refusal(verify_receipt, json.dumps({**RECEIPT, **change}), KEYS)[0] == code


@unhurried
@given(st.integers(0, 39), st.data())
def test_a_receipt_with_any_one_character_changed_is_refused_or_says_the_same(index, data):
    receipt = LOG.receipt(index)
    text = json.dumps(receipt, ensure_ascii=False)
    place = data.draw(st.integers(0, len(text) - 1))
    changed = (
        text[:place] + data.draw(st.characters().filter(lambda one: one != text[place])) + text[place + 1 :]
    )
    try:
        found = verify_receipt(changed, KEYS)
    except Unproven:
        return
    assert json.loads(changed) == receipt  # white space, or an escape that stands for the same
    assert found.hashed == LOG.entries[index]


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{", "{}", "[" * 100000, "\ud800", "1e999", "x" * (1 << 21)]
)
def test_what_is_no_receipt_is_refused(text):
    assert refusal(verify_receipt, text, KEYS)[0] == "malformed"


# Proofs between two checkpoints


@unhurried
@given(st.integers(1, 40), st.integers(1, 40))
def test_a_later_checkpoint_is_proven_to_continue_an_earlier(one, other):
    old, new = sorted((one, other))
    found = verify_continuation(json.dumps(LOG.continuation(old, new)), KEYS)
    assert [checkpoint.size for checkpoint in found] == [old, new]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"old": OTHER.note(13)}, "inconsistent"),
        ({"new": OTHER.note(40)}, "inconsistent"),
        ({"old": LOG.note(12)}, "inconsistent"),
        ({"old": LOG.note(40), "new": LOG.note(13, minutes=50)}, "out_of_order"),
        ({"old": OTHERS_KEY.note(13)}, "wrong_key"),
        ({"proof": []}, "inconsistent"),
        ({"proof": ["zz"]}, "malformed"),
        ({"new": 5}, "malformed"),
        ({"format": ""}, "malformed"),
        ({"more": 5}, "malformed"),
    ],
)
def test_a_changed_proof_between_checkpoints_is_refused(change, code):
    text = json.dumps({**LOG.continuation(13, 40), **change})
    assert refusal(verify_continuation, text, KEYS)[0] == code


def test_checkpoints_of_two_logs_prove_nothing_about_each_other():
    text = json.dumps({**LOG.continuation(13, 40), "old": OTHERS_KEY.note(13)})
    assert refusal(verify_continuation, text, [*KEYS, OTHERS_KEY.key])[0] == "inconsistent"


@pytest.mark.parametrize("text", ["", "[]", "[" * 100000])
def test_what_is_no_proof_between_checkpoints_is_refused(text):
    assert refusal(verify_continuation, text, KEYS)[0] == "malformed"


# The program


@pytest.fixture
def files(tmp_path):
    written = {
        "log": LOG.export(),
        "receipt": json.dumps(RECEIPT).encode(),
        "consistency": json.dumps(LOG.continuation(13, 40)).encode(),
        "kept": LOG.note(13).replace("\n", "\r\n").encode(),  # as some mail programs leave it
        "wrong": OTHER.note(13).encode(),
        "key": f"# the log of our school\n{OTHERS_KEY.key}\n\n{LOG.key}\n".encode(),
        "not-text": b"\xff\xfe",
        "no-key": b"# none yet\n",
        "bad-key": b"# copied by hand\nwilling/test+1\n",
        "huge": bytes((1 << 20) + 1),
    }
    for name, content in written.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def run(folder, capsys, *arguments):
    code = main([str(folder / one[1:]) if one.startswith("@") else one for one in arguments])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return code, said.out + said.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("log", "@log", "--key", "@key"), "proven: entries 1 to 40"),
        (("log", "@log", "--key", str(LOG.key), "--checkpoint", "@kept"), "2 checkpoints agree"),
        (("receipt", "@receipt", "--key", str(LOG.key)), "proven: entry 21 (sale.settled"),
        (("consistency", "@consistency", "--key", "@key"), "the log at 40 entries continues the one at 13"),
    ],
)
def test_the_program_proves(files, capsys, arguments, said):
    code, output = run(files, capsys, *arguments)
    assert code == 0
    assert said in output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("log", "@log", "--key", str(OTHERS_KEY.key)), "NOT PROVEN (wrong_key)"),
        (
            ("log", "@log", "--key", "@key", "--checkpoint", "@wrong"),
            "log, line 14: the entries are not those",
        ),
        (("log", "@log", "--key", "@key", "--checkpoint", "@log"), "log: this is not a signed checkpoint"),
        (("log", "@receipt", "--key", "@key"), "receipt, line 1: the file ends in the middle"),
        (("log", "@nothing", "--key", "@key"), "nothing: No such file"),
        (("receipt", "@nothing", "--key", "@key"), "nothing: No such file"),
        (("receipt", "@not-text", "--key", "@key"), "not-text: the file is not text"),
        (("receipt", "@huge", "--key", "@key"), "huge: the file is too large"),
        (("receipt", "@log", "--key", "@key"), "this is not a receipt"),
        (("receipt", "@receipt", "--key", "@no-key"), "the file holds no public key"),
        (("receipt", "@receipt", "--key", "@bad-key"), "bad-key, line 2: this is not the public key"),
        (("receipt", "@receipt", "--key", "@nothing"), "nothing: No such file"),
        (("consistency", "@receipt", "--key", "@key"), "this is not a proof between two checkpoints"),
    ],
)
def test_the_program_says_in_one_line_why_it_is_not_proven(files, capsys, arguments, said):
    code, output = run(files, capsys, *arguments)
    assert code == 1
    assert said in output
    assert output.count("\n") == 1


MARKED, CHANGED_ENDS = "begins with a byte order mark", "its line ends were changed"


@pytest.mark.parametrize(
    ("save", "remarks"),
    [
        (lambda content: b"\xef\xbb\xbf" + content, [MARKED]),
        (lambda content: content.replace(b"\n", b"\r\n"), [CHANGED_ENDS]),
        (lambda content: b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"), [MARKED, CHANGED_ENDS]),
    ],
    ids=["mark", "line ends", "both"],
)
@pytest.mark.parametrize(
    ("command", "name"), [("log", "log"), ("receipt", "receipt"), ("consistency", "consistency")]
)
def test_what_another_program_saved_says_what_was_done_to_it_and_is_proven(
    files, capsys, command, name, save, remarks
):
    (files / "receipt").write_text(json.dumps(RECEIPT, indent=1))
    (files / "consistency").write_text(json.dumps(LOG.continuation(13, 40), indent=1))
    for one in (name, "key"):
        (files / one).write_bytes(save((files / one).read_bytes()))
    code, output = run(files, capsys, command, f"@{name}", "--key", "@key")
    assert code == 0, output
    assert output.startswith("proven")
    for remark in (MARKED, CHANGED_ENDS):
        assert (remark in output) is (remark in remarks)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_kept_checkpoint_that_another_program_saved_still_counts(files, capsys, end, mark):
    (files / "kept").write_bytes((mark + LOG.note(13).replace("\n", end)).encode())
    code, output = run(files, capsys, "log", "@log", "--key", "@key", "--checkpoint", "@kept")
    assert code == 0, output
    assert "2 checkpoints agree" in output
    assert (CHANGED_ENDS in output, MARKED in output) == (end != "\n", bool(mark))


def test_what_was_changed_is_not_proven_and_what_saving_did_is_said_beside_it(files, capsys):
    (files / "log").write_bytes(LOG.export().replace(b"\n", b"\r\n").replace(b"250", b"251", 1))
    code, output = run(files, capsys, "log", "@log", "--key", "@key")
    assert code == 1
    assert "NOT PROVEN (inconsistent)" in output
    assert CHANGED_ENDS in output
    assert output.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (LOG.export().replace(b"\n", b"\r"), "line ends of this file were changed to carriage returns"),
        (LOG.export().decode().encode("utf-16"), "saved as UTF-16"),
    ],
)
def test_a_log_that_cannot_be_read_for_how_it_was_saved_says_so(files, capsys, content, said):
    (files / "log").write_bytes(content)
    code, output = run(files, capsys, "log", "@log", "--key", "@key")
    assert code == 1
    assert "NOT PROVEN (malformed)" in output
    assert said in output


def test_a_receipt_that_is_saved_as_utf_16_says_so(files, capsys):
    (files / "receipt").write_bytes(json.dumps(RECEIPT).encode("utf-16"))
    code, output = run(files, capsys, "receipt", "@receipt", "--key", "@key")
    assert code == 1
    assert "the file is saved as UTF-16 and not as UTF-8" in output


@pytest.mark.parametrize("arguments", [(), ("log",), ("log", "x"), ("whole", "x", "--key", "y")])
def test_the_program_says_how_it_is_used(arguments, capsys):
    with pytest.raises(SystemExit) as error:
        main(arguments)
    assert error.value.code == 2
    assert "usage" in capsys.readouterr().err


WITHOUT_DJANGO = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("django", "sqlite3", "rfc8785", "click"):
            raise ImportError(f"the verifier imported {name}")

sys.meta_path.insert(0, Refuse())
import runpy
sys.argv = ["verify", *sys.argv[1:]]
runpy.run_module("willing.audit.verify", run_name="__main__")
"""


def test_the_verifier_runs_without_django_and_without_a_database(files):
    source = str(Path(__file__).resolve().parents[2] / "src")
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_DJANGO, "log", str(files / "log"), "--key", str(files / "key")],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": source},
        cwd=files,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("proven: entries 1 to 40")
