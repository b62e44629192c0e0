"""The school of a request: looked up once, when first asked for; a decorator hands it to the view."""

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from willing.people.models import School
from willing.people.queries import find_school

P = ParamSpec("P")
R = TypeVar("R")


class SchoolRequest(HttpRequest):
    """A request to an installation that has a school. A decorator gives it: `with_school`, `allow_roles`."""

    school: School


class SchoolLookup:
    """The one look-up of a request."""

    @cached_property
    def found(self) -> School | None:
        """The school, or None before one was set up."""
        return find_school()


class SchoolMiddleware:
    """Let everything that a request passes share one look-up of the school; static files need none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on with a look-up that nobody has asked yet."""
        request.school_lookup = SchoolLookup()  # type: ignore[attr-defined]
        return self.get_response(request)


def find_school_of(request: HttpRequest) -> School | None:
    """Return the school of a request, or None before one was set up.

    A request that came through no middleware (a signal's, a command's) is looked up anew.
    """
    lookup: SchoolLookup = getattr(request, "school_lookup", None) or SchoolLookup()
    return lookup.found


def require_school_of(request: HttpRequest) -> School:
    """Return the school of a request. Raises School.DoesNotExist before one was set up."""
    found = find_school_of(request)
    if found is None:
        raise School.DoesNotExist
    return found


def with_school(
    view: Callable[Concatenate[SchoolRequest, P], R],
) -> Callable[Concatenate[HttpRequest, P], R]:
    """Give a view that needs no roles its request's school. Raises School.DoesNotExist before set-up."""

    @wraps(view)
    def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
        held = cast("SchoolRequest", request)
        held.school = require_school_of(request)
        return view(held, *args, **kwargs)

    return opened
