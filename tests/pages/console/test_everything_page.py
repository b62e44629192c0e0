"""Everything held about a person, as office and family see it: the newest of long lists, all on request."""

from typing import Any

import pytest
from django.test import Client
from tests.support.signing import give_factors, sign_in
from tests.support.till import pay

from willing.pages.console import complaints
from willing.pages.portal import rights


@pytest.fixture
def pages(cast: Any) -> list[tuple[Client, str]]:
    """Return both pages, each with who may read it. Ada has bought twice."""
    for _ in range(2):
        pay(cast, "Ada", way="staff")
    give_factors()
    ada = cast.person("Ada")
    return [
        (sign_in(Client(), cast.user("office")), f"/staff/people/{ada.id}/everything/"),
        (sign_in(Client(), cast.user("guardian")), f"/family/child/{ada.id}/data/"),
    ]


def test_a_long_list_is_shown_by_its_newest_and_whole_on_request(pages: Any, monkeypatch: Any) -> None:
    for module in (complaints, rights):
        monkeypatch.setattr(module, "NEWEST_SHOWN", 1)
    for client, address in pages:
        short, whole = (client.get(f"{address}{query}").content.decode() for query in ("", "?all"))
        assert "only the newest 1 entries" in short
        assert 'href="?all"' in short
        assert whole.count("<dt>Receipt</dt>") == short.count("<dt>Receipt</dt>") + 1
        assert "only the newest" not in whole
        assert 'href="?all"' not in whole


def test_a_short_list_has_nothing_more_to_show(pages: Any) -> None:
    for client, address in pages:
        assert 'href="?all"' not in client.get(address).content.decode()
