"""Promise 9: the whole product works with the face engine not installed at all.

Runs twice: here with the engine hidden, and by run.sh in an environment that has none.
"""

import pytest
from django.test import Client
from django.urls import reverse
from tests.support.signing import sign_in

from willing.biometrics.capture import start_capture
from willing.biometrics.consent_changes import record_consent
from willing.biometrics.retention import RetentionResult, purge_faces
from willing.core.errors import Refused
from willing.credentials.queries import ways_here
from willing.terminals.pairing import start_pairing
from willing.till.baskets import add_product
from willing.till.face_identification import open_face_session
from willing.till.identification import identify_by_card
from willing.till.payment import confirm_basket


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch):
    monkeypatch.setattr("willing.biometrics.engine.is_installed", lambda: False)


@pytest.fixture
def cashier(cast):
    client = Client()
    client.force_login(cast.user("cashier"))
    client.post(reverse("kiosk:pair"), {"code": start_pairing(cast.till)})
    return client


def test_a_till_offers_the_other_ways_and_sells(cast, cashier):
    assert ways_here(cast.till) == ["card", "pin", "staff"]
    page = cashier.post(reverse("kiosk:add"), {"product": cast.meal.id}, follow=True).content.decode()
    assert "PIN" in page
    assert "Use my face" not in page
    basket = add_product(cast.till, cast.extra)
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    assert confirm_basket(cast.till, basket.id).total_minor == 340


def test_a_face_is_refused_in_words_everywhere(cast):
    basket = add_product(cast.till, cast.meal)
    with pytest.raises(Refused, match="face_not_available"):
        open_face_session(cast.till, basket.id, key="1")
    with pytest.raises(Refused, match="face_not_available"):
        start_capture(cast.person("Ada"), "canteen", user=cast.user("office"))


@pytest.mark.parametrize(
    "page", ["/", "/staff/people/", "/staff/enrol/", "/staff/today/", "/staff/terminals/"]
)
def test_every_page_of_the_office_opens(cast, page):
    client = Client()
    sign_in(client, cast.user("office"))
    assert client.get(page).status_code == 200


def test_consent_and_the_sweep_work(cast):
    assert record_consent(cast.says("Ada", "no")).erasure is None
    assert purge_faces() == RetentionResult(0, 0, 0, 0, 0)
