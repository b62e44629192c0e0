"""How a terminal's reader types; until it was tested, as the computer reads it, with Enter at the end."""

from django.db import migrations, models

LAYOUTS = [("typed", "As this computer reads it"), ("us", "US"), ("de", "German"), ("fr", "French")]
SUFFIXES = [("enter", "Enter"), ("tab", "Tab"), ("none", "Nothing")]


class Migration(migrations.Migration):
    dependencies = [("terminals", "0004_look_ups")]
    operations = [
        migrations.AddField(
            "terminal", "reader_layout", models.CharField(choices=LAYOUTS, default="typed", max_length=8)
        ),
        migrations.AddField(
            "terminal", "reader_suffix", models.CharField(choices=SUFFIXES, default="enter", max_length=8)
        ),
        migrations.AddField("terminal", "reader_prefix", models.CharField(blank=True, max_length=8)),
    ]
