"""Menu, baskets, sales, refunds and limits."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import willing.core.clock
import willing.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("ledger", "0001_initial"),
        ("people", "0001_initial"),
        ("terminals", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReceiptCounter",
            fields=[
                (
                    "school",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="people.school",
                    ),
                ),
                ("last", models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Basket",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willing.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("identified", "Identified"),
                            ("paid", "Paid"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("card", "Card or code"),
                            ("pin", "PIN"),
                            ("face", "Face"),
                            ("staff", "Staff look-up"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "claim",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("card", "Card or code"),
                            ("pin", "PIN"),
                            ("face", "Face"),
                            ("staff", "Staff look-up"),
                        ],
                        max_length=8,
                    ),
                ),
                ("opened_at", models.DateTimeField(default=willing.core.clock.now)),
                ("touched_at", models.DateTimeField(default=willing.core.clock.now)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "identified_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="people.person"
                    ),
                ),
                (
                    "terminal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="baskets",
                        to="terminals.terminal",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Limits",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="limits",
                        serialize=False,
                        to="people.person",
                    ),
                ),
                (
                    "daily_minor",
                    models.PositiveIntegerField(
                        help_text="All ways to pay together; empty: no limit", null=True
                    ),
                ),
                (
                    "face_daily_minor",
                    models.PositiveIntegerField(help_text="Face alone; empty: the school's limit", null=True),
                ),
                ("set_at", models.DateTimeField(default=willing.core.clock.now)),
                (
                    "guardian",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="people.guardian"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MealAllowance",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="meal_allowance",
                        serialize=False,
                        to="people.person",
                    ),
                ),
                ("daily_minor", models.PositiveIntegerField()),
                ("last_day", models.DateField(help_text="The last day; empty: no last day", null=True)),
                ("set_at", models.DateTimeField(default=willing.core.clock.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willing.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("name_zh_hans", models.CharField(blank=True, max_length=80)),
                ("price_minor", models.PositiveIntegerField()),
                ("is_main_meal", models.BooleanField(default=False)),
                (
                    "category",
                    models.CharField(
                        choices=[("meal", "Meals"), ("side", "Sides"), ("drink", "Drinks"), ("shop", "Shop")],
                        max_length=8,
                    ),
                ),
                ("barcode", models.CharField(blank=True, max_length=32)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_on_sale", models.BooleanField(default=True)),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="products",
                        to="people.school",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "name"],
            },
        ),
        migrations.CreateModel(
            name="BasketLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveSmallIntegerField(default=1)),
                ("price_minor", models.PositiveIntegerField()),
                (
                    "basket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="till.basket"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="till.product"),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Sale",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("card", "Card or code"),
                            ("pin", "PIN"),
                            ("face", "Face"),
                            ("staff", "Staff look-up"),
                        ],
                        max_length=8,
                    ),
                ),
                ("total_minor", models.PositiveIntegerField()),
                ("receipt_number", models.PositiveBigIntegerField()),
                ("settled_at", models.DateTimeField(default=willing.core.clock.now)),
                (
                    "basket",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sale", to="till.basket"
                    ),
                ),
                (
                    "meals_transfer",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sale_by_meals",
                        to="ledger.transfer",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sales", to="people.person"
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sales", to="people.school"
                    ),
                ),
                (
                    "terminal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sales",
                        to="terminals.terminal",
                    ),
                ),
                (
                    "wallet_transfer",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sale_by_wallet",
                        to="ledger.transfer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField(default=willing.core.clock.now)),
                (
                    "refunded_at_terminal",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="terminals.terminal"
                    ),
                ),
                (
                    "refunded_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "sale",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refund", to="till.sale"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SchoolLimits",
            fields=[
                (
                    "school",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="limits",
                        serialize=False,
                        to="people.school",
                    ),
                ),
                ("face_daily_minor", models.PositiveIntegerField()),
                ("set_at", models.DateTimeField(default=willing.core.clock.now)),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="basket",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["open", "identified"])),
                fields=("terminal",),
                name="one_live_basket_a_terminal",
            ),
        ),
        migrations.AddConstraint(
            model_name="basket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("person__isnull", False),
                        ("state", "identified"),
                        models.Q(("way", ""), _negated=True),
                    ),
                    models.Q(
                        ("person__isnull", False), ("state", "paid"), models.Q(("way", ""), _negated=True)
                    ),
                    models.Q(("person__isnull", True), ("state", "open"), ("way", "")),
                    ("state", "cancelled"),
                    _connector="OR",
                ),
                name="basket_person_when_identified",
            ),
        ),
        migrations.AddConstraint(
            model_name="basket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("claim", ""), models.Q(("claim__in", ["card", "pin"]), ("way", "face")), _connector="OR"
                ),
                name="basket_claim_confirmed_by_a_face",
            ),
        ),
        migrations.AddConstraint(
            model_name="limits",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("guardian__isnull", False), ("user__isnull", True)),
                    models.Q(("guardian__isnull", True), ("user__isnull", False)),
                    _connector="OR",
                ),
                name="limits_set_by_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="mealallowance",
            constraint=models.CheckConstraint(
                condition=models.Q(("daily_minor__gt", 0)), name="meal_allowance_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("price_minor__gt", 0)), name="price_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.UniqueConstraint(
                condition=models.Q(("barcode", ""), _negated=True),
                fields=("school", "barcode"),
                name="barcode_unique_in_school",
            ),
        ),
        migrations.AddConstraint(
            model_name="basketline",
            constraint=models.UniqueConstraint(fields=("basket", "product"), name="one_line_a_product"),
        ),
        migrations.AddConstraint(
            model_name="basketline",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 1), ("quantity__lte", 20)), name="line_quantity_1_to_20"
            ),
        ),
        migrations.AddConstraint(
            model_name="basketline",
            constraint=models.CheckConstraint(
                condition=models.Q(("price_minor__gt", 0)), name="line_price_positive"
            ),
        ),
        migrations.AddIndex(
            model_name="sale",
            index=models.Index(fields=["terminal", "-settled_at", "-id"], name="sales_of_a_terminal"),
        ),
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.UniqueConstraint(
                fields=("school", "receipt_number"), name="receipt_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("wallet_transfer__isnull", False), ("meals_transfer__isnull", False), _connector="OR"
                ),
                name="sale_moves_money",
            ),
        ),
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("wallet_transfer__isnull", True),
                    models.Q(("wallet_transfer", models.F("meals_transfer")), _negated=True),
                    _connector="OR",
                ),
                name="sale_transfers_differ",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refunded_by__isnull", False), ("refunded_at_terminal__isnull", False), _connector="OR"
                ),
                name="refund_by_somebody",
            ),
        ),
    ]
