"""A client that nobody wrote: generated from the document, it sells, retries, refunds and reads refusals."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from django.core.wsgi import get_wsgi_application

from willing.api.urls import api
from willing.ledger.queries import available_minor
from willing.terminals.devices import allow_refunds
from willing.terminals.pairing import start_pairing

PACKAGE = "till_client"
# The generator knows no JPEG; to it a frame is a file like any other.
CONFIG = "content_type_overrides:\n  image/jpeg: application/octet-stream\n"
DOCUMENT = api.get_openapi_schema(path_prefix="/api/v1/")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Generate the client, which must bring no warning, and return its package."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(json.dumps(DOCUMENT, default=str), encoding="utf-8")
    (folder / "config.yml").write_text(CONFIG, encoding="utf-8")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"]
    command += ["--path", "openapi.json", "--config", "config.yml"]
    command += ["--meta", "none", "--output-path", PACKAGE]
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": tools}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield import_module(PACKAGE)
    sys.path.remove(str(folder))


def operations(generated: Any) -> SimpleNamespace:
    """Return the client's functions by operation id."""
    found = {}
    for methods in DOCUMENT["paths"].values():
        for operation in methods.values():
            tag, name = operation["tags"][0].replace(" ", "_"), operation["operationId"]
            found[name] = import_module(f"{PACKAGE}.api.{tag}.{name}")
    return SimpleNamespace(**found)


def key() -> str:
    return uuid4().hex


@pytest.fixture
def call(cast: Any, generated: Any) -> Any:
    """A till that is paired through the generated client: its functions, its models, its client."""
    transport = httpx.WSGITransport(app=get_wsgi_application(), remote_addr="127.0.0.1")
    options = {"base_url": "http://localhost", "httpx_args": {"transport": transport}}
    do, models = operations(generated), import_module(f"{PACKAGE}.models")
    pair_in = models.PairIn(code=start_pairing(cast.till))
    paired = do.pair.sync(client=generated.Client(**options), body=pair_in, idempotency_key=key())
    client = generated.AuthenticatedClient(token=paired.token, **options)
    return SimpleNamespace(do=do, models=models, client=client)


def basket_of(cast: Any, call: Any) -> Any:
    line = call.models.LineIn(product=UUID(str(cast.meal.id)), quantity=1)
    return call.models.BasketIn(lines=[line])


def test_a_generated_client_sells_retries_refunds_and_closes_the_day(cast: Any, call: Any) -> None:
    do, models, client = call.do, call.models, call.client
    assert [product.price_minor for product in do.menu.sync(client=client)] == [90, 250]
    opening = key()
    tries = [
        do.open_basket.sync(client=client, body=basket_of(cast, call), idempotency_key=opening)
        for _ in range(2)
    ]
    assert tries[0].id == tries[1].id
    basket = tries[0].id
    card = models.CardIn(way="card", code=cast.cards["Carl"])
    shown = do.identify.sync(basket, client=client, body=card, idempotency_key=key())
    assert shown.person.first_name == "Carl"
    confirming = key()
    yes = models.ConfirmIn(total_minor=tries[0].total_minor)
    sales = [do.confirm.sync(basket, client=client, body=yes, idempotency_key=confirming) for _ in range(3)]
    assert {sale.receipt_number for sale in sales} == {1}
    allow_refunds(cast.till, by=cast.user("office"))
    reason, refunding = models.RefundIn(reason="cold"), key()
    refunds = [
        do.refund.sync(sales[0].id, client=client, body=reason, idempotency_key=refunding) for _ in range(2)
    ]
    assert {refund.amount_minor for refund in refunds} == {250}
    assert available_minor(cast.person("Carl")) == 2000
    page = do.sales.sync(client=client, limit=1)
    assert (page.items[0].refund.amount_minor, page.next_cursor) == (250, None)
    day = do.day.sync(page.items[0].settled_at.date(), client=client)
    assert (day.sales, day.refunds) == (1, 1)


def test_a_generated_client_reads_the_refusals_that_it_meets(cast: Any, call: Any) -> None:
    do, models, client = call.do, call.models, call.client
    nowhere, reason = uuid4(), models.RefundIn(reason="")
    opened = do.open_basket.sync(client=client, body=basket_of(cast, call), idempotency_key="once")
    wrong_card = models.CardIn(way="card", code="WRONG")
    unknown = models.BasketIn(lines=[models.LineIn(product=nowhere)])
    yes = models.ConfirmIn(total_minor=250)
    met = [
        do.open_basket.sync(client=client, body=basket_of(cast, call), idempotency_key=key()),
        do.open_basket.sync(client=client, body=unknown, idempotency_key="once"),
        do.open_basket.sync(client=client, body=unknown, idempotency_key=key()),
        do.confirm.sync(opened.id, client=client, body=yes, idempotency_key=key()),
        do.confirm.sync(opened.id, client=client, body=yes, idempotency_key=" "),
        do.identify.sync(opened.id, client=client, body=wrong_card, idempotency_key=key()),
        do.basket.sync(nowhere, client=client),
        do.refund.sync(nowhere, client=client, body=reason, idempotency_key=key()),
        do.sales.sync(client=client, cursor="x"),
        do.sales.sync(client=client, limit=0),
        do.sales.sync(client=client.with_headers({"Accept": "text/html"})),
    ]
    assert [(problem.status, problem.code) for problem in met] == [
        (409, "basket_already_open"),
        (422, "idempotency_key_reused"),
        (404, "product_unknown"),
        (409, "not_identified"),
        (400, "idempotency_key_missing"),
        (409, "code_unknown"),
        (404, "basket_unknown"),
        (403, "refunds_not_allowed"),
        (422, "cursor_not_valid"),
        (422, "not_valid"),
        (406, "not_acceptable"),
    ]
    assert all(isinstance(problem, models.Problem) for problem in met)


DOCUMENTED = [
    (operation["operationId"], int(status), code, example["value"])
    for methods in DOCUMENT["paths"].values()
    for operation in methods.values()
    for status, response in operation["responses"].items()
    for code, example in response["content"].get("application/problem+json", {}).get("examples", {}).items()
]


def test_a_generated_client_reads_every_refusal_of_the_document(generated: Any) -> None:
    do, models = operations(generated), import_module(f"{PACKAGE}.models")
    assert len(DOCUMENTED) > 150
    for name, status, code, body in DOCUMENTED:
        answer = httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})
        read = getattr(do, name)._parse_response(client=generated.Client("http://localhost"), response=answer)
        assert isinstance(read, models.Problem), (name, code)
        assert (read.status, read.code) == (status, code)
