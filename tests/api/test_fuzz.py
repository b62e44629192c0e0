"""The API against whatever its own document allows, and some of what it does not."""

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import response_schema_conformance

from willing.terminals.pairing import pair_terminal, start_pairing

application = get_wsgi_application()


def from_here(environ, start_response):
    """Serve a request that says where it came from, as every server does."""
    return application({"REMOTE_ADDR": "127.0.0.1", **environ}, start_response)


schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", from_here)


@pytest.fixture
def token(cast):
    return pair_terminal(start_pairing(cast.till), key="fuzz").token


@schema.parametrize()
@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
def test_no_request_breaks_the_api(case, token):
    case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
    response = case.call()
    assert response.status_code < 500, response.text
    described = case.operation.definition.raw["responses"]
    assert str(response.status_code) in described, response.text
    case.validate_response(response, checks=[response_schema_conformance])
    if response.status_code >= 400:
        assert response.headers["content-type"][0] == "application/problem+json"
        content = described[str(response.status_code)]["content"]["application/problem+json"]
        assert response.json()["code"] in content["examples"]
