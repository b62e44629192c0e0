"""A later reference behind those of the desk: by one press after card and face, and never another way."""

import time
from datetime import timedelta
from typing import Any
from typing import cast as as_type

import pytest
from tests.support.card_faces import (
    asked_for,
    begin_look,
    enrol_with_card,
    look_with_card,
    pair_as_kiosk,
    seal,
)

from willing.audit.models import Entry
from willing.audit.verify.entries import read_entry
from willing.biometrics import card_processes, memory, refreshing
from willing.biometrics.card_sessions import context_of
from willing.biometrics.consent_changes import record_consent
from willing.biometrics.gallery import live_gallery, open_template
from willing.biometrics.models import Template
from willing.biometrics.school_policy import decide_kinds
from willing.consent.models import Notice
from willing.core.clock import now
from willing.core.errors import Refused
from willing.keys.actions import open_person_key
from willing.till.baskets import add_product, show_basket
from willing.till.face_identification import open_face_session, submit_frame, submit_share
from willing.till.face_refresh import can_refresh, refresh_after
from willing.till.identification import identify_by_card, identify_by_pin
from willing.till.payment import confirm_basket

pytestmark = pytest.mark.face


@pytest.fixture(autouse=True)
def nothing_left():
    yield
    card_processes.close_all()
    memory.refresh_offers._entries.clear()


@pytest.fixture
def kiosk(cast):
    pair_as_kiosk()
    decide_kinds(cast.school, "both", by=cast.user("dpo"))
    return cast


def grow_old(days: int = 61) -> None:
    """Let the pictures of the desk be from so many days ago."""
    Template.objects.update(enrolled_at=now() - timedelta(days=days))


def sell_with_card(kiosk: Any, shots: Any, share: bytes) -> Any:
    """Sell a meal with a card and the face that it opens."""
    assert look_with_card(kiosk, shots, share, key=str(now())).state == "matched"
    basket = show_basket(kiosk.till)
    assert basket is not None
    return confirm_basket(kiosk.till, basket.id, is_repeat_checked=True)


def sell(kiosk: Any, shots: Any, *, way: str = "card") -> Any:
    """Sell a meal with a card (or a PIN), confirmed by a face that the school can open."""
    basket = add_product(kiosk.till, kiosk.meal)
    if way == "card":
        identify_by_card(kiosk.till, basket.id, kiosk.cards["Ada"])
    elif way == "pin":
        identify_by_pin(kiosk.till, basket.id, kiosk.person("Ada").till_number, kiosk.pins["Ada"])
    session = open_face_session(kiosk.till, basket.id, key=str(now()))
    for _ in range(24):
        if submit_frame(kiosk.till, session.id, shots.frame()).state != "looking":
            break
    return confirm_basket(kiosk.till, basket.id, is_repeat_checked=True)


def refusal(kiosk: Any, sale: Any) -> str:
    with pytest.raises(Refused) as refused:
        refresh_after(kiosk.till, sale.id, by=kiosk.user("cashier"))
    return refused.value.code


def rows_of(held: Any) -> Any:
    """Return what a card's template holds now, as nobody can who has not both halves."""
    from willing.face.card_seal import Halves, open_with_card
    from willing.face.protect import SealContext

    row = Template.objects.get()
    context = SealContext(**as_type("dict[str, Any]", context_of(row)))
    halves = Halves(open_person_key(row.key_id), held.share)
    return open_with_card(bytes(row.sealed), halves, context)


def test_one_press_puts_a_later_reference_behind_the_desks_and_the_card_still_opens_them(kiosk, camera):
    held, shots = enrol_with_card(kiosk, camera, picture="person_b_1.jpg"), camera("person_b_2.jpg")
    before, old = rows_of(held), bytes(Template.objects.get().sealed)
    assert not can_refresh(sell_with_card(kiosk, shots, held.share))  # enrolled today
    grow_old()
    sale = sell_with_card(kiosk, shots, held.share)
    assert can_refresh(sale)
    refresh_after(kiosk.till, sale.id, by=kiosk.user("cashier"))
    after, row = rows_of(held), Template.objects.get()
    assert (len(before), len(after), row.references, row.issue) == (3, 4, 3, 2)
    assert (after[:3] == before).all()
    assert row.refreshed_at is not None
    entry = read_entry(bytes(Entry.objects.filter(event="face.refreshed").get().hashed)).facts
    assert (entry["issue"], entry["holder"]) == (2, "card")
    assert refusal(kiosk, sale) == "refresh_over"  # pressed twice
    again = sell_with_card(kiosk, shots, held.share)
    assert not can_refresh(again)  # not twice within sixty days
    Template.objects.update(refreshed_at=now() - timedelta(days=60))
    refresh_after(kiosk.till, sell_with_card(kiosk, shots, held.share).id, by=kiosk.user("cashier"))
    assert len(rows_of(held)) == 4  # in the place of the one before
    Template.objects.update(sealed=old)
    assert look_with_card(kiosk, shots, held.share, key="old").state == "unknown"


def test_without_the_press_or_after_its_time_nothing_of_the_match_is_left(kiosk, camera, monkeypatch):
    held, shots = enrol_with_card(kiosk, camera, picture="person_b_1.jpg"), camera("person_b_2.jpg")
    grow_old()
    sale, sealed = sell_with_card(kiosk, shots, held.share), bytes(Template.objects.get().sealed)
    process = memory.refresh_offers.find(kiosk.till.id).process
    later = time.monotonic() + 31
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert not can_refresh(sale)
    assert refusal(kiosk, sale) == "refresh_over"
    card_processes.tidy()
    assert process.is_over
    assert bytes(Template.objects.get().sealed) == sealed


