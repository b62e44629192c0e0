"""What is declared of a product's allergens, in versions that nobody changes, and who signed them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import willing.core.clock
import willing.core.ids
from willing.core.triggers import refuse_writes

SAME = (
    "NEW.product_id = OLD.product_id AND NEW.contains = OLD.contains AND NEW.may_contain = OLD.may_contain "
    "AND NEW.change = OLD.change AND NEW.declared_at = OLD.declared_at"
)


class Migration(migrations.Migration):
    dependencies = [
        ("till", "0008_waits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Declaration",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willing.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("contains", models.TextField(blank=True, default="")),
                ("may_contain", models.TextField(blank=True, default="")),
                ("change", models.CharField(blank=True, default="", max_length=200)),
                ("declared_at", models.DateTimeField(default=willing.core.clock.now)),
                ("signed_on", models.DateField(null=True)),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="declarations",
                        to="till.product",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="product",
            name="declaration",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="till.declaration",
            ),
        ),
        migrations.CreateModel(
            name="MenuSignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("signed_at", models.DateTimeField(default=willing.core.clock.now)),
                (
                    "declaration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="till.declaration",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="declaration",
            index=models.Index(fields=["product", "-declared_at"], name="declarations_of_a_product"),
        ),
        migrations.AddConstraint(
            model_name="menusignature",
            constraint=models.UniqueConstraint(
                fields=("declaration", "day"), name="declaration_signed_once_a_day"
            ),
        ),
        refuse_writes("till_declaration", updates_unless=SAME),
        refuse_writes("till_menusignature"),
    ]
