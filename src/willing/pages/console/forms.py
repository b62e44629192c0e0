"""Forms of the staff pages. They turn text into values; whether a deed may be done, its action says."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar
from uuid import uuid4

from babel.numbers import get_currency_precision
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from willing.consent.models import Answer, Excuse, Notice
from willing.drawers.models import Drawer, Method
from willing.drawers.pay_ins import Paying
from willing.drawers.queries import open_office_sessions
from willing.pages.ui.focus import FocusesErrors
from willing.people.models import Guardian, Person, School
from willing.people.places import small_sum_minor

SELF = "self"
# So many small sums of the currency at the most, so that a slipped digit is caught before it is money, and
# never more than a column of the books holds.
SMALL_SUMS_MAX = 600
MINOR_MAX = 2**31 - 1


class Plain(FocusesErrors):
    """A form whose labels end without a colon, and whose ids are its own on the page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Set what Django would otherwise choose."""
        kwargs["auto_id"] = f"{type(self).__name__.lower()}-%s"
        kwargs["label_suffix"] = ""
        super().__init__(*args, **kwargs)


class Keyed(Plain):
    """A form that carries its own idempotency key: pressed twice, it does its deed once."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give a fresh form a fresh key."""
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid4


def _amount_max(currency: str, precision: int) -> Decimal:
    """Return the largest amount that is taken as typed, in whole units of a currency."""
    return Decimal(min(small_sum_minor(currency) * SMALL_SUMS_MAX, MINOR_MAX)).scaleb(-precision)


class MoneyForm(Plain):
    """An amount in the school's currency."""

    amount_min: ClassVar[Decimal | None] = None  # what is too little for a deed, the deed says

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        """Take as many decimals as the currency has."""
        super().__init__(*args, **kwargs)
        self.precision = get_currency_precision(currency)
        widget = forms.NumberInput(attrs={"min": "0", "inputmode": "decimal", "autocomplete": "off"})
        self.fields["amount"] = forms.DecimalField(
            label=gettext("Amount in %(currency)s") % {"currency": currency},
            min_value=self.amount_min,
            max_value=_amount_max(currency, self.precision),
            decimal_places=self.precision,
            widget=widget,
        )

    @property
    def amount_minor(self) -> int:
        """The amount in whole minor units."""
        return int(self.cleaned_data["amount"].scaleb(self.precision))


class LimitForm(MoneyForm):
    """How much may be paid in a day; nothing at all is a limit too."""

    amount_min = Decimal(0)


class PayInForm(Keyed, MoneyForm):
    """Money that the office received for a person. asked_minor: a large sum that is asked about, or None.

    A drawer is asked for only where several of the office are open.
    """

    asked_minor: int | None = None
    method = forms.ChoiceField(
        label=_("Paid by"),
        choices=Method.choices,
        initial=Method.CASH,
        widget=forms.RadioSelect,
        required=False,  # cash, where nothing is chosen
    )

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        """Offer the drawers of the office that are open."""
        super().__init__(*args, currency=school.currency, **kwargs)
        self.opened = [one.drawer for one in open_office_sessions(school)]
        if len(self.opened) > 1:
            choices = [(str(one.id), one.name) for one in self.opened]
            self.fields["drawer"] = forms.ChoiceField(label=gettext("Drawer"), choices=choices)

    @property
    def paying(self) -> Paying:
        """What was handed over."""
        return Paying(self.amount_minor, Method(self.cleaned_data["method"] or Method.CASH))

    @property
    def drawer_field(self) -> forms.BoundField | None:
        """The field of the drawer; None where there is no choice."""
        return self["drawer"] if "drawer" in self.fields else None

    @property
    def drawer(self) -> Drawer | None:
        """The drawer that was chosen; None where there is no choice."""
        chosen = self.cleaned_data.get("drawer")
        return next((one for one in self.opened if str(one.id) == chosen), None)

    def ask_about(self, amount_minor: int) -> None:
        """Ask once whether a large sum is right."""
        self.asked_minor = amount_minor
        self.add_error("amount", gettext("This is an unusually large sum. Please check it, then confirm it."))


class PinForm(Keyed):
    """A new PIN, typed by its owner at the desk."""

    pin = forms.CharField(
        label=_("New PIN"),
        help_text=_("Four to six digits. Let the person type it themselves."),
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "6"}),
    )


class ConsentFormEntry(Plain):
    """The answers on a signed form, and its scan. Nothing is chosen beforehand."""

    answer = forms.ChoiceField(
        label=_("What is ticked on it?"),
        choices=[(Answer.YES.value, _("Yes")), (Answer.NO.value, _("No"))],
        widget=forms.RadioSelect,
    )
    scan = forms.FileField(
        label=_("Scan or photograph of the form"),
        help_text=_("PDF, JPEG or PNG, up to 12 MB. It is locked away under a key of its own."),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        required=False,  # what is missing is reported by the view
    )

    def __init__(
        self,
        *args: Any,
        person: Person,
        guardians: Sequence[Guardian],
        notices: Sequence[Notice],
        **kwargs: Any,
    ) -> None:
        """Offer everyone who may decide, and every text that was ever published for them."""
        super().__init__(*args, **kwargs)
        self.notices = {str(one.id): one for one in notices}
        people = [(SELF, person.full_name), *((str(one.id), one.name) for one in guardians)]
        texts = [(key, _name_notice(one)) for key, one in self.notices.items()]
        self.fields["who"] = forms.ChoiceField(label=gettext("Who signed it?"), choices=[("", "—"), *people])
        self.fields["text"] = forms.ChoiceField(
            label=gettext("Which text does it carry?"),
            help_text=gettext("Its mark is printed at the foot of the form."),
            choices=[("", "—"), *texts],
        )
        self.order_fields(["who", "text", "answer", "scan"])

    @property
    def notice(self) -> Notice:
        """The notice that was signed."""
        return self.notices[self.cleaned_data["text"]]

    def clean(self) -> dict[str, Any]:
        """Let nobody sign the text for someone else, and nothing be entered without its scan."""
        values: dict[str, Any] = super().clean() or {}
        notice = self.notices.get(values.get("text", ""))
        if notice and values.get("who"):
            is_for_guardians = notice.reader == Notice.Reader.ADULT
            if is_for_guardians is (values["who"] == SELF):
                self.add_error("text", gettext("This notice is not for the person who signed."))
        if not values.get("scan"):
            self.add_error("scan", gettext("Please add a scan or a photograph of the signed consent form."))
        return values


def _name_notice(notice: Notice) -> str:
    facts = {"version": notice.version, "mark": notice.sha256[:8], "language": notice.language}
    text = gettext("version %(version)s, %(language)s, mark %(mark)s") % facts
    return f"{notice.get_reader_display()}: {text}"


class ExcuseForm(Plain):
    """Why a guardian need not be notified."""

    reason = forms.ChoiceField(label=_("Why not?"), choices=[("", "—"), *Excuse.Reason.choices])
