"""Accounts and transfers."""

import django.db.models.deletion
from django.db import migrations, models

import willing.core.clock
import willing.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willing.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("wallet", "Wallet"),
                            ("sales", "Sales"),
                            ("topups", "Topups"),
                            ("meals", "Meals"),
                        ],
                        max_length=8,
                    ),
                ),
                ("debits_pending", models.BigIntegerField(default=0)),
                ("debits_posted", models.BigIntegerField(default=0)),
                ("credits_pending", models.BigIntegerField(default=0)),
                ("credits_posted", models.BigIntegerField(default=0)),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="people.person",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="people.school",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("amount_minor", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("posted", "Posted"),
                            ("hold", "Hold"),
                            ("settle", "Settle"),
                            ("void", "Void"),
                        ],
                        max_length=6,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[("topup", "Topup"), ("sale", "Sale"), ("refund", "Refund")], max_length=8
                    ),
                ),
                (
                    "reference",
                    models.UUIDField(db_index=True, help_text="What it is about: a sale, a payment"),
                ),
                ("at", models.DateTimeField(db_index=True, default=willing.core.clock.now)),
                (
                    "credit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits",
                        to="ledger.account",
                    ),
                ),
                (
                    "debit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="debits",
                        to="ledger.account",
                    ),
                ),
                (
                    "hold",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="end",
                        to="ledger.transfer",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                condition=models.Q(("person__isnull", False)),
                fields=("person", "kind"),
                name="one_wallet_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                condition=models.Q(("person__isnull", True)),
                fields=("school", "kind"),
                name="one_school_account_a_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "wallet"), ("person__isnull", False)),
                    models.Q(models.Q(("kind", "wallet"), _negated=True), ("person__isnull", True)),
                    _connector="OR",
                ),
                name="wallets_belong_to_persons",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("credits_pending__gte", 0),
                    ("credits_posted__gte", 0),
                    ("debits_pending__gte", 0),
                    ("debits_posted__gte", 0),
                ),
                name="account_totals_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="transfer_amount_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("debit", models.F("credit")), _negated=True),
                name="transfer_between_two_accounts",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hold__isnull", True), ("kind__in", ["posted", "hold"])),
                    models.Q(("hold__isnull", False), ("kind__in", ["settle", "void"])),
                    _connector="OR",
                ),
                name="only_ends_name_a_hold",
            ),
        ),
    ]
