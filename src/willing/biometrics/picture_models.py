"""What the check for pictures counts, at tills, the desk and in a school's own tests. About nobody."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from willing.core.ids import new_id
from willing.people.models import School
from willing.terminals.models import Terminal


class PictureDay(models.Model):
    """What the check for pictures found at one terminal on one day: numbers only, about nobody.

    acts: whether the check decided then, or only counted. Of sessions that named somebody: live passed at
    once, turned after one turn, not_turned did not answer it, picture was refused, doubt would have been
    asked to turn.
    """

    terminal = models.ForeignKey(Terminal, on_delete=models.CASCADE, related_name="picture_days")
    day = models.DateField()
    acts = models.BooleanField()
    live = models.PositiveIntegerField(default=0)
    turned = models.PositiveIntegerField(default=0)
    not_turned = models.PositiveIntegerField(default=0)
    picture = models.PositiveIntegerField(default=0)
    doubt = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["terminal", "day", "acts"], name="pictures_counted_once_a_day"),
            models.CheckConstraint(
                condition=Q(acts=True, doubt=0) | Q(acts=False, turned=0, not_turned=0),
                name="pictures_turn_only_where_it_acts",
            ),
        ]


class DeskPictureDay(models.Model):
    """What the check found at a school's enrolment desk on one day: captures by camera, about nobody.

    picture: taken for a picture; confirmed: of those, the ones that a member of staff let pass, having seen
    the person there. doubt passes at the desk: a member of staff sits opposite.
    """

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="desk_picture_days")
    day = models.DateField()
    acts = models.BooleanField()
    live = models.PositiveIntegerField(default=0)
    doubt = models.PositiveIntegerField(default=0)
    picture = models.PositiveIntegerField(default=0)
    confirmed = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["school", "day", "acts"], name="desk_pictures_counted_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(acts=True) | Q(confirmed=0), name="desk_pictures_confirmed_where_it_acts"
            ),
            models.CheckConstraint(
                condition=Q(confirmed__lte=F("picture")), name="desk_pictures_confirmed_were_pictures"
            ),
        ]


class PictureTest(models.Model):
    """A test of one till by staff: faces of those who agreed, and pictures of them, before its camera.

    network: which check was tested. Going on another day continues the test that is not finished.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    terminal = models.ForeignKey(Terminal, on_delete=models.CASCADE, related_name="picture_tests")
    network = models.CharField(max_length=64)
    started_on = models.DateField()
    finished_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["terminal"], condition=Q(finished_on__isnull=True), name="one_open_test_a_terminal"
            ),
        ]


class PictureTestCount(models.Model):
    """How a test's tries of one kind at one distance came out on one day.

    passed: at once; turned: after a turn; not_turned: no turn when asked; refused: as a picture; unanswered:
    no usable face, or too few, in the time of a session.
    """

    class Kind(models.TextChoices):
        LIVE = "live", _("A living face")
        PHONE = "phone", _("A phone")
        PRINT = "print", _("A print")
        TABLET = "tablet", _("A tablet or screen")

    class Distance(models.TextChoices):
        NEAR = "near", _("30 cm")
        USUAL = "usual", _("50 cm")
        FAR = "far", _("70 cm")

    test = models.ForeignKey(PictureTest, on_delete=models.CASCADE, related_name="counts")
    day = models.DateField()
    kind = models.CharField(max_length=6, choices=Kind.choices)
    distance = models.CharField(max_length=5, choices=Distance.choices)
    passed = models.PositiveSmallIntegerField(default=0)
    turned = models.PositiveSmallIntegerField(default=0)
    not_turned = models.PositiveSmallIntegerField(default=0)
    refused = models.PositiveSmallIntegerField(default=0)
    unanswered = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["test", "day", "kind", "distance"], name="picture_tries_counted_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["live", "phone", "print", "tablet"]), name="picture_try_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(distance__in=["near", "usual", "far"]), name="picture_try_distance_known"
            ),
        ]
