"""Below a path of a proxy's: every address that a page writes begins with it."""

import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, clear_script_prefix, get_resolver, reverse, set_script_prefix
from django.urls.exceptions import NoReverseMatch
from tests.config.hostile import visitor

import willing
from willing.config.refusals import refusal, without_prefix
from willing.core.environment import read_prefix

SOURCES = Path(willing.__file__).parent
PREFIX = "/willing"
LINK = re.compile(r"""(?:href|src|action|data-[\w-]+|content)=["'](/[^"'/][^"']*|/)["']""")
BELOW = override_settings(
    PREFIX=PREFIX, FORCE_SCRIPT_NAME=PREFIX, STATIC_URL=f"{PREFIX}/static/", SESSION_COOKIE_PATH=f"{PREFIX}/"
)


@pytest.fixture
def below():
    with BELOW:
        set_script_prefix(f"{PREFIX}/")
        yield
        clear_script_prefix()


def pages(patterns=None, space=""):
    """Yield the address of every page that takes no argument."""
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(one, URLResolver):
            yield from pages(one.url_patterns, f"{space}{one.namespace}:" if one.namespace else space)
        elif isinstance(one, URLPattern) and one.name:
            try:
                yield reverse(f"{space}{one.name}")
            except NoReverseMatch:
                continue


def strange_links(client, addresses):
    seen, strange = 0, set()
    for address in addresses:
        answer = client.get(address.removeprefix(PREFIX), headers={"accept-language": "en"})
        if answer.status_code == 200 and "text/html" in answer.headers.get("Content-Type", ""):
            seen += 1
            strange |= {
                (address, one) for one in LINK.findall(answer.text) if not one.startswith(f"{PREFIX}/")
            }
        if 300 <= answer.status_code < 400:
            where = answer.headers["Location"]
            strange |= {(address, where)} if where.startswith("/") and not where.startswith(PREFIX) else set()
    return seen, strange


@pytest.mark.whole
@pytest.mark.parametrize("who", ["office", "dpo", "administrator", "guardian", "nobody"])
def test_every_link_of_every_page_begins_with_the_prefix(cast, below, who):
    addresses = sorted({one for one in pages() if "/api/" not in one and "/i18n/" not in one})
    assert all(one.startswith(f"{PREFIX}/") for one in addresses)
    client = Client() if who == "nobody" else visitor(cast, who, cast.till)
    seen, strange = strange_links(client, addresses)
    assert seen > 3
    assert strange == set()


def test_refusals_know_the_api_below_a_prefix_whether_the_proxy_takes_it_away_or_not(below):
    for path in (f"{PREFIX}/api/v1/baskets", "/api/v1/baskets"):
        assert without_prefix(path) == "/api/v1/baskets"
        headers, _body = refusal(413, path=path)
        assert dict(headers)[b"content-type"] == b"application/problem+json"
    assert without_prefix("/willingly") == "/willingly"


def test_a_prefix_is_a_path_or_refused_by_name(monkeypatch):
    monkeypatch.setenv("WILLING_PREFIX", "/lunch/")
    assert read_prefix("WILLING_PREFIX") == "/lunch"
    for wrong in ("lunch", "//evil.example", "/a b", "https://x"):
        monkeypatch.setenv("WILLING_PREFIX", wrong)
        with pytest.raises(ImproperlyConfigured, match="WILLING_PREFIX"):
            read_prefix("WILLING_PREFIX")


def test_no_script_writes_an_address_of_its_own():
    own = re.compile(r"""["'`]/(?!/)[a-z][\w-]*/""")
    scripts = [one for one in SOURCES.rglob("static/**/*.js") if "vendor" not in one.parts]
    assert len(scripts) > 20
    assert [(one.name, found) for one in scripts for found in own.findall(one.read_text())] == []
