"""Methods, media types, languages and waiting, as RFC 9110 has them."""

import json
from uuid import uuid4

import pytest

from willing.credentials.rules import LOCK_MINUTES
from willing.till.models import Basket

READ = ["/terminal", "/menu", "/baskets/current", "/sales", "/days/2026-03-02", "/openapi.json"]


@pytest.mark.parametrize("path", READ)
def test_head_says_what_get_says_without_the_body(cast, till, path):
    till.basket(cast)
    got = till.client.get(f"/api/v1{path}", headers=till.headers(""))
    head = till.client.head(f"/api/v1{path}", headers=till.headers(""))
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head["Content-Type"] == got["Content-Type"]
    assert head["Content-Length"] == str(len(got.content))


def test_head_of_what_is_not_there_says_so(cast, till):
    head = till.client.head(f"/api/v1/baskets/{uuid4()}", headers=till.headers(""))
    assert (head.status_code, head["Content-Type"], head.content) == (404, "application/problem+json", b"")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/menu", {"GET", "HEAD", "OPTIONS"}),
        ("/baskets", {"POST", "OPTIONS"}),
        ("/pair", {"POST", "OPTIONS"}),
    ],
)
def test_a_method_that_is_not_taken_is_told_which_are(cast, till, path, allowed):
    refused = till.client.delete(f"/api/v1{path}", headers=till.headers(""))
    assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed")
    asked = till.client.options(f"/api/v1{path}")
    assert (asked.status_code, asked.content) == (204, b"")
    for answer in (refused, asked):
        assert {one.strip() for one in answer["Allow"].split(",")} == allowed


@pytest.mark.parametrize("accept", ["text/html", "application/xml, text/*", "application/json;q=0, */*"])
def test_who_takes_no_json_is_refused_before_anything_is_done(cast, till, accept):
    headers = till.headers(uuid4().hex) | {"Accept": accept}
    body = json.dumps({"lines": [{"product": str(cast.meal.id)}]})
    answer = till.client.post("/api/v1/baskets", body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
    assert not Basket.objects.exists()


@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/*", "application/json", "text/html;q=0.9, application/json;q=0.1"]
)
def test_who_takes_json_in_any_way_is_served(cast, till, accept):
    assert till.client.get("/api/v1/menu", headers=till.headers("") | {"Accept": accept}).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_a_body_of_another_kind_is_not_read(cast, till, kind):
    body = json.dumps({"lines": [{"product": str(cast.meal.id)}]})
    answer = till.client.post("/api/v1/baskets", body, content_type=kind, headers=till.headers(uuid4().hex))
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert answer["Accept"] == "application/json"
    assert not Basket.objects.exists()


def test_json_with_a_charset_is_json(cast, till):
    body = json.dumps({"lines": [{"product": str(cast.meal.id)}]})
    kind = "application/json; charset=utf-8"
    answer = till.client.post("/api/v1/baskets", body, content_type=kind, headers=till.headers(uuid4().hex))
    assert answer.status_code == 201


def test_a_frame_that_is_no_jpeg_by_its_own_word_is_not_read(cast, till):
    address = f"/api/v1/sessions/{uuid4()}/frames"
    answer = till.client.post(address, "{}", content_type="application/json", headers=till.headers("k"))
    assert (answer.status_code, answer["Accept"]) == (415, "image/jpeg")


def test_a_locked_pin_says_how_long_to_wait(cast, till):
    basket = till.basket(cast)
    body = {"way": "pin", "number": cast.person("Carl").till_number, "pin": "0000"}
    for _ in range(5):
        answer = till.post(f"/baskets/{basket['id']}/identify", body)
    assert (answer.status_code, answer.json()["code"]) == (429, "pin_locked")
    assert int(answer["Retry-After"]) == LOCK_MINUTES * 60


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/nowhere"),
        ("put", "/menu"),
        ("get", "/baskets/current"),
        ("post", "/baskets"),
    ],
)
def test_titles_are_in_the_callers_language(cast, till, method, path):
    headers = till.headers("") | {"Accept-Language": "zh-CN, en;q=0.5"}
    answer = getattr(till.client, method)(f"/api/v1{path}", content_type="application/json", headers=headers)
    assert answer.status_code >= 400
    said = answer.json()["title"]
    assert any("一" <= letter <= "鿿" for letter in said), said
    english = getattr(till.client, method)(
        f"/api/v1{path}",
        content_type="application/json",
        headers=till.headers("") | {"Accept-Language": "en"},
    )
    assert english.json()["title"].isascii()
