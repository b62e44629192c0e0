"""Refusals: expected, explained answers of "no"."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """An action said no, for a reason that a person may read.

    code: a short stable word, listed in docs/reference/refusals.md.
    message: one kind sentence for the person in front of the screen (translated).
    data: facts for the office and for callers of the API; never a name, a template or a picture.
    """

    def __init__(self, code: str, message: str | Promise, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.data = dict(data or {})


def database_busy() -> Refused:
    """More writers wait than are served in time (`write_queue.DatabaseBusy`). Nothing was written."""
    return Refused(
        "database_busy",
        _("The school's computer is very busy. Please try again; nothing is charged twice."),
    )


class InstallationFault(ImproperlyConfigured):
    """What this installation is made of is missing, wrong, or open to other users of the computer.

    The message names the file and what to do; it goes to the operator, in English, and holds no secret.
    """
