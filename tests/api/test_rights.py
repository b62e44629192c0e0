"""What a token opens: the API or the till's page, and refunds only where the office allows them."""

import pytest
from django.test import Client
from tests.api.caller import Till
from tests.support.log import facts_of
from tests.support.signing import sign_in

from willing.accounts.sessions import is_live
from willing.core.errors import Refused
from willing.ledger.queries import available_minor
from willing.pages.kiosk.access import COOKIE
from willing.terminals.devices import allow_refunds, forbid_refunds
from willing.terminals.pairing import pair_terminal, start_pairing, unpair_terminal


def browser_at(cast, role="cashier"):
    """Return a browser that was made a till on its own page."""
    client = sign_in(Client(), cast.user(role))
    assert client.post("/till/pair/", {"code": start_pairing(cast.till)}).status_code == 302
    return client


def test_a_cashiers_cookie_is_no_token_of_the_api(cast, till):
    sale = till.sell(cast)
    till.token = browser_at(cast).cookies[COOKIE].value
    for answer in (till.get("/terminal"), till.get("/sales"), till.post(f"/sales/{sale['id']}/refund")):
        assert (answer.status_code, answer.json()["code"]) == (401, "terminal_not_paired")
    assert available_minor(cast.person("Carl")) == 1750


def test_a_token_of_the_api_opens_no_page(cast, till):
    client = sign_in(Client(), cast.user("cashier"))
    client.cookies[COOKIE] = till.token
    assert client.get("/till/").headers["Location"] == "/till/pair/"


def test_a_pairing_for_one_kind_of_device_is_not_repeated_for_the_other(cast):
    code = start_pairing(cast.till)
    pair_terminal(code, key="a", device="kiosk")
    with pytest.raises(Refused, match="pairing_code_unknown"):
        pair_terminal(code, key="a", device="api")


def test_a_till_refunds_only_where_the_office_allows_it(cast, till):
    sale = till.sell(cast)
    refused = till.post(f"/sales/{sale['id']}/refund", {"reason": "cold"}, key="r")
    assert (refused.status_code, refused.json()["code"]) == (403, "refunds_not_allowed")
    assert 'scope="refund"' in refused["WWW-Authenticate"]
    assert till.get("/terminal").json()["scopes"] == ["sell"]
    allow_refunds(cast.till, by=cast.user("office"))
    assert till.get("/terminal").json()["scopes"] == ["sell", "refund"]
    assert till.post(f"/sales/{sale['id']}/refund", {"reason": "cold"}, key="r").status_code == 200
    forbid_refunds(cast.till, by=cast.user("office"))
    other = till.sell(cast)
    assert till.post(f"/sales/{other['id']}/refund").status_code == 403


def test_the_log_names_the_till_that_gave_money_back(cast, till):
    allow_refunds(cast.till, by=cast.user("office"))
    till.post(f"/sales/{till.sell(cast)['id']}/refund", {"reason": "cold"})
    (facts,) = facts_of("sale.refunded")
    assert facts["terminal"] == str(cast.till.id)
    assert facts["by"] is None
    assert facts_of("terminal.refunds_allowed") == [{"by": cast.user("office").pk}]


@pytest.mark.parametrize("end", [unpair_terminal, lambda till: pair_terminal(start_pairing(till), key="b")])
def test_the_right_to_refund_ends_with_the_pairing(cast, till, end):
    allow_refunds(cast.till, by=cast.user("office"))
    end(cast.till)
    assert not cast.till.may_refund


def test_only_a_till_of_another_maker_is_given_the_right_to_refund(cast):
    browser_at(cast)
    with pytest.raises(Refused, match="not_an_api_till"):
        allow_refunds(cast.till, by=cast.user("office"))


def test_a_copied_cookie_opens_nothing_while_the_till_is_in_use(cast):
    first = browser_at(cast)
    thief = sign_in(Client(), cast.user("cashier"))
    thief.cookies[COOKIE] = first.cookies[COOKIE].value
    assert first.get("/till/").status_code == 200
    answer = thief.get("/till/")
    assert answer.status_code == 409
    assert "open in another browser" in answer.content.decode()
    assert thief.post("/till/add/", {"product": str(cast.meal.id)}).status_code == 409
    assert first.get("/till/").status_code == 200
    with pytest.raises(Refused, match="till_in_use"):
        raise_again(cast, thief)


def raise_again(cast, client):
    from willing.terminals.devices import bind_session

    bind_session(cast.till, client.session.session_key, by=cast.user("cashier"))


def test_the_next_cashier_signs_in_at_the_same_till(cast):
    client = browser_at(cast)
    before = client.session.session_key
    token = client.cookies[COOKIE].value
    client.logout()
    client.cookies[COOKIE] = token
    assert not is_live(before)
    sign_in(client, cast.user("office"))
    assert client.get("/till/").status_code == 200
    assert facts_of("terminal.session_bound")[-1] == {"by": cast.user("office").pk}


def test_another_till_with_the_right_refunds_nothing_of_this_one(cast, till):
    other = Till(cast, cast.other_till)
    allow_refunds(cast.other_till, by=cast.user("office"))
    answer = other.post(f"/sales/{till.sell(cast)['id']}/refund")
    assert (answer.status_code, answer.json()["code"]) == (404, "sale_unknown")
