"""E-mails about a purchase that was charged twice."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0003_arrears"),
    ]

    operations = [
        migrations.AlterField(
            model_name="mail",
            name="topic",
            field=models.CharField(
                choices=[
                    ("answer", "The school has answered a report or a request"),
                    ("notice", "The privacy notice has changed and your answer is needed again"),
                    ("arrears", "The balance for the canteen is below zero"),
                    ("refund", "A purchase that was charged twice was refunded"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="mailstop",
            name="topic",
            field=models.CharField(
                choices=[
                    ("answer", "The school has answered a report or a request"),
                    ("notice", "The privacy notice has changed and your answer is needed again"),
                    ("arrears", "The balance for the canteen is below zero"),
                    ("refund", "A purchase that was charged twice was refunded"),
                ],
                max_length=8,
            ),
        ),
    ]
