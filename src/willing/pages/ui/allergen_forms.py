"""The form in which families and the office name an allergen."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from willing.allergens.rules import OWN
from willing.allergens.table import WORDS_CHARS_MAX, allergens, label
from willing.core.errors import Refused
from willing.pages.ui.focus import FocusesErrors


class AllergenForm(FocusesErrors):
    """One allergen: of the table, or in words. What is in words is checked by a cashier for each dish."""

    allergen = forms.ChoiceField(label=_("Allergen"))
    words = forms.CharField(
        label=_("Another one, in words"),
        required=False,
        max_length=WORDS_CHARS_MAX,
        help_text=_("Only where it is not on the list. The cashier then asks about every dish."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the table in the reader's language."""
        kwargs["label_suffix"] = ""
        super().__init__(*args, **kwargs)
        named = [(key, label(key)) for key in allergens()]
        field: Any = self.fields["allergen"]
        field.choices = [("", gettext("Please choose")), *named, (OWN, gettext("Another one, in words"))]

    @property
    def named(self) -> str:
        """The allergen, as the room takes it."""
        chosen: str = self.cleaned_data["allergen"]
        return OWN + self.cleaned_data["words"] if chosen == OWN else chosen

    def show_refusal(self, refused: Refused) -> None:
        """Say beside the right field why not."""
        self.add_error("words" if refused.code == "allergen_unknown" else None, str(refused.message))