def test_a_process_that_is_killed_leaves_the_template_as_it_was(kiosk, camera):
    held, shots = enrol_with_card(kiosk, camera, picture="person_b_1.jpg"), camera("person_b_2.jpg")
    grow_old()
    sale = sell_with_card(kiosk, shots, held.share)
    memory.refresh_offers.find(kiosk.till.id).process.close()
    assert refusal(kiosk, sale) == "refresh_over"
    assert Template.objects.get().refreshed_at is None
    assert look_with_card(kiosk, shots, held.share, key="next").state == "matched"


def test_what_fails_in_the_middle_leaves_the_template_as_it_was(kiosk, camera, monkeypatch):
    held, shots = enrol_with_card(kiosk, camera, picture="person_b_1.jpg"), camera("person_b_2.jpg")
    grow_old()
    sale = sell_with_card(kiosk, shots, held.share)
    monkeypatch.setattr(refreshing, "record_enrolled", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        refresh_after(kiosk.till, sale.id, by=kiosk.user("cashier"))
    assert len(rows_of(held)) == 3
    assert Template.objects.get().issue == 1


def test_a_withdrawal_between_match_and_press_wins(kiosk, camera):
    held, shots = enrol_with_card(kiosk, camera, picture="person_b_1.jpg"), camera("person_b_2.jpg")
    grow_old()
    sale = sell_with_card(kiosk, shots, held.share)
    record_consent(kiosk.says("Ada", "withdrawn"))
    assert refusal(kiosk, sale) == "not_permitted"
    assert not Template.objects.exists()


def test_the_process_refreshes_nothing_before_a_match_after_another_face_or_for_another_person(kiosk, camera):
    from willing.biometrics.card_messages import Message
    from willing.biometrics.engine import require_engine

    held = enrol_with_card(kiosk, camera, picture="person_b_1.jpg")
    grow_old()
    session = begin_look(kiosk)
    assert submit_share(kiosk.till, session.id, seal(*asked_for(session), held.share)).state == "looking"
    process = card_processes.find(session.id)
    context = context_of(held.template, 2)
    early = {"deed": "refresh", "desk": 3, "context": context}
    assert process.ask(Message(early)).said["is_refused"]  # nothing has matched
    shots = camera("person_b_2.jpg")
    while submit_frame(kiosk.till, session.id, shots.frame()).state == "looking":
        pass
    engine = require_engine(kiosk.school)
    stranger = engine.process_frame(camera("impostor_1.jpg").frame(), purpose="enrolment").face
    rows = b"".join(one.vector.astype("<f4").tobytes() for one in (stranger.template, stranger.reference))
    wrong = {**early, "context": {**context, "person": "another"}}
    assert process.ask(Message(wrong)).said["is_refused"]
    assert process.ask(Message(early)).said["is_refused"]  # the frame is used up by a wrong press, too
    asked = {"deed": "compare", "model": engine.model_id, "quality": 100.0}
    said = process.ask(Message(asked, rows)).said
    assert (said["decision"], said["is_kept"]) == (None, False)
    assert process.ask(Message(early)).said["is_refused"]


def test_what_the_school_opens_is_refreshed_too_and_the_search_takes_it_over(cast, camera, enrol):
    enrol("Ada", "person_b_1.jpg")
    live = live_gallery(cast.school, "canteen")
    grow_old()
    sale = sell(cast, camera("person_b_2.jpg"))
    assert can_refresh(sale)
    refresh_after(cast.till, sale.id, by=cast.user("cashier"))
    row = Template.objects.select_related("person__school").get()
    assert len(open_template(row, live.rotation)) == row.references + 1 == 4
    live.sync()
    assert live.issues[row.pk] == row.issue == 2
    assert not can_refresh(sell(cast, camera("person_b_2.jpg")))


def test_a_face_alone_and_a_pin_offer_nothing(cast, camera, enrol):
    enrol("Ada", "person_b_1.jpg")
    grow_old()
    assert not can_refresh(sell(cast, camera("person_b_2.jpg"), way="face"))
    assert not can_refresh(sell(cast, camera("person_b_2.jpg"), way="pin"))


def test_nothing_is_offered_to_whom_no_notice_said_so(cast, camera, enrol):
    enrol("Ada", "person_b_1.jpg")
    grow_old()
    for notice in Notice.objects.all():
        assert ("refreshed_by_press" in notice.terms) == (notice.purpose in {"canteen", "shop"})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("willing.biometrics.queries.REFRESHED_BY_PRESS", "never_said")
        assert not can_refresh(sell(cast, camera("person_b_2.jpg")))
    assert can_refresh(sell(cast, camera("person_b_2.jpg")))


def test_a_frame_that_is_not_surely_of_whom_the_desk_enrolled_changes_nothing(cast, camera, enrol):
    from willing.biometrics.engine import require_engine

    enrol("Ada", "person_b_1.jpg")
    grow_old()
    sale = sell(cast, camera("person_b_2.jpg"))
    offer = memory.refresh_offers.find(cast.till.id)
    frame = camera("impostor_1.jpg").frame()
    stranger = require_engine(cast.school).process_frame(frame, purpose="enrolment").face.reference
    memory.refresh_offers.put(cast.till.id, memory.RefreshOffer(**{**vars(offer), "kept": stranger}))
    assert refusal(cast, sale) == "refresh_unlike"
    assert Template.objects.get().refreshed_at is None


def test_a_picture_that_the_check_did_not_pass_is_never_kept(cast, camera, enrol, monkeypatch):
    enrol("Ada", "person_b_1.jpg")
    grow_old()
    monkeypatch.setattr(refreshing, "is_seen_alive", lambda _session: False)
    assert not can_refresh(sell(cast, camera("person_b_2.jpg")))
