"""Whether a cashier said that the same sum once more is another purchase; refunds that nobody made."""

from django.conf import settings
from django.db import migrations, models

from willing.core.triggers import set_aside

ASIDE, BACK = set_aside("till_sale", "till_refund")


class Migration(migrations.Migration):
    dependencies = [
        ("terminals", "0006_sign_on"),
        ("till", "0011_free_meals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        ASIDE,
        migrations.RemoveConstraint(
            model_name="refund",
            name="refund_by_somebody",
        ),
        migrations.AddField(
            model_name="refund",
            name="is_automatic",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="sale",
            name="is_repeat_checked",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refunded_by__isnull", False),
                    ("refunded_at_terminal__isnull", False),
                    ("is_automatic", True),
                    _connector="OR",
                ),
                name="refund_by_somebody",
            ),
        ),
        BACK,
    ]
