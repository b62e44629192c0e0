"""Usernames that differ only in case or width are one; staff are invited; the operator's role has its name."""

from collections.abc import Callable
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from willing.core.comparison import fold_username

KINDS = ["cashier", "office", "canteen", "dpo", "administrator", "guardian", "pupil"]


def fold_usernames(apps: Any, schema_editor: Any) -> None:
    """Give every user their key.

    Of two that are one name, neither could sign in before; the earlier can now. The later one's key holds a
    sign that no username has: it opens nothing until an administrator resets that sign-in.
    """
    del schema_editor
    User = apps.get_model("accounts", "User")
    taken = set()
    for user in User.objects.order_by("pk"):
        key = fold_username(user.username)
        user.username_key = f"{key}#{user.pk}" if key in taken else key
        taken.add(key)
        user.save(update_fields=["username_key"])


def name_role(before: str, after: str) -> Callable[[Any, Any], None]:
    """Return what renames a role in every row."""

    def rename(apps: Any, schema_editor: Any) -> None:
        del schema_editor
        apps.get_model("accounts", "Role").objects.filter(kind=before).update(kind=after)

    return rename


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_passkeys"), ("people", "__first__")]
    operations = [
        migrations.AddField(
            model_name="user",
            name="username_key",
            field=models.CharField(editable=False, max_length=450, null=True),
        ),
        migrations.RunPython(fold_usernames, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="user",
            name="username_key",
            field=models.CharField(editable=False, max_length=450, unique=True),
        ),
        migrations.RemoveConstraint(model_name="role", name="role_kind_known"),
        migrations.RunPython(name_role("operator", "administrator"), name_role("administrator", "operator")),
        migrations.AlterField(
            model_name="role",
            name="kind",
            field=models.CharField(
                choices=[
                    ("cashier", "Cashier"),
                    ("office", "School office"),
                    ("canteen", "Canteen manager"),
                    ("dpo", "Data protection officer"),
                    ("administrator", "Administrator"),
                    ("guardian", "Guardian"),
                    ("pupil", "Pupil"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.CheckConstraint(condition=Q(kind__in=KINDS), name="role_kind_known"),
        ),
        migrations.AddField(
            model_name="invitation",
            name="user",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="invitations",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="guardian",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="invitations",
                to="people.guardian",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                condition=Q(("revoked_at__isnull", True), ("used_at__isnull", True)),
                fields=("user",),
                name="one_open_invitation_a_user",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=Q(("guardian__isnull", True)) ^ Q(("user__isnull", True)),
                name="invitation_is_somebodys",
            ),
        ),
    ]
