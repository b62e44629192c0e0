"""Kinds of account and of transfer for money that goes in, out and across, and for days that close."""

from django.db import migrations, models

from willing.core.triggers import set_aside

ASIDE, BACK = set_aside("ledger_account", "ledger_transfer")


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0004_sides_and_corrections"),
        ("people", "0009_cashier_required"),
    ]

    operations = [
        ASIDE,
        migrations.RemoveConstraint(
            model_name="account",
            name="account_side_of_its_kind",
        ),
        migrations.RemoveConstraint(
            model_name="transfer",
            name="refunds_correct_a_transfer",
        ),
        migrations.AlterField(
            model_name="account",
            name="kind",
            field=models.CharField(
                choices=[
                    ("wallet", "Wallet"),
                    ("sales", "Sales"),
                    ("cash", "Cash"),
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
        migrations.AlterField(
            model_name="transfer",
            name="reason",
            field=models.CharField(
                choices=[
                    ("topup", "Topup"),
                    ("sale", "Sale"),
                    ("refund", "Refund"),
                    ("reversal", "Reversal"),
                    ("pay_out", "Pay Out"),
                    ("sibling", "Sibling"),
                    ("gift", "Gift"),
                    ("write_off", "Write Off"),
                    ("merge", "Merge"),
                    ("float", "Float"),
                    ("banking", "Banking"),
                    ("difference", "Difference"),
                    ("rounding", "Rounding"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["wallet", "sales", "gifts"]), ("side", "credit")),
                    models.Q(
                        (
                            "kind__in",
                            [
                                "cash",
                                "safe",
                                "cheques",
                                "bank",
                                "meals",
                                "entitlements",
                                "write_off",
                                "rounding",
                                "differences",
                            ],
                        ),
                        ("side", "debit"),
                    ),
                    _connector="OR",
                ),
                name="account_side_of_its_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("corrects__isnull", False),
                        ("kind", "posted"),
                        ("reason__in", ["refund", "reversal"]),
                    ),
                    models.Q(
                        models.Q(("reason__in", ["refund", "reversal"]), _negated=True),
                        ("corrects__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="corrections_name_a_transfer",
            ),
        ),
        BACK,
    ]
