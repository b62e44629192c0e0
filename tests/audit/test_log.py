import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction

from willing.audit.actions import erase_personal, record
from willing.audit.encoding import (
    GENESIS,
    Content,
    chain,
    digest_personal,
    encode,
    encode_personal,
    hash_entry,
)
from willing.audit.models import Entry, Head
from willing.audit.verify_database import verify_log
from willing.audit.verify_kept import verify_copy

GOLDEN = Content(
    sequence=7,
    at=datetime(2026, 9, 1, 12, 30, 0, 250, tzinfo=UTC),
    event="sale.settled",
    subject=UUID("12345678-1234-5678-1234-567812345678"),
    facts={"total": 250, "way": "card", "name": "é中", "list": [1, None, True]},
    personal_digest=bytes(range(32)),
)


def test_the_encoder_writes_the_golden_bytes_of_version_1():
    assert encode(GOLDEN).decode() == (
        '{"at":"2026-09-01T12:30:00.000250Z","event":"sale.settled",'
        '"facts":{"list":[1,null,true],"name":"é中","total":250,"way":"card"},'
        '"personal":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",'
        '"seq":7,"subject":"12345678-1234-5678-1234-567812345678","v":1}'
    )


def test_the_hashes_are_the_golden_ones():
    entry = hash_entry(encode(GOLDEN))
    assert entry.hex() == "b512231bd9044e90108419a61aba2b3d2ccfc847f48b99d1a72e2d8bff6a9d28"
    assert chain(GENESIS, entry).hex() == "9bb638dc0d4164ec5f95cfb0cf584876f511b3954a5371337a40eefab290ffc6"
    assert (
        digest_personal(encode_personal({"name": "Ada"}), bytes(32)).hex()
        == "a6acb2ed86342ff2e17c84c013b7d6cc6a6b124ffc91855d7a30ae21a7832c30"
    )


def test_a_float_never_enters_the_log():
    with pytest.raises(TypeError, match="floating-point"):
        encode_personal({"sum": [{"deep": 2.5}]})


def test_the_log_of_the_cast_is_whole(cast):
    found = verify_log()
    assert found.ok
    assert found.entries == Entry.objects.count() > 20


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET event = 'x' WHERE sequence = 3",
        "UPDATE audit_entry SET hashed = entry_hash WHERE sequence = 3",
        "UPDATE audit_entry SET personal_json = '{}' WHERE sequence = 3",
        "DELETE FROM audit_entry WHERE sequence = 3",
    ],
)
def test_the_database_itself_refuses_to_change_the_log(cast, statement):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert verify_log().ok


def _tamper(db, *statements):
    connections["default"].close()
    with closing(sqlite3.connect(db / "default.sqlite3")) as database, database:
        database.execute("DROP TRIGGER audit_entry_no_update")
        database.execute("DROP TRIGGER audit_entry_no_delete")
        for statement in statements:
            database.execute(statement)


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("statements", "faults"),
    [
        (["UPDATE audit_entry SET event = 'nothing' WHERE sequence = 5"], [(5, "changed")]),
        (["UPDATE audit_entry SET subject = NULL WHERE sequence = 5"], [(5, "changed")]),
        (["UPDATE audit_entry SET hashed = x'7b7d' WHERE sequence = 5"], [(5, "changed")]),
        (["UPDATE audit_entry SET at = '2020-01-01 00:00:00' WHERE sequence = 5"], [(5, "changed")]),
        (
            ['UPDATE audit_entry SET personal_json = \'{"name":"X"}\' WHERE sequence = 5'],
            [(5, "personal_changed")],
        ),
        (["UPDATE audit_entry SET personal_json = NULL WHERE sequence = 5"], [(5, "personal_changed")]),
        (["DELETE FROM audit_entry WHERE sequence = 5"], [(5, "missing")]),
        (["DELETE FROM audit_entry WHERE sequence = 1"], [(1, "missing")]),
    ],
)
def test_the_verifier_finds_what_was_changed(cast, db, statements, faults):
    _tamper(db, *statements)
    assert [(fault.sequence, fault.code) for fault in verify_log().faults] == faults


@pytest.mark.sqlite
def test_the_verifier_finds_rows_that_changed_places(cast, db):
    _tamper(
        db,
        "UPDATE audit_entry SET sequence = 100000 WHERE sequence = 5",
        "UPDATE audit_entry SET sequence = 5 WHERE sequence = 6",
        "UPDATE audit_entry SET sequence = 6 WHERE sequence = 100000",
    )
    found = verify_log()
    assert {fault.sequence for fault in found.faults} >= {5, 6}


@pytest.mark.sqlite
def test_the_verifier_finds_a_log_that_was_cut_off(cast, db):
    last = Entry.objects.count()
    _tamper(db, f"DELETE FROM audit_entry WHERE sequence = {last}")
    assert [(fault.sequence, fault.code) for fault in verify_log().faults] == [(last, "cut_off")]


@pytest.mark.sqlite
def test_a_rewritten_entry_with_a_fresh_hash_breaks_the_chain(cast, db):
    entry = Entry.objects.get(sequence=5)
    forged = bytes(entry.hashed).replace(b'"event":"', b'"event":"x')
    _tamper(
        db,
        f"UPDATE audit_entry SET hashed = x'{forged.hex()}', entry_hash = x'{hash_entry(forged).hex()}'"
        " WHERE sequence = 5",
    )
    assert [(fault.sequence, fault.code) for fault in verify_log().faults] == [(5, "reordered")]


@pytest.mark.sqlite
def test_a_copy_is_verified_without_changing_it(cast, db, tmp_path):
    copy = tmp_path / "copy.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(copy)])
    before = copy.read_bytes()
    assert verify_copy(copy).ok
    assert copy.read_bytes() == before
    assert "audit-copy" not in connections.settings


def test_erasing_personal_text_leaves_the_chain_whole(cast):
    person = cast.person("Ada")
    assert Entry.objects.filter(subject=person.id, personal_json__contains="Agrees").exists()
    assert erase_personal(person.id) > 0
    assert not Entry.objects.filter(personal_json__contains="Agrees").exists()
    assert verify_log().ok


def test_no_hashed_part_holds_a_name(cast):
    for entry in Entry.objects.all():
        text = bytes(entry.hashed).decode()
        assert not [name for name in ("Agrees", "Ada", "Gus", "Cardholder") if name in text]


@pytest.mark.steady_clock
def test_entries_written_by_many_threads_form_one_line(cast):
    def write(_):
        with transaction.atomic():
            record("test.thread", subject=uuid4(), facts={}, personal={})
        connections.close_all()

    before = Head.objects.get().sequence
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    assert Head.objects.get().sequence == before + 40
    assert verify_log().ok


def test_a_log_entry_needs_its_deeds_transaction(cast):
    with pytest.raises(AssertionError, match="transaction"):
        record("test.alone", subject=None, facts={}, personal={})
