"""Served by name: who typed a number at a front door is led to the name, and nobody else is."""

import pytest
from django.test import Client, override_settings

from willing.ops.https_files import LOCAL, Https
from willing.pages.ui.by_name import split_host

PAGE = {"accept": "text/html,*/*"}


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("127.0.0.1:8000", "http://localhost:8000/sign-in/?next=/staff/"),
        ("[::1]:8000", "http://localhost:8000/sign-in/?next=/staff/"),
        ("192.168.1.5", "http://lunch.school.example/sign-in/?next=/staff/"),
    ],
)
def test_a_number_at_a_front_door_is_led_to_the_name_with_the_reason(cast, host, target):
    hosts = ["127.0.0.1", "[::1]", "localhost", "192.168.1.5", ".school.example", "lunch.school.example"]
    with override_settings(ALLOWED_HOSTS=hosts):
        answer = Client().get("/sign-in/?next=/staff/", HTTP_HOST=host, headers=PAGE)
        name = target.split("/")[2]
        assert "Refresh" not in Client().get("/sign-in/", HTTP_HOST=name, headers=PAGE).headers, "never twice"
    assert answer.status_code == 200
    assert answer.headers["Refresh"] == f"4; url={target}"
    assert "Browsers keep passkeys for a name" in answer.text


def test_a_server_with_a_certificate_leads_to_the_name_that_it_fits_and_speaks_the_readers_language(cast):
    tls = Https(LOCAL, ["lunch.school.example"], "", "")
    with override_settings(TLS=tls, ALLOWED_HOSTS=["lunch.school.example", "127.0.0.1", "localhost"]):
        chinese = {**PAGE, "accept-language": "zh-CN"}
        answer = Client().get("/sign-in/", HTTP_HOST="127.0.0.1:8443", headers=chinese)
    assert answer.headers["Refresh"] == "4; url=http://lunch.school.example:8443/sign-in/"
    assert "请使用域名" in answer.text


def test_nobody_else_is_led_anywhere(cast):
    with override_settings(ALLOWED_HOSTS=["127.0.0.1", "localhost", "192.168.1.5"]):
        client = Client(HTTP_HOST="127.0.0.1:8000")
        assert "Refresh" not in client.get("/sign-in/").headers, "a probe asks for no page"
        assert "Refresh" not in client.get("/till/", headers=PAGE).headers, "a paired till"
        assert client.get("/api/v1/openapi.json", headers=PAGE).status_code == 200
        assert "Refresh" not in Client(HTTP_HOST="192.168.1.5").get("/sign-in/", headers=PAGE).headers
        client.cookies["sessionid"] = "x"
        assert "Refresh" not in client.get("/sign-in/", headers=PAGE).headers, "anyone who is signed in"


def test_hosts_are_split_with_brackets_and_without():
    assert split_host("[::1]:8000") == ("[::1]", ":8000")
    assert split_host("[::1]") == ("[::1]", "")
    assert split_host("localhost") == ("localhost", "")
    assert split_host("10.0.0.5:80") == ("10.0.0.5", ":80")
