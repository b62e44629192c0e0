import asyncio
import json
import re
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.core.asgi import get_asgi_application
from django.test import Client
from tests.api.caller import Till
from tests.support.clocks import stopped_at
from tests.support.log import facts_of

from willing.credentials.staff_pins import set_own_pin
from willing.ledger.queries import available_minor, verify_ledger
from willing.people.calendar import add_entry, read_hours, set_week
from willing.people.calendar_rules import CalendarSpan
from willing.people.school import set_cashier_required
from willing.terminals.devices import allow_refunds
from willing.terminals.pairing import start_pairing
from willing.till.models import Basket, Sale


def test_a_till_of_another_maker_sells_a_lunch(cast, till):
    assert till.get("/terminal").json()["ways"][:2] == ["card", "pin"]
    assert [product["price_minor"] for product in till.get("/menu").json()] == [90, 250]
    basket = till.basket(cast)
    assert (basket["state"], basket["total_minor"], basket["person"]) == ("open", 250, None)
    shown = till.post(f"/baskets/{basket['id']}/identify", {"way": "card", "code": cast.cards["Carl"]}).json()
    assert shown["person"] == {"first_name": "Carl", "year": "7A"}
    sale = till.post(f"/baskets/{basket['id']}/confirm").json()
    assert (sale["receipt_number"], sale["total_minor"]) == (1, 250)
    assert available_minor(cast.person("Carl")) == 1750
    assert [one["id"] for one in till.get("/sales").json()["items"]] == [sale["id"]]


def test_the_same_key_opens_one_basket_and_confirms_once(cast, till):
    assert till.basket(cast, key="k1")["id"] == till.basket(cast, key="k1")["id"]
    assert Basket.objects.count() == 1
    path = f"/baskets/{Basket.objects.get().id}"
    for _ in range(2):
        body = {"way": "pin", "number": cast.person("Carl").till_number, "pin": cast.pins["Carl"]}
        assert till.post(f"{path}/identify", body, key="k2").status_code == 200
    receipts = {till.post(f"{path}/confirm", key=key).json()["receipt_number"] for key in ("k3", "k3", "k4")}
    assert receipts == {1}
    assert Sale.objects.count() == 1
    assert available_minor(cast.person("Carl")) == 1750


def test_the_same_key_with_another_basket_is_refused(cast, till):
    till.basket(cast, key="k1")
    answer = till.post("/baskets", {"lines": [{"product": str(cast.extra.id), "quantity": 1}]}, key="k1")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("quantity", [0, -1, 21, 1.5, 1.0, 10**30, "one", "1", None, True, [1]])
def test_a_quantity_that_is_none_is_refused_and_opens_nothing(cast, till, quantity):
    answer = till.post("/baskets", {"lines": [{"product": str(cast.meal.id), "quantity": quantity}]})
    assert answer.status_code == 422, answer.content
    assert not Basket.objects.exists()


@pytest.mark.parametrize("total", [250.0, 249.5, "250", True, -250, 10**30])
def test_a_sum_that_is_no_whole_number_pays_nothing(cast, till, total):
    basket = till.basket(cast)
    till.post(f"/baskets/{basket['id']}/identify", {"way": "card", "code": cast.cards["Carl"]})
    answer = till.post(f"/baskets/{basket['id']}/confirm", {"total_minor": total})
    assert answer.status_code == 422, answer.content
    assert not Sale.objects.exists()


def test_a_pairing_answer_that_was_lost_can_be_asked_for_again_but_by_nobody_else(cast):
    client, code = Client(), start_pairing(cast.till)
    ask = lambda key: client.post(  # noqa: E731
        "/api/v1/pair",
        json.dumps({"code": code}),
        content_type="application/json",
        headers={"Idempotency-Key": key},
    )
    first, again, other = ask("a"), ask("a"), ask("b")
    assert first.json()["token"] == again.json()["token"]
    assert (other.status_code, other.json()["code"]) == (404, "pairing_code_unknown")


def test_a_refund_goes_back_once(cast, till):
    allow_refunds(cast.till, by=cast.user("office"))
    basket = till.basket(cast)
    till.post(f"/baskets/{basket['id']}/identify", {"way": "card", "code": cast.cards["Carl"]})
    sale = till.post(f"/baskets/{basket['id']}/confirm").json()
    first = till.post(f"/sales/{sale['id']}/refund", {"reason": "cold"}, key="r")
    again = till.post(f"/sales/{sale['id']}/refund", {"reason": "cold"}, key="r")
    other = till.post(f"/sales/{sale['id']}/refund", {"reason": "cold"}, key="s")
    assert first.json() == again.json()
    assert other.json()["code"] == "already_refunded"
    assert available_minor(cast.person("Carl")) == 2000
    assert verify_ledger().ok


