"""What was signed, asked, locked and noted never changes. Risks do: the officer keeps them current."""

from django.db import migrations

from willing.core.triggers import refuse_writes

TABLES = (
    "signedassessment",
    "familyconsultation",
    "manuallock",
    "incident",
    "assessmentreading",
    "riskreview",
    "breach",
    "breachaccount",
    "breachstep",
)


class Migration(migrations.Migration):
    dependencies = [("dpia", "0001_initial")]
    operations = [refuse_writes(f"dpia_{table}") for table in TABLES]
