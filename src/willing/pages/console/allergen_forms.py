"""The forms about allergens. They turn text into values; what may be declared, the actions say."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from willing.allergens.errors import allergen_unknown
from willing.allergens.events import EventReport
from willing.allergens.models import DISH_CHARS_MAX, REASON_CHARS_MAX, AllergenEvent, PersonAllergen
from willing.allergens.rules import OWN
from willing.allergens.table import allergens, label, read_words, split
from willing.core.errors import Refused
from willing.pages.console.forms import Plain
from willing.pages.ui.allergen_forms import AllergenForm
from willing.till.declaration_models import CHANGE_CHARS_MAX, Declaration
from willing.till.declarations import NewDeclaration
from willing.till.menu_models import Product

NO, CONTAINS, MAY = "no", "contains", "may_contain"
ANSWERS = ((NO, _("Does not contain")), (MAY, _("May contain")), (CONTAINS, _("Contains")))
WORDS_LIST_CHARS_MAX = 400


def day_input() -> forms.DateInput:
    """Return the browser's own field for a day, which reads no form but this one."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class WordsField(forms.CharField):
    """Allergens in words, with commas between them; its value is a list of them."""

    def __init__(self, **kwargs: Any) -> None:
        """Take a line of them."""
        super().__init__(required=False, max_length=WORDS_LIST_CHARS_MAX, **kwargs)

    def clean(self, value: Any) -> Any:
        """Read each."""
        found = []
        for words in filter(None, map(str.strip, super().clean(value).replace("，", ",").split(","))):
            try:
                found.append(read_words(words))
            except Refused:
                raise forms.ValidationError(str(allergen_unknown(words).message)) from None
        return found


class DeclarationForm(Plain):
    """What a product contains and may contain: one answer for each of the table, and words for others."""

    none_else = forms.BooleanField(
        label=_("None of those without an answer above is in it"),
        required=False,
        help_text=_("Tick it after you have read the recipe or the label."),
    )
    own_contains = WordsField(
        label=_("Also contains, in words"), help_text=_("Several with commas: kiwi, celeriac.")
    )
    own_may = WordsField(label=_("May also contain, in words"))
    change = forms.CharField(
        label=_("What changed"),
        required=False,
        max_length=CHANGE_CHARS_MAX,
        help_text=_("For the kitchen, such as: bread from another baker."),
    )

    def __init__(self, *args: Any, held: Declaration | None = None, **kwargs: Any) -> None:
        """Show what is declared now; nothing is answered beforehand of a product that nobody has declared."""
        super().__init__(*args, **kwargs)
        contains, may = (split(held.contains), split(held.may_contain)) if held else ((), ())
        for key in allergens():
            answer = CONTAINS if key in contains else MAY if key in may else NO if held else None
            self.fields[key] = forms.ChoiceField(
                label=label(key), choices=ANSWERS, required=False, initial=answer, widget=forms.RadioSelect
            )
        self.fields["own_contains"].initial = _in_words(contains)
        self.fields["own_may"].initial = _in_words(may)

    def clean(self) -> dict[str, Any]:
        """Refuse what is not answered: a gap is no "no"."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        for key in allergens():
            if key in said and not said[key]:
                if said.get("none_else"):
                    said[key] = NO
                else:
                    self.add_error(key, _("Please answer, or tick below that it is not in it."))
        return said

    @property
    def rows(self) -> list[forms.BoundField]:
        """The table's allergens, each with its three answers."""
        return [self[key] for key in allergens()]

    @property
    def new(self) -> NewDeclaration:
        """What is declared."""
        said = self.cleaned_data
        contains = [key for key in allergens() if said[key] == CONTAINS]
        may = [key for key in allergens() if said[key] == MAY]
        return NewDeclaration((*contains, *said["own_contains"]), (*may, *said["own_may"]), said["change"])


def _in_words(found: Iterable[str]) -> str:
    return ", ".join(one[len(OWN) :] for one in found if one.startswith(OWN))


class IngredientForm(Plain):
    """An ingredient that is another one from today on, in which products, and what it brings along."""

    change = forms.CharField(label=_("Which ingredient changed"), max_length=CHANGE_CHARS_MAX)
    products = forms.MultipleChoiceField(label=_("It is in"), widget=forms.CheckboxSelectMultiple)
    contains = forms.MultipleChoiceField(
        label=_("They now contain"), required=False, widget=forms.CheckboxSelectMultiple
    )
    may_contain = forms.MultipleChoiceField(
        label=_("They now may contain"), required=False, widget=forms.CheckboxSelectMultiple
    )
    own_contains = WordsField(label=_("Also contain, in words"))

    def __init__(self, *args: Any, products: Sequence[Product], **kwargs: Any) -> None:
        """Offer what is on the menu."""
        super().__init__(*args, **kwargs)
        named = [(key, label(key)) for key in allergens()]
        offered = {"products": [(str(one.pk), one.label) for one in products]}
        for name in ("contains", "may_contain"):
            offered[name] = named
        for name, choices in offered.items():
            field: Any = self.fields[name]
            field.choices = choices

    def clean(self) -> dict[str, Any]:
        """Ask for at least one allergen: what only takes some away is changed on each product's page."""
        said = super().clean() or self.cleaned_data
        if not self.errors and not (said["contains"] or said["may_contain"] or said["own_contains"]):
            self.add_error("contains", _("Please tick what it brings along."))
        return said

    @property
    def new(self) -> NewDeclaration:
        """What it adds to each product."""
        said = self.cleaned_data
        return NewDeclaration(
            (*said["contains"], *said["own_contains"]), tuple(said["may_contain"]), said["change"]
        )


class PersonAllergenForm(AllergenForm):
    """An allergen of a person, and on which basis the office records it."""

    basis = forms.ChoiceField(
        label=_("Where it comes from"),
        choices=[PersonAllergen.Basis.choices[1], PersonAllergen.Basis.choices[0]],
    )


class ReportForm(Plain):
    """A near miss or a reaction."""

    kind = forms.ChoiceField(
        label=_("What happened"),
        choices=[
            (one.value, one.label) for one in (AllergenEvent.Kind.NEAR_MISS, AllergenEvent.Kind.REACTION)
        ],
        widget=forms.RadioSelect,
    )
    dish = forms.CharField(label=_("Dish"), max_length=DISH_CHARS_MAX, required=False)
    happened_at = forms.DateTimeField(
        label=_("When"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    reason = forms.CharField(
        label=_("In a few words, without other pupils' names"),
        max_length=REASON_CHARS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin with now."""
        super().__init__(*args, **kwargs)
        self.fields["happened_at"].initial = timezone.localtime

    def report(self, found: tuple[str, ...]) -> EventReport:
        """Return what is reported about a person with these allergens."""
        said = self.cleaned_data
        at: datetime = said["happened_at"]
        return EventReport(said["kind"], said["dish"], said["reason"], at, found)


class AllergenPeriodForm(Plain):
    """From which day to which, both included."""

    first = forms.DateField(label=_("First day"), widget=day_input())
    last = forms.DateField(label=_("Last day"), widget=day_input())
