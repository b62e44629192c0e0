"""A refund is of a sale or a part of it, says what and to whom, and a sale has several."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery

from willing.core.triggers import set_aside

PAYERS = ("wallet", "entitled", "carried")


def copy_refunds(apps: Any, _editor: Any) -> None:
    """Say of each refund so far that it is of the whole of its sale."""
    refunds, sales = apps.get_model("till", "Refund").objects, apps.get_model("till", "Sale").objects
    lines, given = apps.get_model("till", "BasketLine").objects, apps.get_model("till", "RefundLine")
    of_sale = sales.filter(pk=OuterRef("sale_id"))
    sums = (f"{one}_minor" for one in ("total", *PAYERS))
    refunds.update(**{name: Subquery(of_sale.values(name)) for name in sums})
    refunded = sales.filter(pk__in=refunds.values("sale"))
    refunded.update(refunded="whole", **{f"refunded_{one}_minor": F(f"{one}_minor") for one in PAYERS})
    sold = lines.filter(basket__sale__in=refunds.values("sale"))
    sold.update(refunded=F("quantity"))
    rows = sold.values_list("basket__sale__refunds", "pk", "quantity")
    given.objects.bulk_create(
        (given(refund_id=one, line_id=line, quantity=quantity) for one, line, quantity in rows.iterator()),
        batch_size=500,
    )


TABLES = ("till_sale", "till_basketline", "till_refund")
ASIDE, BACK = set_aside(*TABLES)


class Migration(migrations.Migration):
    dependencies = [("till", "0009_line_names")]

    operations = [
        ASIDE,
        migrations.AlterField(
            model_name="refund",
            name="sale",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="till.sale"
            ),
        ),
        *(
            migrations.AddField(
                model_name="refund",
                name=f"{one}_minor",
                field=models.PositiveIntegerField(default=0),
                preserve_default=False,
            )
            for one in ("total", *PAYERS)
        ),
        *(
            migrations.AddField(
                model_name="sale",
                name=f"refunded_{one}_minor",
                field=models.PositiveIntegerField(default=0),
            )
            for one in PAYERS
        ),
        migrations.AddField(
            model_name="sale",
            name="refunded",
            field=models.CharField(
                blank=True,
                choices=[("", "nothing"), ("part", "Part"), ("whole", "Whole")],
                default="",
                max_length=5,
            ),
        ),
        migrations.AddField(
            model_name="basketline",
            name="refunded",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="RefundLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveSmallIntegerField()),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="till.basketline"
                    ),
                ),
                (
                    "refund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="till.refund"
                    ),
                ),
            ],
            options={"ordering": ["line"]},
        ),
        migrations.AddConstraint(
            model_name="refundline",
            constraint=models.UniqueConstraint(fields=("refund", "line"), name="one_refund_line_a_line"),
        ),
        migrations.AddConstraint(
            model_name="refundline",
            constraint=models.CheckConstraint(
                condition=models.Q(quantity__gte=1), name="refund_line_quantity_positive"
            ),
        ),
        migrations.RunPython(copy_refunds, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(total_minor=F("wallet_minor") + F("entitled_minor") + F("carried_minor")),
                name="refund_is_given_in_full",
            ),
        ),
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    refunded_wallet_minor__lte=F("wallet_minor"),
                    refunded_entitled_minor__lte=F("entitled_minor"),
                    refunded_carried_minor__lte=F("carried_minor"),
                ),
                name="sale_refunded_within_what_was_paid",
            ),
        ),
        migrations.AddConstraint(
            model_name="basketline",
            constraint=models.CheckConstraint(
                condition=models.Q(refunded__lte=F("quantity")), name="line_refunded_within_its_quantity"
            ),
        ),
        BACK,
    ]