WRITES = [
    "/pair",
    "/baskets",
    "/baskets/current/cancel",
    "/menu/{id}/sold-out",
    "/cashier/sign-on",
    "/cashier/sign-off",
    "/baskets/{id}/cancel",
    "/baskets/{id}/identify",
    "/baskets/{id}/deny",
    "/baskets/{id}/confirm",
    "/baskets/{id}/lines/{id}",
    "/baskets/{id}/park",
    "/baskets/{id}/take-back",
    "/baskets/{id}/look-up",
    "/baskets/{id}/stop-face",
    "/baskets/{id}/sessions",
    "/sessions/{id}/frames",
    "/sessions/{id}/stop",
    "/sales/{id}/refund",
]


def test_every_write_is_listed_and_takes_a_key(cast, till):
    document = till.client.get("/api/v1/openapi.json").json()
    writes = {
        path: operations["post"] for path, operations in document["paths"].items() if "post" in operations
    }
    listed = {f"/api/v1{path}" for path in WRITES}
    assert {re.sub(r"{\w+_id}", "{id}", path) for path in writes} == listed
    for operation in writes.values():
        names = {parameter["name"] for parameter in operation["parameters"] if parameter["required"]}
        assert "Idempotency-Key" in names


@pytest.mark.parametrize("path", WRITES)
def test_a_write_without_a_key_is_refused_as_problem_details(cast, till, path):
    answer = till.post(path.format(id=uuid4()), key="")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", [*WRITES[1:], "/menu", "/sales", "/terminal", "/baskets/{id}"])
def test_nobody_without_a_token_gets_in(cast, till, path):
    till.token = "f" * 64
    reads = path in ("/menu", "/sales", "/terminal", "/baskets/{id}")
    answer = till.get(path.format(id=uuid4())) if reads else till.post(path.format(id=uuid4()))
    assert (answer.status_code, answer.json()["code"]) == (401, "terminal_not_paired")


def test_another_tills_basket_does_not_exist(cast, till):
    basket, other = till.basket(cast), Till(cast, cast.other_till)
    answer = other.get(f"/baskets/{basket['id']}")
    assert (answer.status_code, answer.json()["code"]) == (404, "basket_unknown")
    assert other.post(f"/baskets/{basket['id']}/confirm").status_code == 404


def test_a_bad_request_is_answered_without_repeating_what_was_typed(cast, till):
    basket = till.basket(cast)
    answer = till.post(f"/baskets/{basket['id']}/identify", {"way": "pin", "number": 1, "pin": "98765432"})
    assert answer.status_code == 422
    assert b"98765432" not in answer.content


def test_an_unpaired_till_is_out_at_once(cast, till):
    from willing.terminals.pairing import unpair_terminal

    unpair_terminal(cast.till)
    assert till.get("/menu").status_code == 401


def test_the_menu_speaks_chinese(cast, till):
    answer = till.client.get("/api/v1/menu", headers=till.headers("") | {"Accept-Language": "zh-hans"})
    assert "意面" in [product["name"] for product in answer.json()]


def test_no_answer_of_the_api_holds_a_template_a_key_or_a_family_name(cast, till):
    basket = till.basket(cast)
    till.post(f"/baskets/{basket['id']}/identify", {"way": "card", "code": cast.cards["Carl"]})
    text = till.get(f"/baskets/{basket['id']}").content.decode()
    assert "Cardholder" not in text
    assert "sealed" not in text
    assert "balance" not in text


def test_a_key_of_spaces_is_none(cast, till):
    basket = till.basket(cast)
    answer = till.post(f"/baskets/{basket['id']}/confirm", key="   ")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


def test_a_second_basket_waits_until_the_first_is_closed(cast, till):
    first = till.basket(cast)
    answer = till.post("/baskets", {"lines": [{"product": str(cast.meal.id), "quantity": 1}]})
    assert (answer.status_code, answer.json()["code"]) == (409, "basket_already_open")
    assert till.post(f"/baskets/{first['id']}/cancel").json()["state"] == "cancelled"
    assert till.basket(cast)["state"] == "open"


@pytest.mark.face
def test_a_face_session_over_http_names_nobody_and_drops_what_is_no_frame(cast, till):
    basket = till.basket(cast)
    session = till.post(f"/baskets/{basket['id']}/sessions").json()
    path = f"/api/v1/sessions/{session['id']}/frames"

    def send(content):
        return till.client.post(path, content, content_type="image/jpeg", headers=till.headers(uuid4().hex))

    assert send(b"junk").json()["code"] == "frame_not_readable"
    large = send(b"x" * 2_000_001)
    assert (large.status_code, large.json()["code"]) == (413, "frame_too_large")
    assert till.post(f"/sessions/{session['id']}/stop").json()["state"] == "stopped"
    closed = send(b"junk")
    assert (closed.status_code, closed.json()["code"]) == (410, "session_closed")


