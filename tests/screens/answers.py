"""Answers that no press leads to: to faults, and to a device that does not trust the school yet.

`python -m tests.screens.answers all`, in a process of its own with $WILLING_HOME of a school, prints each as
[status, HTML] by name and language. They come from the views and handlers that a server has; here views of
our own fail as real ones could.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
django.setup()

from allauth.core.internal.ratelimit import respond_429  # noqa: E402  (Django must be set up first)
from django.conf import settings  # noqa: E402
from django.core.exceptions import BadRequest  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django.http.response import HttpResponseBase  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import override_settings  # noqa: E402
from django.urls import path, reverse  # noqa: E402

from willing.accounts.access import allow_anyone  # noqa: E402
from willing.config import urls  # noqa: E402
from willing.config.door import LANGUAGES, pages  # noqa: E402
from willing.core.write_queue import DatabaseBusy  # noqa: E402
from willing.ops import https_files  # noqa: E402
from willing.ops.authority import make_authority  # noqa: E402

NAME = "lunch.school.example"


def _failing(error: Exception) -> Callable[[HttpRequest], HttpResponseBase]:
    def view(_request: HttpRequest) -> HttpResponseBase:
        raise error

    return allow_anyone("it fails")(view)


urlpatterns = [
    path("fails/400/", _failing(BadRequest())),
    path("fails/429/", allow_anyone("it refuses")(respond_429)),
    path("fails/500/", _failing(RuntimeError())),
    path("fails/503/", _failing(DatabaseBusy())),
    *urls.urlpatterns,
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


def answers() -> dict[str, dict[str, tuple[int, str]]]:
    """Return [status, HTML] of each answer by name and language."""
    https = make_authority([NAME])
    found: dict[str, dict[str, tuple[int, str]]] = {}

    def keep(name: str, language: str, answer: Any) -> None:
        found.setdefault(name, {})[language] = (answer.status_code, answer.content.decode())

    with override_settings(ROOT_URLCONF=__name__, TLS=https, DOOR_PORT=80):
        for language in LANGUAGES:
            client = Client(raise_request_exception=False, enforce_csrf_checks=True, HTTP_HOST="localhost")
            client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
            for status in (400, 429, 500, 503):
                keep(f"answer {status}", language, client.get(f"/fails/{status}/"))
            keep("answer 403 form too old", language, client.post(reverse("account_login"), {"login": "sam"}))
            keep("answer authority", language, client.get("/authority/"))
        for language in LANGUAGES:
            door = pages(https, 443)[language].content.decode()
            found.setdefault("answer door", {})[language] = (200, door)
    https_files.remove()
    return found


if __name__ == "__main__":
    json.dump(answers(), sys.stdout)
