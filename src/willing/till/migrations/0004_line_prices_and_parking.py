"""A line keeps the price at which it was put in; a basket can be put aside."""

from typing import Any

from django.db import migrations, models
from django.db.models import F, Q


def keep_listed_prices(apps: Any, _editor: Any) -> None:
    """Say of every line so far that its price was the menu's: nobody had another."""
    apps.get_model("till", "BasketLine").objects.update(listed_minor=F("price_minor"))


class Migration(migrations.Migration):
    dependencies = [("till", "0003_menu")]

    operations = [
        migrations.AddField(
            model_name="basketline",
            name="listed_minor",
            field=models.PositiveIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="basketline",
            name="was_minor",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="basketline",
            name="tax_code",
            field=models.CharField(blank=True, default="", max_length=12),
        ),
        migrations.AddField(
            model_name="basket",
            name="parked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="basket",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("parked", "Parked"),
                    ("identified", "Identified"),
                    ("paid", "Paid"),
                    ("cancelled", "Cancelled"),
                ],
                default="open",
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint(model_name="basket", name="basket_person_when_identified"),
        migrations.AddConstraint(
            model_name="basket",
            constraint=models.CheckConstraint(
                condition=(
                    Q(state="identified", person__isnull=False) & ~Q(way="")
                    | Q(state="paid", person__isnull=False) & ~Q(way="")
                    | Q(state__in=["open", "parked"], person__isnull=True, way="")
                    | Q(state="cancelled")
                ),
                name="basket_person_when_identified",
            ),
        ),
        migrations.RunPython(keep_listed_prices, migrations.RunPython.noop),
    ]