def in_pieces(path, headers, pieces):
    """POST a body in pieces, its length not announced; return status and body."""
    sent = []
    queue = [
        {"type": "http.request", "body": piece, "more_body": n < len(pieces) - 1}
        for n, piece in enumerate(pieces)
    ]

    async def receive():
        return queue.pop(0) if queue else await asyncio.sleep(3600)

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "query_string": b"",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
    }
    asyncio.run(get_asgi_application()(scope, receive, send))
    return sent[0]["status"], json.loads(b"".join(one.get("body", b"") for one in sent[1:]))


@pytest.mark.face
def test_a_frame_that_comes_in_pieces_is_measured_as_well(cast, till):
    session = till.post(f"/baskets/{till.basket(cast)['id']}/sessions").json()
    headers = till.headers("k") | {"Host": "localhost", "Content-Type": "image/jpeg"}
    status, body = in_pieces(f"/api/v1/sessions/{session['id']}/frames", headers, [b"x" * 1_000_001] * 2)
    assert (status, body["code"]) == (413, "frame_too_large")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/nowhere", 404, "not_found"),
        ("put", "/menu", 405, "method_not_allowed"),
        ("get", "/baskets/7", 404, "not_found"),
    ],
)
def test_what_django_refuses_itself_is_a_problem_too(cast, till, method, path, status, code):
    answer = getattr(till.client, method)(f"/api/v1{path}", headers=till.headers(""))
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (
        status,
        "application/problem+json",
        code,
    )


def test_a_body_that_is_no_json_is_a_problem(cast, till):
    answer = till.client.post(
        "/api/v1/baskets", b"{", content_type="application/json", headers=till.headers(uuid4().hex)
    )
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_a_till_learns_whether_the_calendar_has_school_and_meals_now(cast, till):
    nothing = {"notice": "", "name": "", "time_zone": "Europe/London", "today": []}
    assert till.get("/hours").json() == nothing
    set_week(cast.school, dict.fromkeys(range(1, 8), read_hours("11:30-12:15, 12:20-13:00")))
    today = [{"opens": "11:30", "closes": "12:15"}, {"opens": "12:20", "closes": "13:00"}]
    for minute, notice in ((14, ""), (15, "outside"), (20, "")):
        with stopped_at(datetime(2026, 11, 26, 12, minute, tzinfo=UTC)):
            assert till.get("/hours").json() == {**nothing, "notice": notice, "today": today}
    add_entry(cast.school, CalendarSpan("closed", date(2026, 11, 26), date(2026, 11, 27), "Snow"))
    with stopped_at(datetime(2026, 11, 26, 12, tzinfo=UTC)):
        assert till.get("/hours").json() == {**nothing, "notice": "closed", "name": "Snow"}
        assert till.sell(cast, "Carl")["receipt_number"] == 1, "nothing is refused"


def test_a_cashier_signs_on_sells_under_their_name_and_off(cast, till):
    cashier, nobody = cast.user("cashier"), {"cashier": None, "is_required": False}
    assert till.get("/cashiers").json() == []
    assert till.get("/cashier").json() == nobody
    set_own_pin(cashier, "4826")
    kim = {"id": cashier.pk, "name": "Cashier"}
    assert till.get("/cashiers").json() == [kim]
    wrong = till.post("/cashier/sign-on", {"cashier": cashier.pk, "pin": "9999"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "cashier_pin_wrong")
    on = {"cashier": kim, "is_required": False}
    for _ in range(2):
        assert till.post("/cashier/sign-on", {"cashier": cashier.pk, "pin": "4826"}, key="on").json() == on
    assert till.get("/cashier").json() == on
    till.sell(cast, "Carl")
    assert Sale.objects.get().cashier == cashier
    till.post(f"/menu/{cast.extra.id}/sold-out", {"is_sold_out": True})
    assert facts_of("product.sold_out_set")[0]["by"] == cashier.pk
    for _ in range(2):
        assert till.post("/cashier/sign-off", key="off").json() == nobody
    assert till.get("/cashier").json() == nobody


def test_a_school_that_wants_a_name_takes_no_payment_without_one(cast, till):
    set_cashier_required(cast.school, is_required=True)
    basket = till.basket(cast)
    till.post(f"/baskets/{basket['id']}/identify", {"way": "card", "code": cast.cards["Carl"]})
    answer = till.post(f"/baskets/{basket['id']}/confirm", {"total_minor": 250})
    assert (answer.status_code, answer.json()["code"]) == (409, "cashier_missing")
    assert till.get("/cashier").json() == {"cashier": None, "is_required": True}
