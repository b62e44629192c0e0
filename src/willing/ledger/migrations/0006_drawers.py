"""Cash lies in drawers, of which a school has several: each has an account of its own."""

from typing import Any

from django.db import migrations, models

from willing.core.ids import new_id
from willing.core.triggers import set_aside

ASIDE, BACK = set_aside("ledger_account", "ledger_transfer")
DEBIT = ["safe", "cheques", "bank", "meals", "entitlements", "write_off", "rounding", "differences"]


def name_parts(apps: Any, _editor: Any) -> None:
    """Let what a school's office has received so far lie in a drawer; the room `drawers` makes that one."""
    for account in apps.get_model("ledger", "Account").objects.filter(kind="cash"):
        account.kind, account.part = "drawer", str(new_id())
        account.save(update_fields=["kind", "part"])


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_kinds_of_money")]

    operations = [
        ASIDE,
        migrations.RemoveConstraint(model_name="account", name="account_side_of_its_kind"),
        migrations.RemoveConstraint(model_name="account", name="only_sales_have_parts"),
        migrations.AlterField(
            model_name="account",
            name="kind",
            field=models.CharField(
                choices=[
                    ("wallet", "Wallet"),
                    ("sales", "Sales"),
                    ("drawer", "Drawer"),
                    ("safe", "Safe"),
                    ("cheques", "Cheques"),
                    ("bank", "Bank"),
                    ("meals", "Meals"),
                    ("entitlements", "Entitlements"),
                    ("write_off", "Write Off"),
                    ("rounding", "Rounding"),
                    ("differences", "Differences"),
                    ("gifts", "Gifts"),
                ],
                max_length=12,
            ),
        ),
        migrations.RunPython(name_parts, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(side="credit", kind__in=["wallet", "sales", "gifts"])
                | models.Q(side="debit", kind__in=["drawer", *DEBIT]),
                name="account_side_of_its_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=(models.Q(kind__in=["sales", "drawer"]) & ~models.Q(part=""))
                | (~models.Q(kind__in=["sales", "drawer"]) & models.Q(part="")),
                name="divided_kinds_have_parts",
            ),
        ),
        BACK,
    ]
