"""A line of a basket keeps what its product was called when it was sold."""

from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery

from willing.core.triggers import set_aside


def copy_names(apps: Any, _editor: Any) -> None:
    """Take what the products are called now: earlier names are not known any more."""
    products = apps.get_model("till", "Product").objects.filter(pk=OuterRef("product_id"))
    apps.get_model("till", "BasketLine").objects.update(
        name=Subquery(products.values("name")), name_zh_hans=Subquery(products.values("name_zh_hans"))
    )


ASIDE, BACK = set_aside("till_basketline")


class Migration(migrations.Migration):
    dependencies = [("till", "0008_sale_cashier")]

    operations = [
        ASIDE,
        migrations.AddField(
            model_name="basketline",
            name="name",
            field=models.CharField(default="", max_length=80),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="basketline",
            name="name_zh_hans",
            field=models.CharField(blank=True, default="", max_length=80),
            preserve_default=False,
        ),
        migrations.RunPython(copy_names, migrations.RunPython.noop),
        BACK,
    ]
