"""The tree in the database, signed checkpoints, receipts, and what the verifier finds in each."""

import json
import secrets
import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from unittest import mock
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction
from tests.support.clocks import stopped_at
from tests.support.homes import make_secrets
from tests.support.meant import meant

from willing.audit import signing, tree
from willing.audit.actions import NewEntry, record, record_many, record_now, sign_log
from willing.audit.checkpoints import printable, store_checkpoint
from willing.audit.errors import CopyUnreadable, NothingLogged, NotSealed, SigningKeyUnreadable, TreeDamaged
from willing.audit.export import export_log
from willing.audit.models import Entry, Head, Node, SignedCheckpoint
from willing.audit.queries import find_inclusion_receipt, inclusion_receipt, newest_checkpoint
from willing.audit.signing import own_key, trusted_keys
from willing.audit.verify.consistency import verify_continuation
from willing.audit.verify.errors import Unproven
from willing.audit.verify.exports import verify_export
from willing.audit.verify.files import read_checkpoint
from willing.audit.verify.merkle import CompactRange, compact_range, prove_consistency
from willing.audit.verify.receipts import verify_receipt
from willing.audit.verify.signed_note import Checkpoint, open_checkpoint
from willing.audit.verify_database import verify_log, verify_since
from willing.audit.verify_entry import FAULT_CODES
from willing.audit.verify_kept import opened_copy, verify_copy, verify_kept_receipt
from willing.core import clock
from willing.till.baskets import open_basket
from willing.till.identification import identify_by_card
from willing.till.payment import confirm_basket

