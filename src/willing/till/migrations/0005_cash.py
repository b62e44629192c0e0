"""Sales in cash: of nobody, each with one payment that stays as it is, in a session of a drawer."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

from willing.core.triggers import Trigger, create, refuse_writes, set_aside

ASIDE, BACK = set_aside("till_basket", "till_sale")
RULES = [
    Trigger(
        "till_cashpayment",
        "of_a_sale_in_cash",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM till_sale s WHERE s.id = NEW.sale_id AND s.way = 'cash')",
        "only a sale in cash has a payment in cash",
    ),
]


class Migration(migrations.Migration):
    dependencies = [
        ("credentials", "0001_initial"),
        ("drawers", "0002_triggers"),
        ("people", "0001_initial"),
        ("terminals", "0002_triggers"),
        ("till", "0004_each_guardians_limits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        ASIDE,
        migrations.CreateModel(
            name="CashPayment",
            fields=[
                (
                    "sale",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="cash",
                        serialize=False,
                        to="till.sale",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cash_payments",
                        to="drawers.drawersession",
                    ),
                ),
                (
                    "buyer",
                    models.CharField(choices=[("visitor", "Visitor"), ("staff", "Staff")], max_length=8),
                ),
                ("due_minor", models.PositiveIntegerField()),
                ("tendered_minor", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("tendered_minor__gte", models.F("due_minor"))),
                        name="cash_tendered_covers_what_is_due",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("buyer__in", ["visitor", "staff"])), name="cash_of_no_pupil"
                    ),
                ]
            },
        ),
        migrations.RemoveConstraint(model_name="basket", name="basket_person_when_identified"),
        migrations.RemoveConstraint(model_name="refund", name="refund_is_given_in_full"),
        migrations.RemoveConstraint(model_name="sale", name="sale_is_paid_in_full"),
        migrations.RemoveConstraint(model_name="sale", name="sale_refunded_within_what_was_paid"),
        migrations.RemoveConstraint(model_name="specialprice", name="price_for_a_kind_or_a_year_group"),
        migrations.AddField(
            model_name="refund", name="cash_minor", field=models.PositiveIntegerField(default=0)
        ),
        migrations.AddField(
            model_name="refund", name="handed_minor", field=models.PositiveIntegerField(null=True)
        ),
        migrations.AddField(
            model_name="sale", name="cash_minor", field=models.PositiveIntegerField(default=0)
        ),
        migrations.AddField(
            model_name="sale", name="refunded_cash_minor", field=models.PositiveIntegerField(default=0)
        ),
        migrations.AlterField(
            model_name="basket",
            name="way",
            field=models.CharField(
                blank=True,
                choices=[
                    ("card", "Card or code"),
                    ("pin", "PIN"),
                    ("face", "Face"),
                    ("staff", "Staff look-up"),
                    ("cash", "Cash"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="sale",
            name="person",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sales",
                to="people.person",
            ),
        ),
        migrations.AlterField(
            model_name="sale",
            name="way",
            field=models.CharField(
                choices=[
                    ("card", "Card or code"),
                    ("pin", "PIN"),
                    ("face", "Face"),
                    ("staff", "Staff look-up"),
                    ("cash", "Cash"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="specialprice",
            name="kind",
            field=models.CharField(
                blank=True,
                choices=[("pupil", "Pupil"), ("staff", "Staff"), ("visitor", "Visitor")],
                default="",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="basket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("person__isnull", False),
                        ("state", "identified"),
                        models.Q(("way__in", ["", "cash"]), _negated=True),
                    ),
                    models.Q(
                        ("person__isnull", False),
                        ("state", "paid"),
                        models.Q(("way__in", ["", "cash"]), _negated=True),
                    ),
                    models.Q(("person__isnull", True), ("state", "paid"), ("way", "cash")),
                    models.Q(("person__isnull", True), ("state__in", ["open", "parked"]), ("way", "")),
                    ("state", "cancelled"),
                    _connector="OR",
                ),
                name="basket_person_when_identified",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "total_minor",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("wallet_minor"), "+", models.F("entitled_minor")
                                ),
                                "+",
                                models.F("carried_minor"),
                            ),
                            "+",
                            models.F("cash_minor"),
                        ),
                    )
                ),
                name="refund_is_given_in_full",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cash_minor", 0), ("handed_minor__isnull", True)),
                    models.Q(("cash_minor", models.F("total_minor")), ("handed_minor__isnull", False)),
                    _connector="OR",
                ),
                name="refund_in_cash_or_not",
            ),
        ),
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "total_minor",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("wallet_minor"), "+", models.F("entitled_minor")
                                ),
                                "+",
                                models.F("carried_minor"),
                            ),
                            "+",
                            models.F("cash_minor"),
                        ),
                    )
                ),
                name="sale_is_paid_in_full",
            ),
        ),
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cash_minor", 0), ("person__isnull", False), models.Q(("way", "cash"), _negated=True)
                    ),
                    models.Q(
                        ("cash_minor", models.F("total_minor")), ("person__isnull", True), ("way", "cash")
                    ),
                    _connector="OR",
                ),
                name="sale_of_a_person_or_in_cash",
            ),
        ),
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refunded_carried_minor__lte", models.F("carried_minor")),
                    ("refunded_cash_minor__lte", models.F("cash_minor")),
                    ("refunded_entitled_minor__lte", models.F("entitled_minor")),
                    ("refunded_wallet_minor__lte", models.F("wallet_minor")),
                ),
                name="sale_refunded_within_what_was_paid",
            ),
        ),
        migrations.AddConstraint(
            model_name="specialprice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["pupil", "staff", "visitor"]), ("year_group__isnull", True)),
                    models.Q(("kind", ""), ("year_group__isnull", False)),
                    _connector="OR",
                ),
                name="price_for_a_kind_or_a_year_group",
            ),
        ),
        BACK,
        create(RULES),
        refuse_writes("till_cashpayment"),
    ]
