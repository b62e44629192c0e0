"""Ending it at the till takes one press and one yes, and works at once."""

from pathlib import Path

from playwright.sync_api import expect
from tests.journeys.conftest import OpenTill
from tests.support.browser import Books
from tests.support.clips import one_person


def keys_of(books: Books, person_id: str) -> int:
    """Return how many usable keys a person has."""
    return len(books.key_rows("SELECT 1 FROM keys_personkey WHERE person_id = ?", person_id))


def test_withdrawing_while_the_till_shows_the_pupil(
    open_till: OpenTill, books: Books, tmp_path: Path
) -> None:
    till = open_till(one_person(tmp_path / "b.mjpeg", "person_b_2"))
    ben = till.cast["withdraws"]
    till.add()
    till.choose("Use my face")
    till.stage("identified")
    expect(till.pupil).to_contain_text("Hello, Ben")
    assert keys_of(books, ben["id"]) == 1

    till.press("Stop using my face")
    till.stage("stop")
    assert keys_of(books, ben["id"]) == 1
    till.press("Yes, stop")
    expect(till.pupil).to_contain_text("Your face has been deleted.")
    (entry,) = books.rows("SELECT sequence FROM audit_entry WHERE event = 'face.erased'")[0]
    expect(till.pupil).to_contain_text(f"Proof: log entry {entry}.")
    assert keys_of(books, ben["id"]) == 0
    assert books.rows("SELECT 1 FROM biometrics_template WHERE person_id = ?", ben["id"]) == []
    last = "SELECT answer, channel FROM consent_decision WHERE person_id = ? ORDER BY id DESC LIMIT 1"
    assert books.rows(last, ben["id"]) == [("withdrawn", "till")]

    # The same face, a moment later: a stranger, who pays by card.
    till.stage("choose")
    till.choose("Use my face")
    till.stage("face")
    till.stage("choose")
    expect(till.pupil).to_contain_text("The camera could not be sure.")
    till.expect_camera_off()
    till.scan(ben["card"])
    till.stage("identified")
    expect(till.pupil.get_by_role("button", name="Stop using my face")).to_have_count(0)
    till.press("Yes, pay")
    till.stage("paid")
    assert [way for _, way, _, _ in books.sales()] == ["card"]
    assert [state for state, _ in books.face_sessions()] == ["matched", "unknown"]


def test_changing_ones_mind_keeps_everything(open_till: OpenTill, books: Books) -> None:
    till = open_till()
    till.add()
    till.scan(till.cast["agrees"]["card"])
    till.stage("identified")
    till.press("Stop using my face")
    till.press("No, go back")
    till.stage("identified")
    assert keys_of(books, till.cast["agrees"]["id"]) == 1
