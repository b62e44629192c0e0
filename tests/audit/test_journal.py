"""The journal of refusals: nothing that was said is lost, and nobody waits for its disk."""

import threading

import pytest
from django.db import connections

from willing.audit import journal
from willing.audit.errors import JournalDamaged, JournalUnfit
from willing.audit.journal_file import read_journal
from willing.audit.models import JournalLine
from willing.biometrics.consent_changes import record_consent, record_refusal
from willing.core.paths import home as home_folder
from willing.credentials.cards import revoke_cards
from willing.ops.health_restore import journal_of_refusals
from willing.terminals.pairing import unpair_terminal
from willing.till.baskets import add_product
from willing.till.identification import identify_by_card
from willing.till.payment import confirm_basket


@pytest.fixture
def folder(cast, tmp_path, monkeypatch):
    monkeypatch.setenv("WILLING_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "secrets").mkdir(parents=True, mode=0o700)
    journal.begin(tmp_path / "journal")
    return tmp_path / "journal"


def kinds(folder):
    return [line.kind for line in read_journal(folder).lines]


def is_red(cast):
    return [one.code for one in journal_of_refusals(cast.school) if not one.is_ok]


def test_a_refusal_a_revoked_card_and_an_unpaired_till_are_written_with_the_log_s_end(cast, folder):
    record_consent(cast.says("Ada", "withdrawn", guardian="Gus"))
    revoke_cards(cast.person("Carl"))
    unpair_terminal(cast.till)
    found = read_journal(folder)
    assert found.is_whole
    assert kinds(folder) == ["begun", "consent.refused", "card.revoked", "terminal.unpaired"]
    refused = found.lines[1]
    assert refused.facts["person"] == str(cast.person("Ada").id)
    assert refused.entry is not None
    assert refused.size is not None
    assert refused.entry <= refused.size
    assert len(bytes.fromhex(refused.root)) == 32
    assert not JournalLine.objects.exists()
    assert is_red(cast) == []


def test_the_journal_holds_no_name(cast, folder):
    record_refusal(cast.person("Ada"), cast.guardian("Gus"), by=cast.user("office"))
    text = (folder / "refusals.journal").read_text()
    assert not [name for name in ("Ada", "Agrees", "Gus", "office") if name in text]


def test_a_yes_is_not_written(cast, folder):
    record_consent(cast.says("Wes", "yes", guardian="Gwen"))
    assert kinds(folder) == ["begun"]


def test_what_is_undone_with_its_transaction_is_not_written(cast, folder):
    from django.db import transaction

    with pytest.raises(ValueError, match="no"), transaction.atomic():
        revoke_cards(cast.person("Carl"))
        raise ValueError("no")
    assert journal.write_pending()
    assert kinds(folder) == ["begun"]


@pytest.mark.parametrize("fault", ["gone", "full", "damaged"])
def test_a_refusal_is_not_held_up_by_the_journal_s_disk_and_is_written_later(
    cast, folder, fault, monkeypatch
):
    path = folder / "refusals.journal"
    whole = path.read_bytes()
    with monkeypatch.context() as patched:
        if fault == "gone":
            path.unlink()
        elif fault == "damaged":
            path.write_bytes(b"not a journal\n")
        else:

            def full(*_):
                raise OSError(28, "No space left on device")

            patched.setattr(journal, "append", full)
        decided = record_consent(cast.says("Ada", "withdrawn", guardian="Gus"))
        assert decided.decision.answer == "withdrawn"
        assert JournalLine.objects.count() == 1
        if fault == "gone":
            assert is_red(cast) == ["refusal_journal"]
            assert not path.exists()  # never made anew in silence
    path.write_bytes(whole)
    revoke_cards(cast.person("Carl"))  # the next line takes it along
    assert kinds(folder) == ["begun", "consent.refused", "card.revoked"]
    assert is_red(cast) == []


def test_a_disk_that_does_not_answer_holds_up_one_refusal_briefly_and_no_other(cast, folder, monkeypatch):
    answered, calls = threading.Event(), []

    def hang(*_):
        calls.append(1)
        answered.wait(30)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(journal, "PATIENCE_SECONDS", 0.05)
    with monkeypatch.context() as patched:
        patched.setattr(journal, "append", hang)
        revoke_cards(cast.person("Carl"))
        revoke_cards(cast.person("Nia"))
        revoke_cards(cast.person("Wes"))
        assert len(calls) == 1
        assert JournalLine.objects.count() == 3
        answered.set()
        journal._stuck.join()
    monkeypatch.undo()
    monkeypatch.setenv("WILLING_HOME", str(folder.parent / "home"))
    assert journal.write_pending()
    assert kinds(folder) == ["begun", *["card.revoked"] * 3]


def test_a_line_that_a_crash_left_half_written_is_dropped_and_written_again(cast, folder):
    revoke_cards(cast.person("Carl"))
    path = folder / "refusals.journal"
    path.write_bytes(path.read_bytes() + b'{"n":3,"kind":"card.rev')
    assert read_journal(folder).is_whole
    revoke_cards(cast.person("Nia"))
    assert kinds(folder) == ["begun", "card.revoked", "card.revoked"]
    assert read_journal(folder).is_whole


@pytest.mark.parametrize("change", ["a bit", "a line taken out", "two exchanged"])
def test_a_changed_journal_is_not_whole_and_is_believed_up_to_there(cast, folder, change):
    for name in ("Carl", "Nia", "Wes"):
        revoke_cards(cast.person(name))
    path = folder / "refusals.journal"
    lines = path.read_bytes().splitlines(keepends=True)
    if change == "a bit":
        lines[2] = lines[2].replace(b'"entry":', b'"entry":1')
    elif change == "a line taken out":
        del lines[2]
    else:
        lines[2], lines[3] = lines[3], lines[2]
    path.write_bytes(b"".join(lines))
    found = read_journal(folder)
    assert not found.is_whole
    assert len(found.lines) == 2


def test_a_folder_that_cannot_hold_the_journal_is_refused_at_set_up(cast, folder, tmp_path):
    with_copies = tmp_path / "copies"
    with_copies.mkdir()
    (with_copies / "willing-20260901T000000Z.sqlite3.age").touch()
    (tmp_path / "file").touch()
    for unfit, why in (
        (home_folder() / "journal", "together with the data"),
        (tmp_path, "together with the data"),
        (with_copies, "copies"),
        (folder, "a journal already"),
        (tmp_path / "file" / "journal", "cannot be written"),
    ):
        with pytest.raises(JournalUnfit, match=why):
            journal.begin(unfit)
    assert journal.journal_folder() == folder
    with pytest.raises(JournalDamaged):
        read_journal(with_copies)


def test_the_minute_s_marks_tell_the_highest_receipt_and_the_log_s_end(cast, folder):
    from willing.audit.journal_file import read_marks

    basket = add_product(cast.till, cast.meal)
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    confirm_basket(cast.till, basket.id)
    assert journal.write_marks()
    marks = read_marks(folder)
    assert marks.numbers == {"pay_ins": {}, "receipts": {str(cast.school.id): 1}, "zs": {}}
    assert marks.size > read_journal(folder).lines[0].size
    (folder / "marks.json").write_text("{")
    assert read_marks(folder) is None


def test_without_a_folder_nothing_waits(cast, tmp_path, monkeypatch):
    monkeypatch.setenv("WILLING_JOURNAL_DIR", "")
    revoke_cards(cast.person("Carl"))
    assert not JournalLine.objects.exists()
    assert is_red(cast) == []
    assert "None is kept" in next(iter(journal_of_refusals(cast.school))).detail


def test_lines_of_several_processes_at_once_are_one_chain(cast, folder):
    def revoke(name):
        revoke_cards(cast.person(name))
        connections.close_all()

    threads = [threading.Thread(target=revoke, args=(name,)) for name in ("Ada", "Carl", "Nia", "Wes")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert journal.write_pending()
    found = read_journal(folder)
    assert found.is_whole
    cards = {card for line in found.lines[1:] for card in line.facts["cards"]}
    assert len(cards) == 4
