"""The front door, sign-in and sign-out."""

from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from willing.console import throttle
from willing.console.pages import TILL, pages_for
from willing.console.records import note_failed_sign_in, note_sign_in, note_sign_out
from willing.people.access import allow_anyone
from willing.people.models import User
from willing.people.queries import find_school, roles_of


@never_cache
@require_safe
@allow_anyone("the front door")
def home(request: HttpRequest) -> HttpResponse:
    """Show where to go."""
    school = find_school()
    roles = roles_of(request.user, school) if school else frozenset()
    may_sell = not roles.isdisjoint(TILL.roles)
    context = {
        "school": school,
        "pages": pages_for(roles),
        "till": TILL if may_sell or not request.user.is_authenticated else None,
    }
    return render(request, "console/home.html", context)


class SignIn(LoginView):
    """Sign staff in, slowly for those who guess."""

    template_name = "console/sign_in.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Write labels without a colon, as on every page."""
        return {**super().get_form_kwargs(), "label_suffix": ""}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Count the try, then look at the password."""
        throttle.count_try(*self._who())
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> Any:
        """Sign in and record it."""
        throttle.forgive_try(*self._who())
        user = form.get_user()
        if isinstance(user, User):
            note_sign_in(user)
        return super().form_valid(form)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Record the failure; the page says the same for a wrong name and a wrong password."""
        note_failed_sign_in(self._who()[0])
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def _who(self) -> tuple[str, str]:
        username = self.request.POST.get("username", "")[:150]
        return username, str(self.request.META.get("REMOTE_ADDR", ""))


sign_in = allow_anyone("signing in")(SignIn.as_view())


@require_POST
@allow_anyone("signing out")
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out; doing it twice changes nothing."""
    if isinstance(request.user, User):
        note_sign_out(request.user)
    logout(request)
    return redirect("home")
