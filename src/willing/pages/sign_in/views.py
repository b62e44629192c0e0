"""Signing in and out, and one's own sign-in. What allauth does, it does; who may open it is decided here."""

import json
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlsplit

from allauth.account import views as account
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.stagekit import unstash_login
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from willing.accounts.access import allow_anyone, allow_signed_in, needs_second_factor, roles_in_session
from willing.accounts.models import User
from willing.accounts.sessions import close_session
from willing.accounts.sign_ins import record_failed_sign_in, sign_out_everywhere
from willing.core.clock import STEP
from willing.core.errors import Refused
from willing.core.transactions import atomic
from willing.credentials.queries import staff_pin_of
from willing.pages.sign_in.forms import NewPasskeyForm, PasskeyAloneForm
from willing.pages.sign_in.passkeys import begin_alone
from willing.terminals.rules import TILL_ROLES

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
# How old a sign-in may be for changing how one signs in; an unlocked screen left alone changes nothing.
RECENT_SECONDS = 10 * 60


def own(view: View[P]) -> View[P]:
    """Open a page that changes one's own sign-in: to nobody else, and only soon after signing in."""

    @wraps(view)
    def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        assert isinstance(request.user, User)
        records = get_authentication_records(request, request.user)
        ages = [time.time() - one["at"] for one in records]
        # What seems to lie ahead was begun under another clock, and may be long ago.
        if not any(-STEP.total_seconds() <= age <= RECENT_SECONDS for age in ages):
            close_session(request, why="again")
            messages.info(request, _("Please sign in again before you change how you sign in."))
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return allow_signed_in(never_cache(opened))


def lane_before(address: str) -> str:
    """Return where a lane of the gate shows every way again, if that is where someone signs in; else ""."""
    return reverse("lane:lane") if urlsplit(address).path == reverse("lane:staff") else ""


class SignIn(account.LoginView):  # type: ignore[misc]
    """Name and password, and the doors to every other way."""

    def get_form(self, form_class: Any = None) -> Any:
        """Label the fields in our words, which no placeholder repeats."""
        form = super().get_form(form_class)
        form.label_suffix = ""
        labels = {"login": _("Username"), "password": pgettext("signing in", "Password")}
        for name, label in labels.items():
            form.fields[name].label = label
            form.fields[name].widget.attrs.pop("placeholder", None)
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the school's provider, where there is one, and the way back to a lane."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        lane = lane_before(context.get("redirect_field_value") or "")
        return {**context, "school_provider": settings.OIDC_NAME, "lane_url": lane}

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the form again."""
        response: HttpResponse = super().form_invalid(form)
        response.status_code = 422
        return response


class RemovePasskey(webauthn.RemoveWebAuthnView):  # type: ignore[misc]
    """Remove a passkey, but never a person's only way in."""

    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        """Remove it where another way stays."""
        if not self.request.user.has_usable_password() and self.get_queryset().count() == 1:
            messages.warning(
                self.request, _("This is your only way to sign in. Please add another passkey first.")
            )
            return redirect("mfa_index")
        response: HttpResponse = super().form_valid(form)
        return response


class MySignIn(mfa.IndexView):  # type: ignore[misc]
    """One's own ways of signing in."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say as well whether something has to be set up first."""
        mine = {
            "needs_factor": needs_second_factor(self.request),
            "has_password": self.request.user.has_usable_password(),
            "is_pupil": self.request.user.person_id is not None,
            "works_at_tills": not TILL_ROLES.isdisjoint(roles_in_session(self.request)),
            "till_pin": staff_pin_of(self.request.user),
        }
        return {**super().get_context_data(**kwargs), **mine}


class PasskeySignIn(webauthn.LoginWebAuthnView):  # type: ignore[misc]
    """A passkey alone: both factors."""

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Give a challenge to the page that asks for one; nothing is stored for it."""
        if not account.get_adapter().is_ajax(request):
            return redirect("account_login")
        response = JsonResponse({})
        response.content = json.dumps({"request_options": begin_alone(response)}).encode()
        return response

    def get_form_class(self) -> Any:
        """Return the form that checks more than allauth's."""
        return PasskeyAloneForm

    def form_invalid(self, form: Any) -> HttpResponse:
        """Note the failure; nobody can be named, since what was sent proves nothing."""
        record_failed_sign_in(None, how="passkey")
        response: HttpResponse = super().form_invalid(form)
        messages.error(self.request, _("This passkey did not work. Please sign in another way."))
        return response


class SecondFactor(mfa.AuthenticateView):  # type: ignore[misc]
    """The second factor, after a right password."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show the way back to a lane."""
        begun = unstash_login(self.request, peek=True)
        lane = lane_before((begun.redirect_url if begun else None) or "")
        return {**super().get_context_data(**kwargs), "lane_url": lane}


sign_in = allow_anyone("signing in")(SignIn.as_view())
passkey_sign_in = allow_anyone("signing in")(PasskeySignIn.as_view())
second_factor = allow_anyone("allauth lets in only whoever gave a right password just now")(
    never_cache(SecondFactor.as_view())
)


@require_POST
@allow_anyone("signing out")
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out; doing it twice changes nothing."""
    close_session(request, why="pressed")
    return redirect("lane:lane" if request.POST.get("at") == "lane" else "home")


@require_POST
@allow_signed_in
def everywhere_out(request: HttpRequest) -> HttpResponse:
    """Sign out on every device, this one included."""
    assert isinstance(request.user, User)
    sign_out_everywhere(request.user)
    logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return redirect("account_login")


class AddPasskey(webauthn.AddWebAuthnView):  # type: ignore[misc]
    """Store a passkey; every key here checks who holds it, so that it is enough alone."""

    def get_form_class(self) -> Any:
        """Return the form without a choice of lesser keys."""
        return NewPasskeyForm

    def form_valid(self, form: Any) -> HttpResponse:
        """Store it, unless someone has stored it before."""
        try:
            response: HttpResponse = atomic(super().form_valid)(form)
        except Refused as refused:
            form.add_error(None, str(refused.message))
            response = self.form_invalid(form)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Ask the device for a passkey that checks its holder."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        options = webauthn.auth.begin_registration(self.request.user, passwordless=True)
        context["js_data"] = {"creation_options": options}
        context["form"] = kwargs.get("form", context["form"])  # allauth would show, and check, a second one
        return context


my_sign_in = allow_signed_in(never_cache(MySignIn.as_view()))
add_app = own(totp.ActivateTOTPView.as_view())
remove_app = own(totp.DeactivateTOTPView.as_view())
add_passkey = own(AddPasskey.as_view())
remove_passkey = own(RemovePasskey.as_view())
recovery_codes = own(recovery.ViewRecoveryCodesView.as_view())
new_recovery_codes = own(recovery.GenerateRecoveryCodesView.as_view())


class ChangePassword(account.PasswordChangeView):  # type: ignore[misc]
    """A new password, for people who have one; pupils with a card and guardians with a passkey have none."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Go back where there is nothing to change."""
        assert isinstance(request.user, User)
        if not request.user.has_usable_password():
            return redirect("mfa_index")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response


password = own(ChangePassword.as_view())
