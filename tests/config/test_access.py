"""Who may open what: every address of the installation, with every role and with none."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseForbidden
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from tests.support.signing import sign_in

from willing.accounts.models import Role
from willing.accounts.rules import NEEDS_SECOND_FACTOR
from willing.people.requests import SchoolLookup

WHO = ("nobody", "outsider", *Role.Kind.values)
# One page in so many is asked for by the whole way where all answer with the same refusal, drawn each time.
ONE_IN = 8
# Addresses that are not ours to mark, each with its reason.
FOREIGN = {
    "set_language": "Django's own; sets a cookie and goes back",
}


def patterns(resolver=None, prefix=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern


def pages():
    return [
        (path, one) for path, one in patterns() if not path.startswith("api/v1/") and one.name not in FOREIGN
    ]


def test_every_page_says_who_may_open_it():
    unmarked = [path for path, one in pages() if not hasattr(one.callback, "willing_access")]
    assert not unmarked, f"these pages carry no decorator of people.access: {unmarked}"


def test_the_api_asks_every_caller_for_a_token_but_where_it_is_given_out():
    document = Client().get("/api/v1/openapi.json").json()
    open_paths = {
        path
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if not operation.get("security")
    }
    assert open_paths == {"/api/v1/pair"}


@pytest.mark.parametrize("who", WHO)
def test_a_session_of_whatever_role_opens_nothing_of_the_api(cast, who):
    client = Client()
    if who != "nobody":
        sign_in(client, cast.user(who))
    document = client.get("/api/v1/openapi.json").json()
    wrong = []
    for path, operations in document["paths"].items():
        where = re.sub(r"\{[^}]+\}", "12345678-1234-4678-8234-567812345678", path)
        for method, operation in operations.items():
            if operation.get("security"):
                kind = next(iter(operation.get("requestBody", {}).get("content", ())), "application/json")
                answer = client.generic(method.upper(), where, "{}", content_type=kind)
                wrong += [(method, path, answer.status_code)] if answer.status_code != 401 else []
    assert not wrong


def test_whoever_needs_a_second_factor_and_has_none_opens_nothing_but_its_page(cast):
    Authenticator.objects.all().delete()
    for at, who in enumerate(sorted(NEEDS_SECOND_FACTOR)):
        client = Client()
        client.force_login(cast.user(who))
        call = calling(client)
        for place, (path, one) in enumerate(pages()):
            # By the whole way for one of them; for the others the page's own check is asked.
            asked = call if at or place % ONE_IN else ask
            if getattr(one.callback, "willing_access", "").startswith("roles:"):
                answer = asked(client, "GET", address(path, one))
                answer = asked(client, "POST", address(path, one)) if answer.status_code == 405 else answer
                assert answer.headers.get("Location") == "/my-sign-in/", (who, path)


def address(path, one):
    path = re.sub(r"<str:[^>]+>|<path:[^>]+>|<slug:[^>]+>", "x", path)
    path = re.sub(r"<uuid:[^>]+>", "12345678-1234-4678-8234-567812345678", path)
    return "/" + re.sub(r"<int:[^>]+>", "1", path)


def ask(client, method, path):
    """Return what a browser gets."""
    return client.generic(method, path)


def calling(client):
    """Return how to ask pages themselves, without what stands before them and draws their refusals."""
    known = RequestFactory().get("/")
    known.session = client.session
    known.user = get_user(known)
    school = SchoolLookup()

    def call(_client, method, path):
        match = resolve(path)
        request = RequestFactory().generic(method, path)
        request.session, request.user = known.session, known.user
        request.school_lookup = school  # type: ignore[attr-defined]
        try:
            return match.func(request, *match.args, **match.kwargs)
        except PermissionDenied:
            return HttpResponseForbidden()

    return call


@pytest.mark.usefixtures("documents_drawn_once")
@pytest.mark.parametrize("who", [*WHO])
def test_a_page_for_roles_opens_for_those_and_for_nobody_else(cast, who):
    client = Client()
    if who != "nobody":
        sign_in(client, cast.user(who))
    wrong, call = [], calling(client)
    for place, (path, one) in enumerate(pages()):
        access = getattr(one.callback, "willing_access", "")
        if not access.startswith("roles:"):
            continue
        may = who in access.removeprefix("roles:").split(",")
        # By the whole way for nobody, the right role, and now and then an outsider; else the page's own
        # check is asked.
        is_whole = may or who == "nobody" or (who == "outsider" and place % ONE_IN == 0)
        asked = ask if is_whole else call
        status = asked(client, "GET", address(path, one)).status_code
        if status == 405:  # takes presses only
            if may:
                continue  # what a press does with the right role, its own tests say
            status = asked(client, "POST", address(path, one)).status_code
        if who == "nobody" and status != 302:
            wrong.append((path, status, "nobody is sent to the sign-in"))
        elif who != "nobody" and not may and status != 403:
            wrong.append((path, status, "the wrong role is refused"))
        elif may and status in (403, 500):
            wrong.append((path, status, "the right role gets in"))
    assert not wrong
