"""How a guardian is reached: the same fields for the office and for the guardian themselves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ContactForm(forms.Form):
    """Address, telephone number, and the language that a guardian is written to in."""

    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=_("Telephone number"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    language = forms.ChoiceField(
        label=_("Language of letters"),
        # Each in its own language: the person who enters it may not read the page's.
        choices=[("en", "English"), ("zh-hans", "简体中文")],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Set what Django would otherwise choose."""
        super().__init__(*args, **{"label_suffix": "", **kwargs})
