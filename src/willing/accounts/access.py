"""Who may open a page. Every view carries one of these; a test walks all URLs and fails without one."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from willing.accounts.models import Role, User
from willing.accounts.queries import may_sign_in, roles_and_factor_of, roles_of
from willing.accounts.rules import NEEDS_SECOND_FACTOR
from willing.accounts.second_factor import has_second_factor, passed_second_factor, session_passed
from willing.accounts.sessions import close_session, find_signed_in
from willing.people.models import Guardian, Person
from willing.people.requests import SchoolRequest, find_school_of, require_school_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class PageRequest(SchoolRequest):
    """A request that `allow_roles` has let in: its school, and the roles there of the person signed in."""

    roles: frozenset[str]


Page = Callable[Concatenate[PageRequest, P], HttpResponseBase]
KNOWN_ROLES = frozenset(Role.Kind.values)
# Where a person who needs a second factor and has none may go, and nowhere else.
SET_UP = "mfa_index"


def roles_in_session(request: HttpRequest) -> frozenset[str]:
    """Return the roles that this session may use: none where a second factor is needed and was not passed."""
    school, user = find_school_of(request), find_signed_in(request)
    roles = roles_of(user, school) if school and user else frozenset()
    if NEEDS_SECOND_FACTOR.intersection(roles) and not passed_second_factor(request):
        return frozenset()
    return roles


def needs_second_factor(request: HttpRequest) -> bool:
    """Return whether the person signed in has to set up a second factor before anything else."""
    school, user = find_school_of(request), find_signed_in(request)
    if school is None or user is None or NEEDS_SECOND_FACTOR.isdisjoint(roles_of(user, school)):
        return False
    return not has_second_factor(user)


def allow_roles(*roles: str) -> Callable[[Page[P]], View[P]]:
    """Let only signed-in users with one of `roles` at this school open the view.

    Nobody signed in, or a session that did not pass the second factor that its user has: the sign-in page.
    A second factor is needed and there is none: the page that sets one up. Without the role: 403.
    """
    assert roles
    assert KNOWN_ROLES.issuperset(roles), roles

    def decorate(view: Page[P]) -> View[P]:
        @wraps(view)
        def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            held = cast("PageRequest", request)
            refused = _refuse(held, roles)
            return refused if refused is not None else view(held, *args, **kwargs)

        return cast("View[P]", _mark(checked, f"roles:{','.join(sorted(roles))}"))

    return decorate


def _refuse(request: PageRequest, roles: tuple[str, ...]) -> HttpResponseBase | None:
    """Return where to send a request instead of letting it in; raise PermissionDenied without the role.

    Give the request its school and roles.
    """
    user = find_signed_in(request)
    if user is None:
        return redirect_to_login(request.get_full_path())
    request.school = require_school_of(request)
    request.roles, has_factor = roles_and_factor_of(user, request.school)
    if NEEDS_SECOND_FACTOR.intersection(request.roles):
        if not has_factor:
            return redirect(SET_UP)
        if not session_passed(request, user):
            return _sign_in_again(request)
    if request.roles.isdisjoint(roles):
        raise PermissionDenied
    return None


def _sign_in_again(request: HttpRequest) -> HttpResponseBase:
    """End a session that began before its user had a second factor: it never passed it."""
    close_session(request, why="factor")
    return redirect_to_login(request.get_full_path())


def allow_guardians(
    view: Callable[Concatenate[HttpRequest, Guardian, P], HttpResponseBase],
) -> View[P]:
    """Let only signed-in guardians open the view, which gets the guardian after the request."""

    @wraps(view)
    def opened(request: PageRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        guardian = cast("User", request.user).guardian
        if guardian is None:
            raise PermissionDenied
        _share_school(request, guardian)
        return view(request, guardian, *args, **kwargs)

    return allow_roles(Role.Kind.GUARDIAN)(opened)


def allow_pupils(
    view: Callable[Concatenate[HttpRequest, Person, P], HttpResponseBase],
) -> View[P]:
    """Let only signed-in pupils who still may open the view, which gets the pupil after the request."""

    @wraps(view)
    def opened(request: PageRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        person = cast("User", request.user).person
        if person is None:
            raise PermissionDenied
        _share_school(request, person)
        if not may_sign_in(person):
            raise PermissionDenied
        return view(request, person, *args, **kwargs)

    return allow_roles(Role.Kind.PUPIL)(opened)


def _share_school(request: PageRequest, whose: Guardian | Person) -> None:
    """Let a person's own school be the request's row: it is the same one, and is not read again."""
    if whose.school_id == request.school.pk:
        whose.school = request.school


def allow_signed_in(view: View[P]) -> View[P]:
    """Let everyone who is signed in open the view: their own sign-in.

    Anyone with a second factor must have passed it in this session: a password alone adds no passkey.
    """

    @wraps(view)
    def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        user = find_signed_in(request)
        if user is None:
            return redirect_to_login(request.get_full_path())
        if has_second_factor(user) and not passed_second_factor(request):
            return _sign_in_again(request)
        return view(request, *args, **kwargs)

    return cast("View[P]", _mark(checked, "signed in"))


def allow_anyone(reason: str) -> Callable[[View[P]], View[P]]:
    """Let everyone open the view, because of `reason`, which the list of pages shows."""
    return lambda view: _mark(view, f"anyone:{reason}")


def _mark(view: Any, access: str) -> Any:
    """Write on a view who may open it, where the walk over all URLs reads it."""
    view.willing_access = access
    return view
