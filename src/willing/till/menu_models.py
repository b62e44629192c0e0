"""The menu: what is sold, what it costs whom, and when."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from willing.core.ids import new_id
from willing.people.models import Person, School, YearGroup
from willing.till.declaration_models import Declaration, MenuSignature  # noqa: F401
from willing.till.menu_rules import BARCODE_CHARS_MAX, MENU_WEEKS_MAX, NAME_CHARS_MAX, TAX_CODE_CHARS_MAX
from willing.till.paid_by import CashBuyer


def name_for_reader(name: str, name_zh_hans: str) -> str:
    """Return the name in the reader's language, or the only one that there is."""
    chinese = (get_language() or "").startswith("zh")
    return name_zh_hans if chinese and name_zh_hans else name


class Product(models.Model):
    """Something on the menu. What was ever on it stays: receipts go on naming it."""

    class Category(models.TextChoices):
        MEAL = "meal", _("Meals")
        SIDE = "side", _("Sides")
        DRINK = "drink", _("Drinks")
        SHOP = "shop", _("Shop")

    class Colour(models.TextChoices):
        NONE = "", _("None")
        SAND = "sand", _("Sand")
        GREEN = "green", _("Green")
        BLUE = "blue", _("Blue")
        ROSE = "rose", _("Rose")
        VIOLET = "violet", _("Violet")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="products")
    name = models.CharField(max_length=NAME_CHARS_MAX)
    name_zh_hans = models.CharField(max_length=NAME_CHARS_MAX, blank=True)
    # 0 for what costs nothing, such as bread with the soup.
    price_minor = models.PositiveIntegerField()
    is_main_meal = models.BooleanField(default=False)
    category = models.CharField(max_length=8, choices=Category.choices)
    colour = models.CharField(max_length=8, choices=Colour.choices, blank=True, default="")
    # As the school's accounts call its rate; it is on the receipt.
    tax_code = models.CharField(max_length=TAX_CODE_CHARS_MAX, blank=True, default="")
    position = models.PositiveSmallIntegerField(default=0)
    is_pinned = models.BooleanField(default=False)
    is_on_sale = models.BooleanField(default=True)
    # The day for which it is sold out: the next one forgets it.
    sold_out_on = models.DateField(null=True)
    # When it is sold (menu_rules.SoldWhen).
    weekdays = models.CharField(max_length=7, blank=True, default="")
    menu_weeks = models.CharField(max_length=MENU_WEEKS_MAX, blank=True, default="")
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    # What is declared of its allergens now; None: nobody has said anything yet.
    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["position", "name"]

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return name_for_reader(self.name, self.name_zh_hans)


class Barcode(models.Model):
    """A bar code of a product, as `barcodes.read_barcode` writes it: a GTIN always in 14 digits."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="barcodes")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="barcodes")
    code = models.CharField(max_length=BARCODE_CHARS_MAX)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "code"], name="barcode_once_in_school"),
        ]


# For whom a product may have another price, beside classes.
PRICE_KINDS = [*Person.Kind.choices, (CashBuyer.VISITOR.value, CashBuyer.VISITOR.label)]


class SpecialPrice(models.Model):
    """What a product costs one kind of buyer, or one class. The class's price goes before the kind's."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="special_prices")
    # A kind of person, or "visitor": who pays in cash and is nobody here.
    kind = models.CharField(max_length=8, choices=PRICE_KINDS, blank=True, default="")
    year_group = models.ForeignKey(YearGroup, on_delete=models.CASCADE, null=True, related_name="+")
    price_minor = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["product", "kind"], condition=~Q(kind=""), name="price_once_a_kind"
            ),
            models.UniqueConstraint(
                fields=["product", "year_group"],
                condition=Q(year_group__isnull=False),
                name="price_once_a_year_group",
            ),
            models.CheckConstraint(
                condition=Q(year_group__isnull=True, kind__in=["pupil", "staff", "visitor"])
                | Q(year_group__isnull=False, kind=""),
                name="price_for_a_kind_or_a_year_group",
            ),
        ]


class MenuCycle(models.Model):
    """How many weeks a school's menu has before it begins again, and when a first week was."""

    school = models.OneToOneField(
        School, on_delete=models.PROTECT, primary_key=True, related_name="menu_cycle"
    )
    weeks = models.PositiveSmallIntegerField()
    first_monday = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(weeks__gte=2, weeks__lte=MENU_WEEKS_MAX), name="menu_cycle_weeks_2_to_9"
            ),
        ]
