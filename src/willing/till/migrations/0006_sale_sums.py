"""A sale says who paid how much; its transfers, one for each payer and category, refer to it."""

from typing import Any

from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from willing.core.triggers import set_aside


def copy_sums(apps: Any, _editor: Any) -> None:
    """Take the sums from the two transfers that a sale had so far."""
    transfers = apps.get_model("ledger", "Transfer").objects

    def paid_by(transfer: str) -> Coalesce:
        found = transfers.filter(pk=OuterRef(f"{transfer}_id")).values("amount_minor")
        return Coalesce(Subquery(found), 0)

    apps.get_model("till", "Sale").objects.update(
        wallet_minor=paid_by("wallet_transfer"), carried_minor=paid_by("meals_transfer")
    )


ASIDE, BACK = set_aside("till_sale")


class Migration(migrations.Migration):
    dependencies = [("till", "0005_identification"), ("ledger", "0004_sides_and_corrections")]

    operations = [
        ASIDE,
        *(
            migrations.AddField(
                model_name="sale",
                name=name,
                field=models.PositiveIntegerField(default=0),
                preserve_default=False,
            )
            for name in ("wallet_minor", "entitled_minor", "carried_minor")
        ),
        migrations.RunPython(copy_sums, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="sale", name="sale_moves_money_or_is_free"),
        migrations.RemoveConstraint(model_name="sale", name="sale_transfers_differ"),
        migrations.RemoveField(model_name="sale", name="wallet_transfer"),
        migrations.RemoveField(model_name="sale", name="meals_transfer"),
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.CheckConstraint(
                condition=models.Q(total_minor=F("wallet_minor") + F("entitled_minor") + F("carried_minor")),
                name="sale_is_paid_in_full",
            ),
        ),
        BACK,
    ]
