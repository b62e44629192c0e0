"""No value in any parameter of any page, whoever sends it, is answered with a fault of ours."""

from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.config.hostile import ALONE, TOGETHER, UNREADABLE, addresses, opens, pages, visitor, walk
from tests.support.signing import sign_in

from willing.accounts.models import Role
from willing.terminals.pairing import pair_terminal, start_pairing

WHO = ("office", "cashier", "dpo", "administrator", "canteen", "teacher", "guardian", "pupil", "nobody")


@pytest.mark.whole
@pytest.mark.usefixtures("documents_drawn_once")
@pytest.mark.parametrize("who", WHO)
def test_no_value_breaks_a_page_for_whom_it_opens(cast: Any, who: str) -> None:
    """One visitor a page here; `make faults` sends every value as everybody."""
    seen = WHO[: WHO.index(who)]
    mine = [one for one in pages() if opens(one[1], who) and not any(opens(one[1], other) for other in seen)]
    assert walk(cast, who, mine, together=TOGETHER[:1], alone=ALONE[:1]) == []


def test_every_role_is_walked() -> None:
    assert {*WHO, "nobody"} == {*Role.Kind.values, "nobody"}


@pytest.mark.parametrize("value", UNREADABLE, ids=ascii)
def test_what_cannot_be_stored_is_refused_in_every_part_of_a_request(cast: Any, value: str) -> None:
    """On PostgreSQL each of these was a fault: it stores no NUL and no half of a surrogate pair."""
    client = visitor(cast, "office", cast.till)
    sent = {
        "a query": client.get("/staff/people/", {"q": value}),
        "a query's name": client.get("/staff/people/", {value: "q"}),
        "a form": client.post("/sign-in/", {"login": value, "password": "x"}),
        "a form sent in one piece": client.generic(
            "POST", "/sign-in/", f"login={quote(value)}", content_type="application/x-www-form-urlencoded"
        ),
        "a field's name": client.post("/sign-in/", {value: "x"}),
        "a cookie": client.get("/till/", headers={"cookie": f'willing_till="{_octal(value)}"'}),
        "a header": client.get("/staff/people/", headers={"referer": value}),
    }
    if "\x00" in value:  # an escape means itself in an address
        sent["a path"] = client.get(f"/family/c/{quote(value)}/")
    assert {what: answer.status_code for what, answer in sent.items()} == dict.fromkeys(sent, 400)
    assert "That request was incomplete" in sent["a form"].content.decode()


def _octal(value: str) -> str:
    return "".join(f"\\{ord(one):03o}" for one in value)


def test_an_uploaded_files_name_is_refused_too(cast: Any) -> None:
    client = visitor(cast, "office", cast.till)
    named = SimpleUploadedFile("x", b"x")
    answer = client.post("/staff/people/", {"a\x00b": named})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [b'{"code": "\\u0000"}', b'{"code": "a\\ud800"}', '{"code": "\x00"}'.encode("utf-16"), b"[" * 100_000],
    ids=["NUL", "half a pair", "another encoding", "too deep"],
)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "image/jpeg"])
def test_the_api_refuses_it_in_json_whatever_the_body_says_it_is(
    cast: Any, body: bytes, content_type: str
) -> None:
    client = Client(raise_request_exception=False, headers={"idempotency-key": "k"})
    answer = client.post("/api/v1/pair", body, content_type=content_type)
    # What is no JSON by its own word is not read at all.
    assert answer.status_code in ((400,) if content_type == "application/json" else (400, 415))
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_whole_pair_is_a_character_like_any_other(cast: Any) -> None:
    client = sign_in(Client(), cast.user("office"))
    assert client.get("/staff/people/", {"q": "😀 \\ud83d\\ude00"}).status_code == 200


def test_a_form_where_a_picture_was_expected_is_a_picture_that_cannot_be_read(cast: Any) -> None:
    token = pair_terminal(start_pairing(cast.till), key="k").token
    client = Client(raise_request_exception=False, headers={"authorization": f"Bearer {token}"})
    where = "/api/v1/sessions/12345678-1234-4678-8234-567812345678/frames"
    assert client.post(where, {"a": "b"}, headers={"idempotency-key": "k"}).status_code < 500
    till = visitor(cast, "cashier", cast.till)
    assert till.post("/till/face/12345678-1234-4678-8234-567812345678/frame/", {"a": "b"}).status_code < 500


def test_a_pupil_has_no_password_to_change(cast: Any) -> None:
    client = sign_in(Client(), cast.user("pupil"))
    for method in (client.get, client.post):
        assert method("/my-sign-in/password/").headers["Location"] == "/my-sign-in/"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1066-10-14", "yesterday", ""])
def test_the_days_page_opens_for_any_day(cast: Any, day: str) -> None:
    client = sign_in(Client(), cast.user("office"))
    assert client.get("/staff/today/", {"day": day}).status_code == 200


def test_addresses_are_filled_with_every_known_value() -> None:
    found = addresses("staff/<uuid:person_id>/<int:n>/", {"person_id": ["a"], "int": ["1", "2"]})
    assert found == ["/staff/a/1/", "/staff/a/2/"]
