"""A pay-out may be asked for by nobody: what leavers have left is paid out after a time by itself."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_triggers")]

    operations = [
        migrations.RemoveConstraint(model_name="payout", name="pay_out_asked_by_one"),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(
                condition=Q(guardian__isnull=True) | Q(user__isnull=True),
                name="pay_out_asked_by_one_at_most",
            ),
        ),
    ]
