"""What every page gets: refusals in words, errors without a database, money as people write it."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import translation

from willing.core.errors import Refused
from willing.pages.ui import look
from willing.pages.ui.middleware import RefusalMiddleware
from willing.pages.ui.views import bad_request, server_error

REFUSED = Refused("no_such_luck", "Please try tomorrow.")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Start from English: a page that an earlier test opened leaves its language behind in this thread."""
    with translation.override("en"):
        yield


def refuse(request: HttpRequest) -> HttpResponse:
    """Return what the middleware makes of a refusal."""
    request.user = SimpleNamespace(is_authenticated=False)  # type: ignore[assignment]
    answer = RefusalMiddleware(lambda _: HttpResponse()).process_exception(request, REFUSED)
    assert answer is not None
    return answer


def test_a_refusal_becomes_a_page_with_the_way_back(db: Path) -> None:
    request = RequestFactory().post("/somewhere/", headers={"Referer": "http://testserver/before/"})
    answer = refuse(request)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Please try tomorrow." in page
    assert 'href="http://testserver/before/"' in page


def test_a_refusal_is_shown_also_where_the_database_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_request: HttpRequest) -> None:
        raise OperationalError("no answer")

    monkeypatch.setattr(look, "find_school_of", fail)
    page = refuse(RequestFactory().post("/somewhere/")).content.decode()
    assert "Please try tomorrow." in page


def test_the_way_back_never_leads_to_another_site(db: Path) -> None:
    request = RequestFactory().post("/somewhere/", headers={"Referer": "https://elsewhere.example/"})
    assert "elsewhere" not in refuse(request).content.decode()


def test_a_refusal_of_a_part_becomes_a_notice() -> None:
    answer = refuse(RequestFactory().post("/somewhere/", headers={"HX-Request": "true"}))
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#notices"
    assert "<html" not in answer.content.decode()


def test_a_bug_is_not_a_refusal() -> None:
    middleware = RefusalMiddleware(lambda _: HttpResponse())
    assert middleware.process_exception(RequestFactory().get("/"), ValueError("a bug")) is None


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (lambda: bad_request(HttpRequest(), exception=ValueError()), 400),
        (lambda: server_error(HttpRequest()), 500),
    ],
)
def test_the_first_and_last_error_pages_need_no_database(answer: Any, status: int) -> None:
    # No fixture `db`: pytest-django fails on any query.
    page = answer()
    assert page.status_code == status
    assert b"Go to the start page" in page.content


def test_an_address_where_nothing_stands_says_so(db: Any) -> None:
    answer = Client().get("/nowhere/")
    assert answer.status_code == 404
    assert "Page not found" in answer.content.decode()


@pytest.mark.parametrize(
    ("language", "currency", "text"),
    [
        ("en", "GBP", "£2.50"),
        ("zh-hans", "CNY", "¥2.50"),
        ("en", "JPY", "JP¥250"),
        ("zh-hans", "GBP", "£2.50"),
    ],
)
def test_money_reads_as_people_write_it(language: str, currency: str, text: str) -> None:
    template = Template("{% load ui %}{{ amount|money:currency }}")
    with translation.override(language):
        assert template.render(Context({"amount": 250, "currency": currency})) == text


def test_no_page_carries_inline_script_or_style(cast: Any) -> None:
    client = Client()
    client.force_login(cast.user("cashier"))
    for address in ("/till/pair/", "/sign-in/", "/nowhere/"):
        page = client.get(address).content.decode()
        assert " style=" not in page
        assert "<style" not in page
        assert "<script>" not in page
        assert " onclick=" not in page
