"""An upload that is too large, over a real connection, which used to break while the browser was sending."""

import http.client

import pytest
from tests.pages.console.site import Site, open_chromium, serve_site  # noqa: F401  (fixtures)

BLANK = "12345678-1234-4678-8234-567812345678"


@pytest.mark.journey
@pytest.mark.sqlite
def test_photographs_that_are_too_big_together_get_the_desks_own_sentence(site: Site) -> None:
    cookie = f"sessionid={site.known['session']}; django_language=zh-hans"
    headers = {"Cookie": cookie, "Content-Type": "multipart/form-data; boundary=x"}
    connection = http.client.HTTPConnection(site.address.removeprefix("http://"), timeout=60)
    where = f"/staff/enrol/{BLANK}/canteen/{BLANK}/upload/"
    connection.request("POST", where, body=bytes(14_000_000), headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    assert answer.status == 413
    assert "too_much_uploaded" in text
    assert 'lang="zh-hans"' in text
    connection.request("GET", "/sign-in/")  # and the same connection goes on
    answer = connection.getresponse()
    assert (answer.status, answer.read()[:1]) == (200, b"\n")
    connection.close()
