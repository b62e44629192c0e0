"""The forms of the menu. They turn text into values; what may be on the menu, its actions say."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from willing.core.money import AmountNotValid, read_minor, write_minor
from willing.pages.console.forms import Keyed, Plain
from willing.people.models import School, YearGroup
from willing.till.barcodes import show_barcode
from willing.till.menu_errors import price_not_valid
from willing.till.menu_models import PRICE_KINDS, MenuCycle, Product
from willing.till.menu_rules import MENU_WEEKS_MAX, TAX_CODE_CHARS_MAX, Priced, SoldWhen
from willing.till.products import ProductDetails

WEEKDAYS = (
    ("1", _("Mon")),
    ("2", _("Tue")),
    ("3", _("Wed")),
    ("4", _("Thu")),
    ("5", _("Fri")),
    ("6", _("Sat")),
    ("7", _("Sun")),
)
YEARS_MAX = 40
# Which field a refusal of the menu is about.
FIELDS = {
    "product_name_missing": "name",
    "product_name_taken": "name",
    "price_not_valid": "price",
    "price_unusual": "price",
    "barcode_not_valid": "barcodes",
    "barcode_taken": "barcodes",
    "menu_days_not_valid": "last_day",
}


class PriceField(forms.CharField):
    """A sum as the school's currency writes it; its value is in minor units, None where it may be empty."""

    def __init__(self, currency: str, **kwargs: Any) -> None:
        """Take a sum of this currency."""
        attributes = {"inputmode": "decimal", "autocomplete": "off", "maxlength": "24"}
        super().__init__(widget=forms.TextInput(attrs=attributes), **kwargs)
        self.currency = currency

    def clean(self, value: Any) -> Any:
        """Read the sum."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return read_minor(text, self.currency)
        except AmountNotValid:
            raise forms.ValidationError(str(price_not_valid().message)) from None


class ProductForm(Keyed):
    """Everything about a product. What most products need is at the top."""

    name = forms.CharField(label=_("Name"), max_length=80)
    name_zh_hans = forms.CharField(label=_("Name in Chinese"), max_length=80, required=False)
    category = forms.ChoiceField(label=_("Category"), choices=Product.Category.choices)
    is_main_meal = forms.BooleanField(
        label=_("Main meal"), required=False, help_text=_("Always sold, also with an empty balance.")
    )
    is_pinned = forms.BooleanField(label=_("Among the favourites of every till"), required=False)
    barcodes = forms.CharField(
        label=_("Barcodes"),
        max_length=400,
        required=False,
        help_text=_("Scan them here; several with commas."),
    )
    colour = forms.ChoiceField(
        label=_("Colour at the till"),
        choices=Product.Colour.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    tax_code = forms.CharField(
        label=_("Tax code"), max_length=TAX_CODE_CHARS_MAX, required=False, help_text=_("On the receipt.")
    )
    weekdays = forms.MultipleChoiceField(
        label=_("Days"), choices=WEEKDAYS, required=False, widget=forms.CheckboxSelectMultiple
    )
    menu_weeks = forms.MultipleChoiceField(
        label=_("Weeks of the menu"), required=False, widget=forms.CheckboxSelectMultiple
    )
    first_day = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last_day = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(
        self,
        *args: Any,
        school: School,
        cycle: MenuCycle | None,
        product: Product | None = None,
        **kwargs: Any,
    ) -> None:
        """Show a product, or an empty form for a new one."""
        kwargs["initial"] = {**kwargs.get("initial", {}), **(_shown(product, school) if product else {})}
        super().__init__(*args, **kwargs)
        self.school = school
        if product is None and not self.is_bound:
            self.fields["name"].widget.attrs["autofocus"] = True
        self.fields["price"] = PriceField(
            school.currency, label=_("Price"), help_text=_("0 for a free item.")
        )
        self.fields["price_pupil"] = PriceField(school.currency, label=_("Price for pupils"), required=False)
        self.fields["price_staff"] = PriceField(school.currency, label=_("Price for staff"), required=False)
        self.fields["price_visitor"] = PriceField(
            school.currency, label=_("Price for visitors"), required=False, help_text=_("They pay in cash.")
        )
        weeks = [(str(one), str(one)) for one in range(1, (cycle.weeks if cycle else 0) + 1)]
        self.fields["menu_weeks"].choices = weeks  # type: ignore[attr-defined]
        self._add_years()
        self.order_fields(["name", "price", "category"])

    def _add_years(self) -> None:
        """Give each price for a class a row, and two empty rows."""
        years = YearGroup.objects.filter(school=self.school)
        choices = [("", "—"), *((str(one.pk), one.name) for one in years)]
        given = [name for name in (self.data if self.is_bound else self.initial) if name.startswith("year_")]
        last = max((int(one[5:]) for one in given if re.fullmatch(r"year_\d{1,2}", one)), default=-1)
        self.year_rows: list[tuple[str, str]] = []
        for place in range(min(last + (1 if self.is_bound else 3), YEARS_MAX) if len(choices) > 1 else 0):
            names = f"year_{place}", f"price_year_{place}"
            self.fields[names[0]] = forms.ChoiceField(label=_("Class"), choices=choices, required=False)
            self.fields[names[1]] = PriceField(self.school.currency, label=_("Price"), required=False)
            self.year_rows.append(names)

    def years(self) -> Iterable[tuple[forms.BoundField, forms.BoundField]]:
        """Return the rows of prices for classes."""
        return [(self[year], self[price]) for year, price in self.year_rows]

    def has_more(self) -> bool:
        """Say whether anything below the fold is set or wrong."""
        top = {"name", "name_zh_hans", "price", "category", "is_main_meal", "key"}
        wrong = set(self.errors) - top if self.is_bound else set()
        return bool(wrong) or any(self[name].value() for name in self.fields if name not in top)

    def details(self, confirmed_minor: frozenset[int]) -> ProductDetails:
        """Return what was said. confirmed_minor: high prices that were checked."""
        said = self.cleaned_data
        special = [
            Priced(said[price], year_group_id=int(said[year]))
            for year, price in self.year_rows
            if said[year] and said[price] is not None
        ]
        special.extend(
            Priced(said[f"price_{kind}"], kind=kind)
            for kind, _label in PRICE_KINDS
            if said[f"price_{kind}"] is not None
        )
        return ProductDetails(
            name=said["name"],
            price_minor=said["price"],
            category=said["category"],
            name_zh_hans=said["name_zh_hans"],
            is_main_meal=said["is_main_meal"],
            barcodes=tuple(one for one in re.split(r"[,;\s]+", said["barcodes"]) if one),
            special=tuple({(one.kind, one.year_group_id): one for one in special}.values()),
            colour=said["colour"],
            tax_code=said["tax_code"],
            is_pinned=said["is_pinned"],
            when=SoldWhen(
                "".join(said["weekdays"]), "".join(said["menu_weeks"]), said["first_day"], said["last_day"]
            ),
            confirmed_minor=confirmed_minor,
        )


def _shown(product: Product, school: School) -> dict[str, Any]:
    special = list(product.special_prices.all())
    kinds = {
        f"price_{one.kind}": write_minor(one.price_minor, school.currency) for one in special if one.kind
    }
    years = [one for one in special if one.year_group_id is not None]
    return {
        "name": product.name,
        "name_zh_hans": product.name_zh_hans,
        "category": product.category,
        "price": write_minor(product.price_minor, school.currency),
        **kinds,
        "is_main_meal": product.is_main_meal,
        "is_pinned": product.is_pinned,
        "barcodes": ", ".join(show_barcode(one.code) for one in product.barcodes.all()),
        "colour": product.colour,
        "tax_code": product.tax_code,
        "weekdays": list(product.weekdays),
        "menu_weeks": list(product.menu_weeks),
        "first_day": product.first_day,
        "last_day": product.last_day,
        **{f"year_{place}": one.year_group_id for place, one in enumerate(years)},
        **{
            f"price_year_{place}": write_minor(one.price_minor, school.currency)
            for place, one in enumerate(years)
        },
    }


class CycleForm(Plain):
    """After how many weeks the menu begins again."""

    weeks = forms.TypedChoiceField(
        label=_("The menu repeats"),
        coerce=int,
        choices=[
            (1, _("every week")),
            *(
                (one, format_lazy(_("every {weeks} weeks"), weeks=one))
                for one in range(2, MENU_WEEKS_MAX + 1)
            ),
        ],
    )
    day = forms.DateField(
        label=_("A day in week 1"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
