"""A problem details document has one shape, whoever answers with it."""

import json

import pytest
from tests.docs.test_translations import SOURCE

from willing.api.problems import problem
from willing.config.refusals import refusal
from willing.core.problem_details import MEDIA_TYPE, problem_details


@pytest.mark.parametrize("wanted", ["urn:willing:problem:", MEDIA_TYPE])
def test_one_module_alone_knows_the_shape(wanted):
    found = [path for path in SOURCE.rglob("*.py") if wanted in path.read_text(encoding="utf-8")]
    assert found == [SOURCE / "core" / "problem_details.py"]


def test_facts_stand_beside_the_members_of_the_rfc():
    assert problem_details("pin_wrong", 409, "No.", {"left": 2}) == {
        "type": "urn:willing:problem:pin_wrong",
        "title": "No.",
        "status": 409,
        "code": "pin_wrong",
        "left": 2,
    }


def test_the_api_and_the_server_before_it_answer_alike():
    headers, body = refusal(413, path="/api/v1/pair")
    by_api = problem("too_large", 413, json.loads(body)["title"])
    assert json.loads(body) == json.loads(by_api.content)
    assert dict(headers)[b"content-type"].decode() == by_api["Content-Type"] == MEDIA_TYPE