PERSON = uuid4()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Give each test a signing key of its own."""
    monkeypatch.setenv("WILLING_HOME", str(tmp_path / "home"))
    return make_secrets(tmp_path / "home")


def append(count, *, event="test.many"):
    with transaction.atomic():
        record_many([NewEntry(event, PERSON, {"n": number}, {"name": "Ada"}) for number in range(count)])


def grow(hashes):
    edge = CompactRange()
    for one in hashes:
        edge.append(bytes(one))
    return edge


def leaves():
    return [bytes(one) for one in Entry.objects.order_by("sequence").values_list("entry_hash", flat=True)]


def tamper(db, *statements):
    """Change the database as someone would who may do anything on the computer."""
    connections["default"].close()
    with closing(sqlite3.connect(db / "default.sqlite3")) as database, database:
        triggers = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_%'"
        )
        for (name,) in triggers.fetchall():
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            database.execute(*([statement] if isinstance(statement, str) else statement))


def faults(found=None):
    return [(fault.sequence, fault.code) for fault in (found or verify_log()).faults]


def opened(note):
    return open_checkpoint(note, trusted_keys())


# Growing


def test_the_head_keeps_the_right_edge_of_the_tree_whatever_wrote_the_entries(cast):
    append(300)
    with transaction.atomic():
        record("test.one", subject=None, facts={}, personal={})
    head = Head.objects.get()
    assert bytes(head.peaks) == grow(leaves()).to_bytes()
    assert verify_log().root == grow(leaves()).root()


def test_every_fourth_level_of_the_tree_is_stored_and_gives_every_subtree(cast):
    append(1000)
    size = Entry.objects.count()
    assert Node.objects.count() == size // 16 + size // 256
    read = tree.reader()
    assert compact_range(size, read).root() == grow(leaves()).root()
    assert read(9, 1) == grow(leaves()[512:1024]).root()
    assert read(3, 7) == grow(leaves()[56:64]).root()


def test_appending_reads_and_writes_no_more_in_a_long_log(cast, django_assert_num_queries):
    append(2000)
    with django_assert_num_queries(5), transaction.atomic():
        record("test.one", subject=None, facts={}, personal={})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_node SET hash = x'00'",
        "DELETE FROM audit_node",
        "UPDATE audit_signedcheckpoint SET note = ''",
        "DELETE FROM audit_signedcheckpoint",
        "UPDATE audit_head SET sequence = sequence - 1",
        "UPDATE audit_head SET peaks = x''",
        "DELETE FROM audit_head",
    ],
)
def test_the_database_itself_refuses_to_change_the_tree(cast, statement):
    append(300)
    sign_log()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert verify_log().ok


def test_every_trigger_of_the_log_is_there(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_%'")
        names = {name for (name,) in cursor.fetchall()}
    tables = ("entry", "node", "signedcheckpoint", "head")
    assert names == {f"audit_{table}_no_{deed}" for table in tables for deed in ("update", "delete")}


# Tampering that leaves every entry whole


def test_a_changed_or_missing_part_of_the_tree_is_found(cast, db):
    append(600)
    tamper(db, 'UPDATE audit_node SET hash = zeroblob(32) WHERE level = 8 AND "index" = 1')
    assert faults() == [(512, "tree_changed")]
    tamper(db, 'DELETE FROM audit_node WHERE level = 4 AND "index" = 3')
    assert faults()[0] == (64, "tree_changed")


def test_a_changed_right_edge_is_found(cast, db):
    tamper(db, "UPDATE audit_head SET peaks = zeroblob(length(peaks))")
    assert faults() == [(Entry.objects.count(), "tree_changed")]


def test_a_broken_head_is_told_by_everything_that_reads_it(cast, db):
    sign_log()
    text = json.dumps(inclusion_receipt(Entry.objects.get(sequence=3)))
    tamper(db, "UPDATE audit_head SET peaks = x'00'")
    assert faults() == [(Entry.objects.count(), "tree_changed")]
    for use in (sign_log, lambda: verify_kept_receipt(text, trusted_keys())):
        with pytest.raises(TreeDamaged, match="head is damaged"):
            use()
    tamper(db, "DELETE FROM audit_head")
    with pytest.raises(Unproven) as error:
        verify_kept_receipt(text, trusted_keys())
    assert error.value.code == "cut_off"


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE audit_head SET peaks = x'00'", None),
        ("UPDATE audit_head SET peaks = x''", None),
        ("UPDATE audit_head SET sequence = 40, peaks = zeroblob(64)", 40),
        ("UPDATE audit_head SET sequence = 0, peaks = x''", 0),
        ("DELETE FROM audit_head", 0),
    ],
    ids=["no edge", "empty edge", "behind", "at the start", "gone"],
)
def test_a_lost_end_of_the_log_refuses_no_lunch_and_is_told(cast, db, statement, found):
    append(300)
    sign_log()
    kept, last = opened(newest_checkpoint().note), Entry.objects.count()
    tamper(db, statement)
    basket = open_basket(cast.till, uuid4(), [(cast.meal, 1)])
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    assert confirm_basket(cast.till, basket.id).receipt_number == 1
    told = Entry.objects.get(sequence=last + 1)
    assert told.event == "log.head_rebuilt"
    facts = json.loads(bytes(told.hashed))["facts"]
    assert facts == {"found_sequence": last if found is None else found}
    assert verify_log(known=[kept]).ok
    assert Entry.objects.filter(event="log.head_rebuilt").count() == 1
    assert sign_log().size == Entry.objects.count()


def test_a_log_that_lost_entries_goes_on_and_the_verifier_names_them(cast, db):
    append(300)
    last = Entry.objects.count()
    tamper(db, "DELETE FROM audit_entry WHERE sequence IN (17, 18)", "DELETE FROM audit_head")
    append(40)
    assert Head.objects.get().sequence == last + 41
    assert faults()[0] == (17, "missing")
    tamper(db, f"DELETE FROM audit_entry WHERE sequence > {last - 100}", "DELETE FROM audit_head")
    append(200)
    assert Head.objects.get().sequence == last + 101
    assert faults()[0] == (17, "missing")


KEPT_OUT = ("sequence", "chain_hash")


@pytest.mark.parametrize("behind", [1, 2, 2**60])
def test_an_entry_that_somebody_put_behind_the_end_stops_no_writer(cast, db, behind):
    append(20)
    last = Entry.objects.count()
    others = [str(one.column) for one in Entry._meta.local_fields if one.column not in KEPT_OUT]
    into, copied = f"sequence, chain_hash, {', '.join(others)}", ", ".join(others)
    taken = f"{last + behind}, zeroblob(32), {copied} FROM audit_entry WHERE sequence = 5"
    tamper(db, f"INSERT INTO audit_entry ({into}) SELECT {taken}")
    append(3)
    append(3)
    assert last + 6 <= Head.objects.get().sequence <= last + 9
    assert not verify_log().ok


def test_entries_past_the_end_are_found(cast, db):
    last = Entry.objects.count()
    tamper(db, f"UPDATE audit_head SET sequence = {last - 1}")
    assert faults() == [(last, "cut_off")]
    tamper(db, "DELETE FROM audit_head")
    assert faults() == [(1, "cut_off")]


def test_a_log_rewritten_from_an_entry_on_is_found_by_a_kept_checkpoint(cast, db, tmp_path):
    """The operator rewrites everything that lies in the database: entries, chain, tree. Paper remembers."""
    append(300)
    kept = opened(sign_log().note)
    rewrite(db)
    assert faults() == [(kept.size, "checkpoint_contradicted")]
    tamper(db, "DELETE FROM audit_signedcheckpoint")
    assert verify_log().ok  # nothing in the database tells any more,
    assert faults(verify_log(known=[kept])) == [(kept.size, "checkpoint_contradicted")]  # what was kept does
    assert faults(verify_since(kept)) == [(kept.size, "checkpoint_contradicted")]
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "a.checkpoint").write_text(_note_of(kept))
    with pytest.raises(Unproven, match="disagree"):
        store_checkpoint(tmp_path / "stick")
    assert len(list((tmp_path / "stick").iterdir())) == 1


def _note_of(checkpoint):
    return signing.sign_checkpoint(checkpoint)


def rewrite(db):
    """Rewrite the log with one fact of entry 40 changed, as well as anybody could."""
    rows = list(Entry.objects.order_by("sequence"))
    kept = list(SignedCheckpoint.objects.values_list("number", "size", "root", "at", "note"))
    tamper(db, "DELETE FROM audit_entry", "DELETE FROM audit_node", "DELETE FROM audit_head")
    with transaction.atomic():
        for row in rows:
            facts = json.loads(bytes(row.hashed))["facts"] | ({"forged": 1} if row.sequence == 40 else {})
            salted = mock.patch.object(secrets, "token_bytes", return_value=bytes(row.personal_salt or b""))
            with stopped_at(row.at), salted:
                personal = json.loads(row.personal_json or "")
                record(row.event, subject=row.subject, facts=facts, personal=personal)
    assert list(SignedCheckpoint.objects.values_list("number", "size", "root", "at", "note")) == kept


# Checkpoints


def test_a_signed_checkpoint_says_how_long_the_log_is_and_what_its_root_is(cast):
    signed = sign_log()
    assert opened(signed.note) == Checkpoint(own_key().name, signed.size, bytes(signed.root), signed.at)
    assert (signed.number, signed.size, signed.root) == (1, Entry.objects.count(), grow(leaves()).root())
    assert verify_log().checkpoints == 1


def test_a_quiet_day_is_signed_too_and_signing_is_no_entry(cast):
    sizes = [sign_log().size for _ in range(2)]
    assert sizes == [Entry.objects.count()] * 2
    assert [row.number for row in SignedCheckpoint.objects.all()] == [1, 2]
    assert newest_checkpoint().number == 2
    assert verify_log().ok


def test_a_clock_that_was_set_back_does_not_reorder_checkpoints(cast):
    first = sign_log()
    with clock.running(lambda: first.at - timedelta(days=1)):
        second = sign_log()
    assert (second.number, second.at) == (first.number + 1, first.at - timedelta(days=1))
    assert newest_checkpoint() == second
    assert verify_log().ok


def test_an_empty_log_is_not_signed(db):
    tamper(db, "DELETE FROM audit_entry", "DELETE FROM audit_head")
    with pytest.raises(NothingLogged):
        sign_log()


def test_a_log_that_does_not_continue_the_last_checkpoint_is_not_signed_again(cast, db):
    sign_log()
    rewrite(db)
    with pytest.raises(TreeDamaged, match="does not continue"):
        sign_log()


def test_a_log_that_was_cut_below_the_last_checkpoint_is_not_signed_again(cast, db):
    sign_log()
    tamper(db, "DELETE FROM audit_entry", "DELETE FROM audit_head")
    append(3)
    with pytest.raises(TreeDamaged):
        sign_log()
    assert (4, "cut_off") in faults()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            "UPDATE audit_signedcheckpoint SET note = replace(note, 'time 2', 'time 3') WHERE number = 2",
            "changed",
        ),
        ("UPDATE audit_signedcheckpoint SET note = 'x' WHERE number = 2", "changed"),
        ("UPDATE audit_signedcheckpoint SET root = zeroblob(32) WHERE number = 2", "changed"),
        ("UPDATE audit_signedcheckpoint SET at = '2020-01-01 00:00:00' WHERE number = 2", "changed"),
        ("UPDATE audit_signedcheckpoint SET number = 9 WHERE number = 2", "changed"),
        (
            "UPDATE audit_signedcheckpoint SET note = (SELECT min(note) FROM audit_signedcheckpoint)",
            "changed",
        ),
        ("UPDATE audit_signedcheckpoint SET note = replace(note, 'willing/', 'willing/x')", "unknown_key"),
    ],
)
def test_a_changed_checkpoint_is_found(cast, db, change, code):
    sign_log()
    append(1)
    size = sign_log().size
    tamper(db, change)
    assert (size, f"checkpoint_{code}") in faults()


def test_an_old_checkpoint_that_is_replayed_as_the_newest_is_found(cast, db):
    old = sign_log()
    append(5)
    sign_log()
    tamper(
        db,
        "INSERT INTO audit_signedcheckpoint SELECT 3, size, root, at, note FROM audit_signedcheckpoint"
        " WHERE number = 1",
    )
    assert faults() == [(old.size, "checkpoint_changed")]


def test_a_missing_checkpoint_is_found(cast, db):
    for _ in range(3):
        sign_log()
    tamper(db, "DELETE FROM audit_signedcheckpoint WHERE number = 2")
    assert [code for _, code in faults()] == ["checkpoint_changed"]


def test_entries_that_were_signed_for_and_removed_are_missed(cast, db):
    kept = opened(sign_log().note)
    last = kept.size
    rows = [bytes(row.chain_hash) for row in Entry.objects.order_by("sequence")]
    edge = grow(leaves()[:-1]).to_bytes()
    tamper(
        db,
        f"DELETE FROM audit_entry WHERE sequence = {last}",
        ("UPDATE audit_head SET sequence = ?, chain_hash = ?, peaks = ?", (last - 1, rows[-2], edge)),
    )
    assert faults() == [(last, "cut_off")]
    assert faults(verify_since(kept)) == [(last, "cut_off")]


def test_a_replaced_signing_key_is_noticed_until_the_old_one_is_noted_as_retired(cast, home):
    old = sign_log()
    line = str(own_key())
    signing.replace_key()
    assert line in signing.retired_path().read_text()
    signing.retired_path().unlink()
    assert faults() == [(old.size, "checkpoint_unknown_key")]
    assert sign_log().note.splitlines()[0] != line.split("+", maxsplit=1)[0]
    assert faults() == [(old.size, "checkpoint_unknown_key")]
    signing.retired_path().write_text(f"# replaced on 1 September\n{line}\n")
    assert verify_log().ok


# The key


def test_a_signing_key_that_is_missing_is_never_made_by_using_it(cast, db):
    signing.key_path().unlink()
    assert verify_log().ok
    for use in (own_key, sign_log):
        with pytest.raises(SigningKeyUnreadable, match=r"log-signing\.key is missing"):
            use()
    assert not signing.key_path().exists()
    key = signing.make_key()
    assert stat.S_IMODE(signing.key_path().stat().st_mode) == 0o600
    assert own_key() == signing.make_key() == key
    sign_log()
    seed = signing.key_path().read_bytes()
    connections["default"].close()
    for path in db.iterdir():
        assert seed not in path.read_bytes()


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_file_that_holds_no_signing_key_is_said_to_be_none(cast, content):
    own_key()
    signing.key_path().write_bytes(content)
    with pytest.raises(SigningKeyUnreadable, match="32 bytes"):
        sign_log()


# Since a checkpoint


def test_what_came_after_a_checkpoint_is_verified_alone(cast):
    append(500)
    kept = opened(sign_log().note)
    append(7)
    found = verify_since(kept)
    assert (found.ok, found.entries, found.size) == (True, 7, kept.size + 7)
    assert found.root == verify_log().root


def test_a_change_after_the_checkpoint_is_found_and_one_before_is_left_to_the_whole(cast, db):
    kept = opened(sign_log().note)
    append(7)
    tamper(db, f"UPDATE audit_entry SET hashed = x'7b7d' WHERE sequence = {kept.size + 3}")
    assert faults(verify_since(kept)) == [(kept.size + 3, "changed")]
    tamper(db, "UPDATE audit_entry SET hashed = x'7b7d' WHERE sequence = 5")
    assert faults(verify_since(kept)) == [(kept.size + 3, "changed")]
    assert (5, "changed") in faults()


def test_a_tree_with_a_hole_is_told_and_not_crashed_over(cast, db):
    append(600)
    kept = opened(sign_log().note)
    append(1)
    tamper(db, "DELETE FROM audit_node")
    assert faults(verify_since(kept)) == [(kept.size, "tree_changed")]


# Receipts


def test_a_receipt_proves_its_entry_and_holds_no_name(cast):
    append(600)
    sign_log()
    append(3)
    for sequence in (1, 2, 255, 256, 257, 512, 600):
        text = json.dumps(inclusion_receipt(Entry.objects.get(sequence=sequence)))
        assert verify_receipt(text, trusted_keys()).said.sequence == sequence
        assert verify_kept_receipt(text, trusted_keys()).said.sequence == sequence
        assert "Ada" not in meant(text)


def test_an_entry_that_is_not_signed_for_yet_has_no_receipt(cast):
    entry = Entry.objects.get(sequence=3)
    assert find_inclusion_receipt(entry) is None
    sign_log()
    assert find_inclusion_receipt(entry) is not None
    with transaction.atomic():
        newer = record_now("test.one", subject=None, facts={}, personal={})
    with pytest.raises(NotSealed):
        inclusion_receipt(newer)
    sign_log()
    assert inclusion_receipt(newer)["index"] == newer.sequence - 1


def test_a_receipt_outlives_erasing_the_personal_text(cast):
    from willing.audit.actions import erase_personal

    append(3)
    sign_log()
    entry = Entry.objects.latest("sequence")
    text = json.dumps(inclusion_receipt(entry))
    erase_personal(PERSON)
    assert verify_kept_receipt(text, trusted_keys()).said.sequence == entry.sequence


def test_a_genuine_receipt_convicts_a_log_that_was_rewritten(cast, db):
    append(300)
    sign_log()
    changed, other = (
        json.dumps(inclusion_receipt(Entry.objects.get(sequence=sequence))) for sequence in (40, 41)
    )
    rewrite(db)
    for text, code in ((changed, "not_included"), (other, "inconsistent")):
        with pytest.raises(Unproven) as error:
            verify_kept_receipt(text, trusted_keys())
        assert error.value.code == code


def test_a_genuine_receipt_convicts_a_log_that_was_cut(cast, db):
    append(10)
    sign_log()
    text = json.dumps(inclusion_receipt(Entry.objects.get(sequence=3)))
    tamper(db, "UPDATE audit_head SET sequence = 5, peaks = zeroblob(64)")
    with pytest.raises(Unproven) as error:
        verify_kept_receipt(text, trusted_keys())
    assert error.value.code == "cut_off"


# Files


def test_the_exported_log_is_verified_without_the_database_and_holds_no_name(cast, tmp_path):
    append(20)
    assert export_log(tmp_path / "log") == Entry.objects.count()
    content = (tmp_path / "log").read_text()
    assert not [name for name in ("Ada", "Agrees", "Gus", "personal_json") if name in content]
    with (tmp_path / "log").open("rb") as file:
        found = verify_export(file, trusted_keys())
    assert (found.size, found.root) == (Entry.objects.count(), verify_log().root)
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []


def test_the_log_since_a_checkpoint_is_exported_and_verified(cast, tmp_path):
    append(300)
    kept = opened(sign_log().note)
    append(5)
    assert export_log(tmp_path / "log", since=kept) == 5
    with (tmp_path / "log").open("rb") as file:
        assert verify_export(file, trusted_keys(), known=[kept]).first == kept.size + 1


def test_a_checkpoint_longer_than_the_log_cannot_be_exported_from(cast, tmp_path):
    kept = opened(sign_log().note)
    with pytest.raises(ValueError, match="fewer"):
        export_log(tmp_path / "log", since=Checkpoint(kept.origin, kept.size + 1, kept.root, kept.at))


def test_a_stick_gets_a_checkpoint_each_day_and_the_proof_that_leads_from_one_to_the_next(cast, tmp_path):
    stick = tmp_path / "stick"
    first = sign_log().at
    for day in range(3):
        with stopped_at(first + timedelta(days=day)):
            written = store_checkpoint(stick)
        append(40)
    assert [path.suffix for path in written] == [".json", ".checkpoint"]
    assert len(list(stick.glob("*.checkpoint"))) == 3
    for path in stick.glob("*.consistency.json"):
        old, new = verify_continuation(path.read_text(), trusted_keys())
        assert new.size == old.size + 40
    assert read_checkpoint(written[-1], trusted_keys()).size == Entry.objects.count() - 40


def test_a_stick_with_a_longer_log_on_it_is_refused(cast, tmp_path):
    store_checkpoint(tmp_path / "stick")
    kept = opened(newest_checkpoint().note)
    longer = Checkpoint(kept.origin, kept.size + 9, kept.root, kept.at)
    (tmp_path / "stick" / "b.checkpoint").write_text(signing.sign_checkpoint(longer))
    with pytest.raises(Unproven, match="were signed for") as error:
        store_checkpoint(tmp_path / "stick")
    assert error.value.code == "cut_off"


def test_a_stick_with_a_strangers_checkpoint_on_it_is_refused(cast, tmp_path):
    store_checkpoint(tmp_path / "stick")
    signing.replace_key()
    signing.retired_path().unlink()
    with pytest.raises(Unproven, match="none of the keys"):
        store_checkpoint(tmp_path / "stick")


def test_a_stick_from_before_the_key_was_replaced_goes_on_with_the_new_one(cast, tmp_path):
    store_checkpoint(tmp_path / "stick")
    signing.replace_key()
    append(1)
    assert len(store_checkpoint(tmp_path / "stick")) == 2


def test_paper_shows_the_root_in_groups_and_the_signed_text(cast):
    signed = sign_log()
    text = printable(signed)
    assert bytes(signed.root).hex()[:4] in text
    assert text.endswith(signed.note)
    assert max(map(len, text.splitlines())) <= 130


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\x00" + bytes(100)])
def test_a_file_that_is_no_copy_is_said_to_be_none(cast, tmp_path, content):
    (tmp_path / "copy").write_bytes(content)
    with pytest.raises(CopyUnreadable, match="no copy"):
        verify_copy(tmp_path / "copy")
    assert not [alias for alias in connections.settings if alias.startswith("audit-copy")]


def test_a_copy_in_a_folder_with_an_odd_name_is_verified(cast, tmp_path):
    (tmp_path / "a?b#c %20").mkdir()
    copy = tmp_path / "a?b#c %20" / "copy"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(copy)])
    kept = opened(sign_log().note)
    assert verify_copy(copy, known=[kept]).ok
    with opened_copy(copy) as alias:
        assert verify_since(kept, using=alias).ok


def test_writers_that_go_on_do_not_disturb_the_verifier(cast, monkeypatch):
    from willing.audit import verify_database

    walk = verify_database._walk

    def write_meanwhile(*arguments):
        append(3)
        walk(*arguments)
        append(3)
        sign_log()

    monkeypatch.setattr(verify_database, "_walk", write_meanwhile)
    before = Entry.objects.count()
    found = verify_log()
    assert (found.ok, found.entries) == (True, before)
    assert prove_consistency(before, before + 6, tree.reader())


def test_every_code_of_a_fault_is_tested_here():
    from pathlib import Path

    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    short = {code: code.removeprefix("checkpoint_") for code in FAULT_CODES}
    assert not [code for code in FAULT_CODES if f'"{code}"' not in tests and f'"{short[code]}"' not in tests]
