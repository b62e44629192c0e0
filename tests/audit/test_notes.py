"""Checkpoints as signed notes, against other people's notes and against forgers."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.audit.logs import START, Log, cosigned, make_key, unhurried

from willing.audit.verify.errors import Unproven
from willing.audit.verify.signed_note import (
    Checkpoint,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    parse_key,
    require_order,
    sign,
)

# From the documentation and tests of Go's golang.org/x/mod/sumdb/note.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
PETERS_NOTE = (
    f"{PETERS_TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfq"
    "dngotpRZb6KE6RyyBwJnAM=\n"
)
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOOS_NOTE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTg"
    "K7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
LOG = Log.of(12)
KEYS = [LOG.key]


def code_of(error):
    return error.value.code


@pytest.mark.parametrize(("key", "note"), [(PETER, PETERS_NOTE), (FOO, FOOS_NOTE)])
def test_notes_that_others_signed_are_opened(key, note):
    assert str(parse_key(key)) == key
    assert open_note(note, [parse_key(key)]) + "\n" == note[: note.rindex("— ")]


def test_a_note_is_signed_as_others_sign_it():
    key, private = make_key(7, "PeterNeumann")
    assert open_note(sign(PETERS_TEXT, "PeterNeumann", private), [key]) == PETERS_TEXT


def test_a_checkpoint_says_what_was_signed():
    found = open_checkpoint(LOG.note(8), KEYS)
    assert found == Checkpoint("willing/test-1", 8, LOG.root(8), START + timedelta(minutes=8))
    assert found.text().splitlines() == [
        "willing/test-1",
        "8",
        base64.b64encode(LOG.root(8)).decode(),
        "time 2026-09-01T12:08:00Z",
    ]


def test_a_checkpoint_of_another_key_is_refused():
    with pytest.raises(Unproven) as error:
        open_checkpoint(Log.of(12, seed=2).note(), KEYS)
    assert code_of(error) == "wrong_key"


def test_a_checkpoint_by_a_forger_who_takes_the_logs_name_is_refused():
    with pytest.raises(Unproven) as error:
        open_checkpoint(Log(LOG.entries, 2, LOG.key.name).note(), KEYS)
    assert code_of(error) == "wrong_key"


def test_a_forger_who_also_copies_the_keys_id_is_refused():
    forged = Log(LOG.entries, 2, LOG.key.name).note()
    head, _, last = forged.rpartition(" ")
    signature = base64.b64encode(LOG.key.id + base64.b64decode(last)[4:]).decode()
    with pytest.raises(Unproven) as error:
        open_checkpoint(f"{head} {signature}\n", KEYS)
    assert code_of(error) == "bad_signature"


def test_a_key_signs_for_its_own_log_only():
    text = Checkpoint("willing/another", 3, bytes(32), START).text()
    with pytest.raises(Unproven) as error:
        open_checkpoint(sign(text, LOG.key.name, LOG.private), KEYS)
    assert code_of(error) == "wrong_key"


@unhurried
@given(st.data())
def test_a_checkpoint_with_any_one_byte_changed_is_refused(data):
    note = bytearray(LOG.note().encode())
    place = data.draw(st.integers(0, len(note) - 1))
    note[place] ^= data.draw(st.integers(1, 255))
    try:
        text = note.decode()
    except UnicodeDecodeError:
        return
    with pytest.raises(Unproven):
        open_checkpoint(text, KEYS)


@unhurried
@given(st.data())
def test_a_cut_checkpoint_is_refused(data):
    note = LOG.note()
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(note)), st.integers(0, len(note)))))
    with pytest.raises(Unproven):
        open_checkpoint(note[:start] + note[end:] if start != end else note + "\n", KEYS)


@unhurried
@given(st.text())
def test_any_other_text_is_no_checkpoint_and_no_key(text):
    for read in (
        lambda: open_checkpoint(text, KEYS),
        lambda: parse_checkpoint(text),
        lambda: parse_key(text),
    ):
        with pytest.raises(Unproven) as error:
            read()
        assert code_of(error) == "malformed"


WITNESS, WITNESS_PRIVATE = make_key(93, "witness.example")


def line_of(note):
    return note.rpartition("\n\n")[2]


@pytest.mark.parametrize("first", [False, True])
def test_signatures_of_unknown_witnesses_are_ignored(first):
    assert open_checkpoint(cosigned(LOG.note(8), first=first), KEYS) == open_checkpoint(LOG.note(8), KEYS)


def test_as_many_as_sixteen_witnesses_may_sign_and_one_whose_key_is_known_is_verified():
    note = LOG.note(8)
    text = note.partition("\n\n")[0] + "\n"
    lines = "".join(
        line_of(sign(text, f"witness.example/{n}", make_key(100 + n)[1])) for n in range(16)
    ) + line_of(sign(text, WITNESS.name, WITNESS_PRIVATE))
    assert open_checkpoint(note + lines, [LOG.key, WITNESS]).size == 8


def test_a_bad_signature_of_a_known_key_is_refused_beside_a_good_one():
    bad = line_of(sign("another text\n", WITNESS.name, WITNESS_PRIVATE))
    assert open_checkpoint(LOG.note(8) + bad, KEYS).size == 8  # nobody knows the witness
    with pytest.raises(Unproven) as error:
        open_checkpoint(LOG.note(8) + bad, [LOG.key, WITNESS])
    assert code_of(error) == "bad_signature"


def test_a_witness_alone_does_not_speak_for_the_log():
    text = LOG.note(8).partition("\n\n")[0] + "\n"
    for note in (sign(text, WITNESS.name, WITNESS_PRIVATE), cosigned(LOG.note(8))):
        with pytest.raises(Unproven) as error:
            open_checkpoint(note, [WITNESS])
        assert code_of(error) == "wrong_key"


def test_one_signature_has_one_spelling():
    note = LOG.note()
    assert note.endswith("=\n")
    last = note[-3]
    other = chr(ord(last) + 1)  # the last letter's unused bits
    with pytest.raises(Unproven):
        open_checkpoint(f"{note[:-3]}{other}=\n", KEYS)


def test_the_time_of_a_checkpoint_is_a_time():
    text = (
        LOG.note().replace("time 2026-09-01T12:12:00Z", "time 2026-19-41T12:12:00Z").split("\n\n")[0] + "\n"
    )
    with pytest.raises(Unproven) as error:
        open_checkpoint(sign(text, LOG.key.name, LOG.private), KEYS)
    assert code_of(error) == "malformed"


def test_a_key_that_was_copied_wrongly_is_refused():
    line = str(LOG.key)
    wrong = line[:-1] + ("A" if line[-1] != "A" else "B")
    with pytest.raises(Unproven, match="copied wrongly"):
        parse_key(wrong)


def opened(*notes):
    return [open_checkpoint(note, KEYS) for note in notes]


def test_checkpoints_in_order_are_accepted():
    require_order(opened(LOG.note(3), LOG.note(3, minutes=4), LOG.note(9), LOG.note(12)))
    require_order(opened(LOG.note(3, minutes=10), LOG.note(9, minutes=9)))  # the clock was set back


@pytest.mark.parametrize(
    ("notes", "code"),
    [
        ([LOG.note(9), LOG.note(3, minutes=10)], "out_of_order"),  # reordered, or an old one replayed
        ([LOG.note(9), LOG.note(9, root=bytes(32))], "inconsistent"),  # two histories, both signed
    ],
)
def test_checkpoints_that_go_back_or_disagree_are_refused(notes, code):
    with pytest.raises(Unproven) as error:
        require_order(opened(*notes))
    assert code_of(error) == code


def test_a_key_has_another_id_under_another_name():
    assert replace(LOG.key, name="willing/other").id != LOG.key.id
