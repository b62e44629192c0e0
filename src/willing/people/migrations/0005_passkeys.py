import base64
import hashlib
from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def keep_known_passkeys(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  # Django calls it
    """Take over what is stored. Counters begin at 0: the next use says how far each device is.

    Of two with one id, only the older goes on opening anything: nobody can tell whose it is.
    """
    Passkey = apps.get_model("people", "Passkey")
    for found in apps.get_model("mfa", "Authenticator").objects.filter(type="webauthn").order_by("pk"):
        credential = (found.data or {}).get("credential") or {}
        text = credential.get("rawId") or credential.get("id")
        if not isinstance(text, str):
            continue
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        digest = hashlib.sha256(raw).hexdigest()
        Passkey.objects.get_or_create(credential_digest=digest, defaults={"authenticator": found})


class Migration(migrations.Migration):
    dependencies = [
        ("mfa", "0003_authenticator_type_uniq"),
        ("people", "0004_sign_in"),
    ]

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
        migrations.RunPython(keep_known_passkeys, migrations.RunPython.noop),
    ]
