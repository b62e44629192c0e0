"""What the database itself holds a passkey to; allauth's tables have to be there first."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("mfa", "0003_authenticator_type_uniq")]
    operations = [
        migrations.CreateModel(
            name="Passkey",
            fields=[
                (
                    "authenticator",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="passkey",
                        serialize=False,
                        to="mfa.authenticator",
                    ),
                ),
                ("credential_digest", models.CharField(max_length=64, unique=True)),
                (
                    "sign_count",
                    models.PositiveBigIntegerField(
                        default=0,
                        help_text="How often its device says it was used; 0 where the device does not count",
                    ),
                ),
                ("clone_seen_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
    ]
