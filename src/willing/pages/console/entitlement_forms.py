"""The forms of free and reduced meals. They turn text into values; what may be granted, its actions say."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused
from willing.entitlements.actions import NewEntitlement
from willing.entitlements.models import SOURCE_NAME_CHARS_MAX, Entitlement, UnspentRules
from willing.entitlements.queries import sources_for
from willing.entitlements.rules import UNSPENT_DAYS_MAX
from willing.pages.console.forms import MINOR_MAX, Plain
from willing.pages.console.menu_forms import PriceField
from willing.people.models import School, YearGroup
from willing.people.queries import today

FREE, REDUCED, SUM = "free", "reduced", "sum"
KINDS = (
    (FREE, _("A free main meal a day")),
    (REDUCED, _("A main meal a day for less")),
    (SUM, _("A sum a day, for anything on the menu")),
)
_DATE = {"type": "date"}
# Which field a refusal is about.
FIELDS = {
    "entitlement_overlaps": "first_day",
    "entitlement_without_a_day": "last_day",
    "entitlement_not_valid": "source_name",
    "unspent_days_not_valid": "days_max",
}


def show_refusal(form: forms.Form, refused: Refused) -> None:
    """Say beside the right field why not."""
    form.add_error(FIELDS.get(refused.code), str(refused.message))


class CheckForm(Plain):
    """That the office has looked: by when it looks again, and until when it holds."""

    check_on = forms.DateField(
        label=_("Look again by"), required=False, widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d")
    )
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("Empty: until you stop it."),
        widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"),
    )


class EntitlementForm(CheckForm):
    """What is granted, on whose account, from when to when."""

    kind = forms.ChoiceField(label=_("What the school pays"), choices=KINDS, widget=forms.RadioSelect)
    source = forms.ChoiceField(label=_("Source"))
    source_name = forms.CharField(
        label=_("Name of another source"),
        max_length=SOURCE_NAME_CHARS_MAX,
        required=False,
        help_text=_("Only for another source."),
    )
    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"))
    field_order: tuple[str, ...] = (
        "kind",
        "amount",
        "source",
        "source_name",
        "first_day",
        "last_day",
        "check_on",
    )

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        """Propose today as the first day, and a check in a year."""
        day = today(school)
        proposed = {"kind": FREE, "first_day": day, "check_on": day + timedelta(days=365)}
        kwargs["initial"] = {**proposed, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["amount"] = PriceField(
            school.currency,
            label=gettext("Amount in %(currency)s") % {"currency": school.currency},
            help_text=gettext("For less: what the family pays of the meal. A sum: how much a day."),
            required=False,
        )
        self.fields["source"].choices = sources_for(school)  # type: ignore[attr-defined]
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """Ask for an amount where one belongs."""
        said: dict[str, Any] = super().clean() or {}
        kind, amount = said.get("kind"), said.get("amount")
        if kind in (REDUCED, SUM) and "amount" not in self.errors and not amount:
            self.add_error("amount", gettext("Please enter an amount."))
        if amount is not None and amount > MINOR_MAX:
            self.add_error("amount", gettext("This sum is too large."))
        return said

    @property
    def new(self) -> NewEntitlement:
        """What was entered."""
        said = self.cleaned_data
        is_sum = said["kind"] == SUM
        family = 0 if said["kind"] == FREE else said["amount"]
        return NewEntitlement(
            kind=Entitlement.Kind.SUM if is_sum else Entitlement.Kind.MEAL,
            source=said["source"],
            source_name=said["source_name"].strip(),
            first_day=said["first_day"],
            last_day=said["last_day"],
            check_on=said["check_on"],
            family_minor=None if is_sum else family,
            daily_minor=said["amount"] if is_sum else None,
        )


class ClassesForm(EntitlementForm):
    """The same for every pupil of some classes."""

    classes = forms.MultipleChoiceField(label=_("Classes"), widget=forms.CheckboxSelectMultiple)
    field_order = ("classes", *EntitlementForm.field_order)

    def __init__(self, *args: Any, school: School, classes: Collection[YearGroup], **kwargs: Any) -> None:
        """Offer the school's classes."""
        super().__init__(*args, school=school, **kwargs)
        self.fields["classes"].choices = [(str(one.pk), one.name) for one in classes]  # type: ignore[attr-defined]


class LastDayForm(Plain):
    """After which day an entitlement is over."""

    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"))


class UnspentForm(Plain):
    """What happens to what is left of a day's sum."""

    rule = forms.ChoiceField(
        label=_("What is left of a sum at the end of the day"),
        choices=UnspentRules.Rule.choices,
        widget=forms.RadioSelect,
    )
    days_max = forms.IntegerField(
        label=_("Kept at the most, in days' sums"),
        min_value=1,
        max_value=UNSPENT_DAYS_MAX,
        help_text=_("Families see this bound. After a year, or without a sum for a day, nothing is kept."),
    )
    breakfast_until = forms.TimeField(
        label=_("Breakfast is until"),
        help_text=_("Until then, what the last school day left is spent first; later it is gone."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
