"""What was set to last for minutes or days while the clock ran ahead does not last until that year."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from tests.support.camera import camera, enrol  # noqa: F401  (fixtures)
from tests.support.signing import sign_in
from tests.support.spending import grant_sum, sum_left_minor

from willing.accounts import sign_ins
from willing.accounts.queries import open_invitation_of
from willing.accounts.rules import CASHIER_SESSION
from willing.audit.models import Entry
from willing.biometrics.models import FaceSession
from willing.biometrics.retention import purge_faces
from willing.complaints.actions import NewComplaint, raise_complaint
from willing.consent.decisions import record_no, undo_no
from willing.consent.links import open_link, sign_link
from willing.consent.models import Notice
from willing.consent.publishing import publish_notices
from willing.consent.queries import permission
from willing.core import clock
from willing.core.errors import Refused
from willing.credentials.cards import revoke_cards
from willing.ops.backup import delete_old_key_copies
from willing.ops.clock import accept_clock
from willing.people.models import School
from willing.privacy.retention_job import OVERDUE_HOURS, purge_everything, retention_state
from willing.terminals.pairing import pair_terminal, start_pairing
from willing.till.basket_states import expire_left_basket
from willing.till.baskets import add_product
from willing.till.face_identification import open_face_session, submit_frame
from willing.till.identification import identify_by_card, identify_by_pin
from willing.till.limits import spent_today
from willing.till.payment import confirm_basket

IN_2031 = datetime(2031, 3, 3, 12, tzinfo=UTC)


def ahead() -> Any:
    return clock.running(lambda: IN_2031)


def after(**change: Any) -> Any:
    then = clock.now() + timedelta(**change)
    return clock.running(lambda: then)


def put_right(cast: Any) -> None:
    accept_clock(cast.school, reason="It ran ahead", by=None)


def test_a_pin_that_was_locked_in_2031_is_locked_for_five_minutes(cast: Any) -> None:
    number = cast.person("Carl").till_number

    def try_pin(pin: str) -> Any:
        basket = add_product(cast.till, cast.meal)
        return identify_by_pin(cast.till, basket.id, number, pin)

    with ahead():
        for _ in range(5):
            with pytest.raises(Refused, match=r"pin_wrong|pin_locked"):
                try_pin("9999")
    with pytest.raises(Refused, match="pin_locked"):
        try_pin(cast.pins["Carl"])
    with after(minutes=4), pytest.raises(Refused, match="pin_locked"):
        try_pin(cast.pins["Carl"])
    with after(minutes=5, seconds=1):
        assert try_pin(cast.pins["Carl"]).person == cast.person("Carl")


def test_a_pairing_code_and_an_invitation_from_2031_open_nothing(cast: Any) -> None:
    gwen = cast.guardian("Gwen")
    with ahead():
        pairing, code = start_pairing(cast.till), sign_ins.invite_guardian(gwen, by=None)
        assert sign_ins.require_invitation(code)
    with pytest.raises(Refused, match="pairing_code_unknown"):
        pair_terminal(pairing, key="1")
    with pytest.raises(Refused, match="invitation_ended"):
        sign_ins.require_invitation(code)
    assert open_invitation_of(gwen) is None
    assert sign_ins.require_invitation(sign_ins.invite_guardian(gwen, by=None))
    put_right(cast)
    purge_everything(cast.school)
    assert gwen.invitations.count() == 1


@pytest.mark.parametrize("way", [{"days": 1}, {"hours": 2}])
def test_a_no_that_seems_to_lie_ahead_is_not_undone(cast: Any, way: Any) -> None:
    cashier, ada = cast.user("cashier"), cast.person("Ada")
    with after(**way):
        record_no(ada, None, by=cashier)
    with pytest.raises(Refused, match="nothing_to_undo"):
        undo_no(ada, by=cashier)
    assert not permission(ada, "canteen").granted


def test_a_sign_in_from_2031_lasts_its_usual_time_and_no_longer(cast: Any) -> None:
    with ahead():
        client = sign_in(Client(), cast.user("cashier"))
    assert client.get("/staff/today/").status_code == 200  # the till goes on selling
    with after(seconds=CASHIER_SESSION.idle.total_seconds() + 60):
        assert client.get("/staff/today/").status_code == 302


def test_a_sign_in_that_seems_to_lie_ahead_is_not_recent(cast: Any) -> None:
    client = sign_in(Client(), cast.user("office"))
    session = client.session
    for one in session["account_authentication_methods"]:
        one["at"] += 3600
    session.save()
    assert client.get("/my-sign-in/passkey/").headers["Location"].startswith("/sign-in/?next=")


def test_a_consent_link_from_2031_lasts_its_usual_time(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    gus = cast.guardian("Gus")
    with ahead(), monkeypatch.context() as patch:
        patch.setattr("django.core.signing.time.time", IN_2031.timestamp)
        link = sign_link(gus)
        revoke_cards(cast.person("Bo"))
    assert open_link(link) == gus
    put_right(cast)
    with after(days=59):
        assert open_link(link) == gus
    with after(days=61), pytest.raises(Refused, match="link_not_valid"):
        open_link(link)


def test_what_was_bought_in_2031_is_no_use_of_todays_money(cast: Any) -> None:
    carl = cast.person("Carl")
    grant_sum(carl, 250, by=cast.user("office"))
    with ahead():
        kept = sum_left_minor(carl)  # of earlier days too, since it was granted
        basket = add_product(cast.till, cast.meal)
        identify_by_card(cast.till, basket.id, cast.cards["Carl"])
        confirm_basket(cast.till, basket.id)
        assert sum_left_minor(carl) == kept - 250
    assert sum_left_minor(carl) == 250
    assert spent_today(carl).wallet_minor == 0


def test_a_basket_left_in_2031_is_given_up_and_keeps_no_name_on_the_screen(cast: Any) -> None:
    with ahead():
        basket = add_product(cast.till, cast.meal)
        identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    expire_left_basket(cast.till)
    basket.refresh_from_db()
    assert (basket.state, basket.person) == ("cancelled", None)


def test_a_retention_run_of_2031_does_not_hide_that_none_ran_since(cast: Any) -> None:
    with ahead():
        purge_everything(cast.school)
    put_right(cast)
    assert not retention_state(cast.school).is_overdue
    with after(hours=OVERDUE_HOURS + 1):
        assert retention_state(cast.school).is_overdue


def test_a_copy_of_the_keys_from_2031_does_not_stay_until_then(cast: Any, tmp_path: Path) -> None:
    copy = tmp_path / "keys-20310303T120000Z.sqlite3.age"
    copy.write_bytes(b"sealed")
    with ahead():
        revoke_cards(cast.person("Bo"))
    put_right(cast)
    assert delete_old_key_copies(tmp_path) == 0
    with after(days=8):
        assert delete_old_key_copies(tmp_path) == 1
    assert not copy.exists()


def test_a_report_of_2031_is_answered_within_a_month_of_the_clock_being_put_right(cast: Any) -> None:
    with ahead():
        raise_complaint(cast.person("Ada"), NewComplaint("other", said="The queue is long"))
    put_right(cast)
    for days, is_overdue in ((1, False), (32, True)):
        with after(days=days):
            rows = sign_in(Client(), cast.user("office")).get("/staff/reports/").context["open"]
            assert [row.is_overdue for row in rows] == [is_overdue]


def test_a_face_suspended_by_a_notice_of_2031_is_not_kept_until_then(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.consent.test_actions import CHANGE, publish

    with ahead():
        assert publish(monkeypatch, CHANGE) == 1
    assert Notice.objects.filter(published_at__gt=clock.now()).exists()
    put_right(cast)
    said = Entry.objects.get(event="clock.accepted").at
    ada = cast.person("Ada")
    for days, kept in ((29, True), (31, False)):
        with after(days=days):
            found = permission(ada, "canteen")
            assert found.suspended_since == said
            assert found.keeps_template(clock.now()) is kept
    assert publish_notices() == 0


@pytest.mark.face
def test_a_face_enrolled_in_2031_has_its_term_from_the_clock_being_put_right(
    cast: Any,
    enrol: Any,  # noqa: F811
) -> None:
    School.objects.update(legal_profile="illinois")  # a term without use is 120 days
    template = enrol("Ada", "person_a_2.jpg")
    type(template).objects.update(enrolled_at=IN_2031)
    with ahead():
        revoke_cards(cast.person("Bo"))
    put_right(cast)
    assert purge_faces().overdue == 0
    with after(days=121):
        assert purge_faces().overdue == 1


@pytest.mark.face
def test_a_camera_left_open_in_2031_stands_in_nobodys_way(cast: Any, enrol: Any) -> None:  # noqa: F811
    enrol("Ada", "person_a_2.jpg")
    basket = add_product(cast.till, cast.meal)
    session = open_face_session(cast.till, basket.id, key="1")
    FaceSession.objects.filter(pk=session.pk).update(opened_at=IN_2031, expires_at=IN_2031)
    with pytest.raises(Refused, match="session_closed"):
        submit_frame(cast.till, session.id, b"")
    assert open_face_session(cast.till, basket.id, key="2").state == "open"


def test_a_locked_name_is_free_again_whatever_the_clock_says(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    steady = [time.monotonic()]
    monkeypatch.setattr("willing.core.cache.time.monotonic", lambda: steady[0])
    monkeypatch.setattr("time.time", IN_2031.timestamp)
    cache.set("tries", 5, 300)
    monkeypatch.setattr("time.time", lambda: IN_2031.timestamp() - 5 * 365 * 86400)
    assert cache.get("tries") == 5
    steady[0] += 301
    assert cache.get("tries") is None
