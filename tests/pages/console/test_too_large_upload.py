"""An upload that is too large, over a real connection, which used to break while the browser was sending."""

import pytest
from tests.pages.console.site import Site, serve_site  # noqa: F401  (a fixture)
from tests.support.lines import calling

BLANK = "12345678-1234-4678-8234-567812345678"


@pytest.mark.journey
@pytest.mark.sqlite
def test_photographs_that_are_too_big_together_get_the_desks_own_sentence(site: Site) -> None:
    cookie = f"sessionid={site.known['session']}; django_language=zh-hans"
    where = f"/staff/enrol/{BLANK}/canteen/{BLANK}/upload/"
    with calling(int(site.address.rpartition(":")[2]), seconds=60) as caller:
        answer = caller.ask(
            "POST", where, bytes(14_000_000), Cookie=cookie, Content_Type="multipart/form-data; boundary=x"
        )
        assert answer.status == 413
        assert "too_much_uploaded" in answer.text
        assert 'lang="zh-hans"' in answer.text
        answer = caller.ask("GET", "/sign-in/")  # and the same connection goes on
        assert (answer.status, answer.body[:1]) == (200, b"\n")
