import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import willing.core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0001_initial"),
        ("people", "0007_calendar"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MailInbox",
            fields=[
                (
                    "school",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="mail_inbox",
                        serialize=False,
                        to="people.school",
                    ),
                ),
                ("host", models.CharField(max_length=253)),
                ("port", models.PositiveIntegerField()),
                (
                    "encryption",
                    models.CharField(
                        choices=[
                            ("starttls", "STARTTLS (usually port 587)"),
                            ("tls", "TLS (usually port 465)"),
                            ("none", "None, on this computer only"),
                        ],
                        max_length=8,
                    ),
                ),
                ("username", models.CharField(max_length=254)),
                ("sealed_password", models.TextField(blank=True)),
                ("set_at", models.DateTimeField(default=willing.core.clock.now)),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("fault", models.CharField(blank=True, default="", max_length=20)),
                ("uid_validity", models.PositiveBigIntegerField(default=0)),
                ("uid_last", models.PositiveBigIntegerField(default=0)),
                ("taken", models.PositiveIntegerField(default=0)),
                ("left", models.PositiveIntegerField(default=0)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("port__gte", 1), ("port__lte", 65535)),
                        name="inbox_port_1_to_65535",
                    )
                ],
            },
        ),
    ]
