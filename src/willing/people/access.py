"""Who may open a page. Every view carries one of these; a test walks all URLs and fails where none stands."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from willing.people.models import Role, User
from willing.people.queries import require_school, roles_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
KNOWN_ROLES = frozenset(Role.Kind.values)


def allow_roles(*roles: str) -> Callable[[View[P]], View[P]]:
    """Let only signed-in users with one of `roles` at this school open the view.

    Nobody signed in: the sign-in page. Signed in without the role: 403.
    """
    assert roles
    assert KNOWN_ROLES.issuperset(roles), roles

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not isinstance(request.user, User):
                return redirect_to_login(request.get_full_path())
            if roles_of(request.user, require_school()).isdisjoint(roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return cast("View[P]", _mark(checked, f"roles:{','.join(sorted(roles))}"))

    return decorate


def allow_anyone(reason: str) -> Callable[[View[P]], View[P]]:
    """Let everybody open the view, because of `reason`, which the list of pages shows."""
    return lambda view: _mark(view, f"anyone:{reason}")


def _mark(view: Any, access: str) -> Any:
    """Write on a view who may open it, where the walk over all URLs reads it."""
    view.willing_access = access
    return view
