"""What speaks against printing the school's address, wherever cards and letters that carry it are printed."""

from typing import Any

from willing.accounts.access import PageRequest
from willing.pages.console.roles import ADMINISTERS
from willing.pages.ui.reach_labels import doubt_about


def address_doubt(request: PageRequest) -> dict[str, Any]:
    """Return what a page shows with _address_doubt.html: the doubt or None, and who can end it."""
    return {
        "doubt": doubt_about(request.school),
        "can_test": not request.roles.isdisjoint(ADMINISTERS),
    }
