"""Who may set a school up: first anyone with the terminal's code, then the administrator. Later nobody."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from willing.accounts.access import PageRequest, View, allow_anyone, allow_roles
from willing.accounts.queries import has_administrator
from willing.pages.set_up.code import CODE
from willing.people.models import School
from willing.people.requests import find_school_of

P = ParamSpec("P")
GRANT = "set_up_grant"
REASON = "the code that the terminal shows is the key, and only before there is an administrator"


def is_awaited(school: School | None) -> bool:
    """Return whether an installation with this school (or none yet) waits to be set up."""
    return school is None or (school.set_up_at is None and not has_administrator(school))


def require_awaited(request: HttpRequest) -> None:
    """Raise Http404 once there is an administrator, as if set-up had never been."""
    if not is_awaited(find_school_of(request)):
        raise Http404


def with_code(view: Callable[Concatenate[HttpRequest, P], HttpResponseBase]) -> View[P]:
    """Open a page to the browser that used the terminal's code, as long as there is no administrator."""

    @wraps(view)
    def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        require_awaited(request)
        if not CODE.is_granted(request.session.get(GRANT)):
            return redirect("set-up:code")
        return view(request, *args, **kwargs)

    return allow_anyone(REASON)(never_cache(opened))


def by_administrator(view: Callable[Concatenate[PageRequest, P], HttpResponseBase]) -> View[P]:
    """Open a page to the administrator, until the set-up is finished."""

    @wraps(view)
    def opened(request: PageRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.school.set_up_at is not None:
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(allow_roles("administrator")(opened))
