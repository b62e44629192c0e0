"""Forms of complaints and requests. They turn text into values; the actions say what may be done."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing.complaints.models import IDENTITY_MAX, WORDS_MAX, Complaint
from willing.pages.console.forms import Plain
from willing.people.models import Person
from willing.till.queries import sales_of_person

SALES_OFFERED = 20
CAME = [one for one in Complaint.Came.choices if one[0] != Complaint.Came.PAGE]


def _identity() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("How you made sure who is asking"),
        required=False,
        max_length=IDENTITY_MAX,
        help_text=gettext_lazy("Such as: known to the office, called back on the number on file. No copies."),
    )


class AnswerForm(Plain):
    """What the family is answered."""

    text = forms.CharField(
        label=gettext_lazy("Answer"),
        max_length=WORDS_MAX,
        help_text=gettext_lazy("The family reads this on their page."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    identity = _identity()


class ExtendForm(Plain):
    """Why the answer takes longer."""

    reason = forms.CharField(
        label=gettext_lazy("Why it takes longer"),
        max_length=WORDS_MAX,
        help_text=gettext_lazy(
            "The family reads it on their page. Write to them where they have no sign-in."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class TakeForm(Plain):
    """What someone reported or asked for by letter, at the desk or by telephone."""

    channel = forms.ChoiceField(label=gettext_lazy("How it came"), choices=[("", "–"), *CAME])
    received_on = forms.DateField(
        label=gettext_lazy("On which day it came"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Empty: today. The time to answer counts from then."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("What it is"), choices=[("", "–"), *Complaint.Kind.choices])
    said = forms.CharField(
        label=gettext_lazy("What they said"),
        required=False,
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    identity = _identity()

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        """Offer the person's own purchases."""
        super().__init__(*args, **kwargs)
        sales = sales_of_person(person)[:SALES_OFFERED]
        offered = [(str(one.id), f"{one.receipt_number} · {one.get_way_display()}") for one in sales]
        self.fields["sale"] = forms.ChoiceField(
            label=_("About which receipt"), choices=[("", "–"), *offered], required=False
        )
        self.order_fields(["channel", "received_on", "kind", "sale", "said", "identity"])
