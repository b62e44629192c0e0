"""What was said, what was told, and the texts themselves never change."""

from django.db import migrations

from willing.core.triggers import refuse_writes


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_initial")]
    operations = [
        refuse_writes("consent_decision"),
        refuse_writes("consent_notification"),
        refuse_writes("consent_notice"),
    ]
