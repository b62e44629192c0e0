"""What a till's screens show between two presses, where the rooms cannot know it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from willing.terminals.models import Terminal


class TillScreen(models.Model):
    """The stage of a till's pupil's half; whichever screen reloads, finds it here.

    What is said here about a basket holds for that basket alone. version: another one after each change of
    what may be seen, so that a second screen knows that it is behind.
    """

    class Half(models.TextChoices):
        TILL = "till"
        PUPIL = "pupil"

    terminal = models.OneToOneField(
        Terminal, on_delete=models.CASCADE, primary_key=True, related_name="till_screen"
    )
    version = models.CharField(max_length=16)
    # What is being entered: a way, "claim", "stop"; for the face, the key of the press that opened it, and on
    # which screen it was: only there a camera starts.
    basket = models.ForeignKey(
        "till.Basket", on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    stage = models.CharField(max_length=8, blank=True, default="")
    press = models.CharField(max_length=64, blank=True, default="")
    half = models.CharField(max_length=5, choices=Half.choices, blank=True, default="")
    # Whose receipt is shown until the next customer, and the last sale here, which its cashier may void.
    sale = models.ForeignKey(
        "till.Sale", on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    last_sale = models.ForeignKey(
        "till.Sale", on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    # The basket whose main meals the cashier has pressed for, and how many in the sitting.
    meal_basket = models.ForeignKey(
        "till.Basket", on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    meals = models.PositiveSmallIntegerField(default=0)
    # The basket of which the cashier is asked whether it is another purchase.
    repeat_basket = models.ForeignKey(
        "till.Basket", on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    # What was over by time, until the next press: who was shown for a basket, or the basket.
    expired_basket = models.ForeignKey(
        "till.Basket", on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    expired = models.CharField(max_length=6, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(half="") | Q(half__in=["till", "pupil"]), name="till_screen_half_known"
            ),
            models.CheckConstraint(
                condition=Q(expired="") | Q(expired__in=["shown", "basket"]), name="till_screen_expired_known"
            ),
        ]
