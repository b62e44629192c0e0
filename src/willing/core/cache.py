"""A cache in this process's memory whose entries last as long as they should, whatever the clock says."""

import time
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache


class SteadyCache(LocMemCache):
    """Django's own, by a clock that nobody can set.

    It counts wrong passwords. By the wall clock a name that was locked for five minutes while that ran ahead
    by five years would stay locked for these years.
    """

    _expire_info: dict[str, float | None]

    def get_backend_timeout(self, timeout: Any = DEFAULT_TIMEOUT) -> float | None:
        """Return when an entry that lasts `timeout` seconds expires, by the steady clock."""
        seconds = self.default_timeout if timeout == DEFAULT_TIMEOUT else timeout
        return None if seconds is None else time.monotonic() + seconds

    def _has_expired(self, key: str) -> bool:
        expires_at = self._expire_info.get(key, -1.0)
        return expires_at is not None and expires_at <= time.monotonic()
