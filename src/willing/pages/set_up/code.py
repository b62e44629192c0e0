"""The one-time code that guards set-up: the terminal shows it, one browser uses it up.

It lives in the memory of the server that issued it, and so does what it was exchanged for: restarting
the server makes a new code, and a browser that used an earlier one is out.
"""

import secrets
import threading

from django.utils.crypto import constant_time_compare

from willing.core.codes import new_code, normalise_code, show_code


class SetUpCode:
    """One code, or none; and the grant of the browser that used it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._code = self._grant = ""

    def issue(self) -> str:
        """Make a code and return it as it is shown; an earlier code and its grant are void."""
        with self._lock:
            self._code, self._grant = new_code(), ""
            return show_code(self._code)

    def exchange(self, typed: str) -> str:
        """Return a grant for the right code, which is gone with it; "" for a wrong one, and where none is."""
        with self._lock:
            if not self._code or not constant_time_compare(normalise_code(typed), self._code):
                return ""
            self._code, self._grant = "", secrets.token_hex(32)
            return self._grant

    def is_granted(self, grant: object) -> bool:
        """Say whether this is the grant that the code was exchanged for."""
        with self._lock:
            return bool(self._grant) and isinstance(grant, str) and constant_time_compare(grant, self._grant)

    def revoke(self) -> None:
        """Let neither code nor grant open anything any more: there is an administrator."""
        with self._lock:
            self._code = self._grant = ""


CODE = SetUpCode()
