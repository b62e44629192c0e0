"""A till of another maker that sends all that is on a card is told so by name, and nothing of it is kept."""

import logging

import pytest

from willing.audit.models import Entry
from willing.credentials.models import FailedAttempt
from willing.credentials.shares import PrintedCard, card_text, encode_share, new_share
from willing.terminals.models import RequestKey

SHARE = new_share()


def printed(cast, name="Carl"):
    return card_text("https://school.example/c", PrintedCard(cast.cards[name], SHARE))


@pytest.fixture
def basket(till, cast):
    return f"/baskets/{till.basket(cast)['id']}"


@pytest.mark.parametrize("missing", [0, 9, 25])
def test_a_card_s_share_is_refused_by_name_and_neither_logged_nor_counted(
    till, cast, basket, caplog, missing
):
    kept = RequestKey.objects.count(), Entry.objects.count(), FailedAttempt.objects.count()
    text = printed(cast)[: -missing or None]
    with caplog.at_level(logging.DEBUG):
        answer = till.post(f"{basket}/identify", {"way": "card", "code": text})
    assert (answer.status_code, answer.json()["code"]) == (422, "card_share_sent")
    assert encode_share(SHARE)[:8] not in answer.content.decode()
    assert encode_share(SHARE)[:8] not in caplog.text
    assert kept == (RequestKey.objects.count(), Entry.objects.count(), FailedAttempt.objects.count())
    assert till.post(f"{basket}/identify", {"way": "card", "code": cast.cards["Carl"]}).status_code == 200


def test_a_look_up_with_a_share_is_refused_before_its_key_is_kept(till, cast, basket):
    kept = RequestKey.objects.count()
    answer = till.post(f"{basket}/look-up", {"text": printed(cast)})
    assert (answer.status_code, answer.json()["code"]) == (422, "card_share_sent")
    assert RequestKey.objects.count() == kept
