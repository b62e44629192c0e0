import base64
from typing import Any

from django.db import migrations

from willing.keys.master import unwrap, wrap


def bind(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  # Django calls it
    """Seal each secret for the user in whose row it lies, as new ones are (willing.entrance.sealed)."""
    for row in apps.get_model("mfa", "Authenticator").objects.exclude(type="webauthn"):
        for name in ("secret", "seed"):
            text = row.data.get(name)
            if isinstance(text, str) and text and "." not in text:
                opened = unwrap(base64.b64decode(text), "second factor")
                sealed = wrap(opened, f"second factor of user {row.user_id}")
                row.data[name] = f"u{row.user_id}.{base64.b64encode(sealed).decode()}"
                row.save(update_fields=["data"])


class Migration(migrations.Migration):
    # Here, because it is the first room above both the keys and the users.
    dependencies = [
        ("mfa", "0003_authenticator_type_uniq"),
        ("rights", "0001_initial"),
    ]

    operations = [migrations.RunPython(bind, migrations.RunPython.noop)]
