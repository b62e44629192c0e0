"""How much a request may carry: by where it goes, and by who sends it."""

from io import BytesIO
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from tests.api.caller import Till
from tests.support.signing import sign_in

from willing.biometrics.rules import FRAME_BYTES_MAX
from willing.config.body_limit import Allowance
from willing.config.callers import FRAMES, UPLOADS, KnownCallers
from willing.config.server_limits import BODY_BYTES_MAX, UPLOAD_BYTES_MAX

BLANK = "12345678-1234-4678-8234-567812345678"
API_FRAME = f"/api/v1/sessions/{BLANK}/frames"
UPLOAD = f"/staff/enrol/{BLANK}/canteen/{BLANK}/upload/"
REFUSED = Allowance(BODY_BYTES_MAX, status=401)
callers = KnownCallers()


def environ(path: str, **headers: str) -> dict[str, Any]:
    return {"REQUEST_METHOD": "POST", "PATH_INFO": path, "wsgi.input": BytesIO(), **headers}


def session_of(user: Any) -> str:
    return f"sessionid={sign_in(Client(), user).cookies['sessionid'].value}"


def names(resolver: Any, prefix: str = "") -> set[str]:
    """Return the name of every view, with its namespaces."""
    found: set[str] = set()
    for one in resolver.url_patterns:
        if hasattr(one, "url_patterns"):
            found |= names(one, f"{prefix}{one.namespace}:" if one.namespace else prefix)
        elif one.name:
            found.add(f"{prefix}{one.name}")
    return found


def test_every_address_that_takes_more_is_there() -> None:
    assert names(get_resolver()) >= FRAMES | UPLOADS


def test_a_form_and_an_address_that_is_not_there_take_what_a_form_takes(cast: Any) -> None:
    token = f"Bearer {Till(cast, cast.till).token}"
    for path in ("/api/v1/baskets", "/sign-in/", "/nowhere"):
        assert callers.allow_body(environ(path, HTTP_AUTHORIZATION=token), is_known=True) == Allowance(
            BODY_BYTES_MAX
        )


def test_a_frame_is_taken_from_a_paired_till_only(cast: Any) -> None:
    token = f"Bearer {Till(cast, cast.till).token}"
    assert callers.allow_body(environ(API_FRAME, HTTP_AUTHORIZATION=token), is_known=False) == Allowance(
        FRAME_BYTES_MAX
    )
    for wrong in ("Bearer nobody", "Basic x", ""):
        asked = environ(API_FRAME, HTTP_AUTHORIZATION=wrong)
        assert callers.allow_body(asked, is_known=False) == REFUSED


def test_a_till_whose_connection_is_known_is_not_looked_up_for_every_frame(cast: Any) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert callers.allow_body(environ(API_FRAME), is_known=True).bytes_max == FRAME_BYTES_MAX
    assert len(asked) == 0


def test_photographs_are_taken_from_somebody_who_is_signed_in_whatever_the_connection_was(cast: Any) -> None:
    cookie = session_of(cast.user("office"))
    assert callers.allow_body(environ(UPLOAD, HTTP_COOKIE=cookie), is_known=False) == Allowance(
        UPLOAD_BYTES_MAX
    )
    for nobody in ("", "sessionid=unknown"):
        assert callers.allow_body(environ(UPLOAD, HTTP_COOKIE=nobody), is_known=True) == REFUSED


def test_known_is_a_paired_till_and_whoever_is_signed_in_and_nobody_else(cast: Any) -> None:
    till = Till(cast, cast.till)
    assert callers.is_known(environ("/", HTTP_AUTHORIZATION=f"Bearer {till.token}"))
    assert callers.is_known(environ("/", HTTP_COOKIE=session_of(cast.user("office"))))
    assert not callers.is_known(environ("/", HTTP_COOKIE="sessionid=; willing_till=nothing"))
    assert not callers.is_known(environ("/"))


def test_a_database_that_says_nothing_says_no(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> bool:
        raise DatabaseError("disk image is malformed")

    monkeypatch.setattr("willing.config.callers.is_live", broken)
    asked = environ(UPLOAD, HTTP_COOKIE="sessionid=x")
    assert not callers.is_known(asked)
    assert callers.allow_body(asked, is_known=False) == REFUSED
