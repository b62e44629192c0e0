"""A request has one school, looked up once at the most, and none before set-up."""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from tests.architecture.source import imports_of, modules
from tests.support.signing import sign_in

from willing.people.models import School
from willing.people.requests import SchoolMiddleware, find_school_of, require_school_of, with_school
from willing.terminals.models import Device
from willing.terminals.pairing import pair_terminal, start_pairing

# Its row by itself; what holds for faces reads it together with other tables (biometrics.face_state).
LOOK_UP = 'SELECT "people_school"."id"'
OTHER_TABLE = re.compile(r'(FROM|JOIN) "(?!people_school")')


def look_ups(client, path, **more):
    """Return the answer to a request, and how often it read the school's row by itself."""
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(path, **more)
    return answer, [
        one["sql"] for one in seen if LOOK_UP in one["sql"] and not OTHER_TABLE.search(one["sql"])
    ]


@pytest.mark.parametrize(
    ("user", "path"),
    [
        ("office", "/staff/people/"),
        ("dpo", "/staff/data-protection/"),
        ("dpo", "/staff/data-protection/assessment.pdf"),
        ("canteen", "/staff/today/"),
        ("guardian", "/family/"),
        ("pupil", "/family/me/"),
        ("office", "/"),
    ],
)
def test_a_page_looks_the_school_up_once(cast, user, path):
    client = Client()
    sign_in(client, cast.user(user))
    answer, found = look_ups(client, path)
    assert answer.status_code == 200
    assert len(found) == 1, found


def test_a_till_of_another_maker_needs_no_look_up_for_its_menu(cast):
    token = pair_terminal(start_pairing(cast.till), key=str(uuid4()), device=Device.API).token
    answer, found = look_ups(Client(), "/api/v1/menu", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert not found


def test_a_request_that_asks_twice_is_looked_up_once(cast, django_assert_num_queries):
    def view(request):
        assert find_school_of(request) == require_school_of(request) == cast.school
        return HttpResponse()

    request = RequestFactory().get("/")
    with django_assert_num_queries(2):  # the school of the cast is one
        SchoolMiddleware(view)(request)


def test_a_request_that_asks_for_no_school_reads_none(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        SchoolMiddleware(lambda _request: HttpResponse())(RequestFactory().get("/"))


def test_before_set_up_there_is_no_school(db, monkeypatch):
    monkeypatch.setattr("willing.people.requests.find_school", lambda: None)
    request = RequestFactory().get("/")
    assert find_school_of(request) is None
    with pytest.raises(School.DoesNotExist):
        require_school_of(request)
    with pytest.raises(School.DoesNotExist):
        with_school(lambda _request: HttpResponse())(request)


def test_a_public_page_gets_the_school_from_its_decorator(cast):
    @with_school
    def view(request):
        return HttpResponse(request.school.name)

    assert view(RequestFactory().get("/")).content.decode() == cast.school.name


def test_no_page_and_no_endpoint_looks_the_school_up_by_itself():
    beside = {
        name
        for name, module in modules().items()
        if module.room in ("pages", "api")
        for source, taken in imports_of(module)
        if source == "willing.people.queries" and taken in ("find_school", "require_school")
    }
    assert not beside, f"{beside}: take it from the request (people.requests)"
