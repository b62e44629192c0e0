"""The houses whose evening lists take those who look, read once for a page."""

from typing import cast

from willing.accounts.access import PageRequest
from willing.accounts.models import User
from willing.boarding.models import House
from willing.boarding.queries import houses_for
from willing.pages.console.roles import OFFICE


def is_office(request: PageRequest) -> bool:
    """Say whether who looks takes the lists of every house."""
    return not request.roles.isdisjoint(OFFICE)


def evening_houses(request: PageRequest) -> list[House]:
    """Return the houses of who looks; read once for navigation, front page and the page itself."""
    found = cast("list[House] | None", vars(request).get("evening_houses"))
    if found is None:
        found = houses_for(request.school, cast("User", request.user), is_office=is_office(request))
        vars(request)["evening_houses"] = found
    return found
