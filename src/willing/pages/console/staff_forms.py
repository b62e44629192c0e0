"""Forms of the page about staff."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import Role
from willing.accounts.rules import STAFF_ROLES
from willing.pages.console.forms import Keyed, Plain
from willing.pages.console.labels import ROLE_HINTS


class RolesForm(Plain):
    """What a member of staff may do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say beside each role what it opens, in the reader's language."""
        super().__init__(*args, **kwargs)
        self.fields["roles"] = forms.MultipleChoiceField(
            label=_("Roles"),
            choices=[(kind.value, _describe(kind)) for kind in Role.Kind if kind in STAFF_ROLES],
            widget=forms.CheckboxSelectMultiple,
            required=False,  # that one is needed, the action says
        )


def _describe(kind: Role.Kind) -> str:
    return format_html(
        '<strong>{}</strong> <span class="muted own-line">{}</span>', kind.label, ROLE_HINTS[kind]
    )


class InviteForm(Keyed, RolesForm):
    """A colleague to be invited."""

    name = forms.CharField(
        label=_("Full name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    email = forms.EmailField(
        label=_("E-mail address (optional)"),
        required=False,
        max_length=254,
        help_text=_("Only for schools whose staff sign in with a school account."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("name", "roles", "email")
