"""The scan of a signed form never changes; the retention job deletes it."""

from django.db import migrations

from willing.core.triggers import refuse_writes


class Migration(migrations.Migration):
    dependencies = [("consent_forms", "0001_initial")]
    operations = [refuse_writes("consent_forms_consentform", deletes=False)]
