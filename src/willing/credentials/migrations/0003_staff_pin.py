"""With which a cashier signs on."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_usernames_and_staff"),
        ("credentials", "0002_pin_digits"),
    ]

    operations = [
        migrations.CreateModel(
            name="StaffPin",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="staff_pin",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("hashed", models.CharField(max_length=200)),
                ("digits", models.PositiveSmallIntegerField()),
                ("is_given", models.BooleanField(default=False)),
            ],
        ),
    ]
