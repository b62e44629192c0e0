"""The office's browser, which begins anew where the server died under it."""

import base64
import http.client
import secrets
import time
from typing import Any
from urllib.parse import urlencode

from tests.faults.scenario import Broken
from tests.faults.tills import GIVE_UP_SECONDS, TIMEOUT_SECONDS, Tally
from tests.support.lines import ask


class Office:
    """Somebody of the office at the desk, signed in."""

    def __init__(self, port: int, session: str, tally: Tally) -> None:
        self.port, self.session, self.tally = port, session, tally
        self.token = secrets.token_hex(16)

    def enrol(self, person: dict[str, Any]) -> None:
        """Enrol a person from pictures, as often as it takes until the desk says that it is done."""
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            try:
                if self._enrolled(person):
                    return
                self._capture(person)
            except (OSError, http.client.HTTPException):
                self.tally.count_lost()
                time.sleep(0.05)
        raise Broken("the desk could not enrol in time")

    def _enrolled(self, person: dict[str, Any]) -> bool:
        status, _ = self._ask("GET", f"/staff/enrol/{person['id']}/canteen/")
        return status == 200

    def _capture(self, person: dict[str, Any]) -> None:
        """Take pictures and finish; a capture that died with the server is simply not there any more."""
        status, place = self._ask("POST", f"/staff/enrol/{person['id']}/canteen/start/")
        if status != 302:
            return
        for picture in person["pictures"]:
            status, _ = self._ask("POST", f"{place}frame/", base64.b64decode(picture), "image/jpeg")
            if status != 200:
                return
        self._ask("POST", f"{place}finish/")

    def record_no(self, person: dict[str, Any]) -> None:
        """Record a pupil's own No, until the page says that it is recorded."""
        deadline = time.monotonic() + GIVE_UP_SECONDS
        body = urlencode({"by": "self"}).encode()
        while time.monotonic() < deadline:
            try:
                status, _ = self._ask(
                    "POST", f"/staff/no/{person['id']}/record/", body, "application/x-www-form-urlencoded"
                )
            except (OSError, http.client.HTTPException):
                self.tally.count_lost()
                time.sleep(0.05)
                continue
            if status == 302:
                return
            if status != 503:
                raise Broken(f"a pupil's No was answered {status}")
            time.sleep(0.1)
        raise Broken("a pupil's No could not be recorded in time")

    def _ask(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/octet-stream"
    ) -> tuple[int, str]:
        """Return the status and where the answer leads. Raises Broken for an internal error."""
        answer = ask(
            self.port,
            method,
            path,
            body,
            TIMEOUT_SECONDS,
            Cookie=f"sessionid={self.session}; csrftoken={self.token}",
            X_CSRFToken=self.token,
            Content_Type=kind,
        )
        place = str(answer.headers.get("Location", ""))
        if answer.status == 500 or "/sign-in/" in place:
            raise Broken(f"{method} {path} answered {answer.status} {place}")
        return answer.status, place
