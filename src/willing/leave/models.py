"""Who is away on purpose, for what, on whose word; and who was signed out at the desk.

No mark is here: what a register says of a pupil a person writes into it, who reads this beside it.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import new_id
from willing.leave.rules import TITLE_CHARS_MAX, WORDS_CHARS_MAX
from willing.people.models import Guardian, Person, School


class LeaveSettings(models.Model):
    """How a school agrees to leave, where it decided otherwise than its country's way."""

    school = models.OneToOneField(
        School, on_delete=models.CASCADE, primary_key=True, related_name="leave_settings"
    )
    # How many of the staff agree, beside the guardian.
    staff_needed = models.PositiveSmallIntegerField()
    # Until when pupils report back on the first school day after a leave; None where they need not.
    report_back_by = models.TimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(staff_needed__gte=1, staff_needed__lte=2), name="one_or_two_of_the_staff_agree"
            ),
        ]


class Leave(models.Model):
    """That a pupil will be, or is, away: on leave or through illness."""

    class Kind(models.TextChoices):
        ILLNESS = "illness", _("Off sick")
        APPOINTMENT = "appointment", _("Medical or dental appointment")
        INTERVIEW = "interview", _("Interview for a job or another school")
        STUDY = "study", _("Study leave for an examination")
        OTHER = "other", _("Family or another reason")

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for a guardian")
        CONFIRMED = "confirmed", _("Waits for the school")
        AGREED = "agreed", _("Agreed by the school")
        DISPUTED = "disputed", _("Guardians disagree")
        REFUSED = "refused", _("Not agreed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class AskedAs(models.TextChoices):
        GUARDIAN = "guardian", _("Guardian")
        PUPIL = "pupil", _("Pupil")
        STAFF = "staff", _("Staff")

    # Chosen by the page, so that a form that is sent twice is one leave.
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="leaves")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    first_day = models.DateField()
    last_day = models.DateField()
    # In the school's own time; None: from the beginning of the first day, until the end of the last.
    from_time = models.TimeField(null=True)
    until_time = models.TimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_as = models.CharField(max_length=8, choices=AskedAs.choices)
    asked_at = models.DateTimeField(default=now)
    # Who refused or withdrew it, and what staff gave as the reason of a refusal.
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=WORDS_CHARS_MAX, blank=True, default="")
    # The desk.
    signed_out_at = models.DateTimeField(null=True)
    signed_out_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    back_at = models.DateTimeField(null=True)
    back_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["first_day", "last_day"], name="leaves_of_a_day"),
            models.Index(fields=["state"], name="leaves_by_state"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(first_day__lte=F("last_day")), name="leave_has_a_day"),
            models.CheckConstraint(
                condition=Q(state__in=["refused", "withdrawn"], closed_at__isnull=False)
                | Q(state__in=["asked", "confirmed", "agreed", "disputed"], closed_at__isnull=True),
                name="leave_is_open_or_closed",
            ),
            models.CheckConstraint(
                condition=Q(signed_out_at__isnull=True, back_at__isnull=True) | Q(state="agreed"),
                name="no_exit_before_everyone_agreed",
            ),
        ]


class LeaveWords(models.Model):
    """Why a pupil is away, in the family's words. Deleted soon after the last day: it may be about health."""

    leave = models.OneToOneField(Leave, on_delete=models.CASCADE, primary_key=True, related_name="words")
    text = models.CharField(max_length=WORDS_CHARS_MAX)


class LeaveAnswer(models.Model):
    """What a guardian says to a leave; the latest of each counts."""

    leave = models.ForeignKey(Leave, on_delete=models.CASCADE, related_name="answers")
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, related_name="leave_answers")
    is_yes = models.BooleanField()
    answered_at = models.DateTimeField(default=now)
    # Staff wrote it down for a family without a phone of its own, and how they reached the guardian.
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reached = models.CharField(max_length=WORDS_CHARS_MAX, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["leave", "guardian"], name="one_answer_of_a_guardian"),
        ]


class LeaveApproval(models.Model):
    """That a member of staff agreed to a leave."""

    leave = models.ForeignKey(Leave, on_delete=models.CASCADE, related_name="approvals")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["leave", "user"], name="nobody_agrees_to_a_leave_twice"),
        ]


class Trip(models.Model):
    """That pupils are elsewhere with the school, under named staff."""

    class Kind(models.TextChoices):
        VISIT = "visit", _("Educational visit or trip")
        SPORT = "sport", _("Approved sporting activity")
        WORK = "work", _("Work experience")
        OTHER = "activity", _("Another approved activity off site")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="trips")
    name = models.CharField(max_length=TITLE_CHARS_MAX)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    first_day = models.DateField()
    last_day = models.DateField()
    from_time = models.TimeField(null=True)
    until_time = models.TimeField(null=True)
    # The kitchen packs their meals: it cooks for them all the same, and the day's entitlement is theirs.
    has_packed_meals = models.BooleanField(default=False)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=now)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    # When all of them left the school and came back, where staff note it; else it is as planned.
    departed_at = models.DateTimeField(null=True)
    departed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["first_day", "last_day"], name="trips_of_a_day")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(first_day__lte=F("last_day")), name="trip_has_a_day"),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True)
                | Q(departed_at__isnull=True, returned_at__isnull=True),
                name="no_departure_of_a_cancelled_trip",
            ),
        ]


class TripLeader(models.Model):
    """A member of staff who supervises a trip."""

    trip = models.ForeignKey(Trip, on_delete=models.CASCADE, related_name="leaders")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["trip", "user"], name="leader_of_a_trip_once"),
        ]


class TripPupil(models.Model):
    """A pupil who goes on a trip."""

    trip = models.ForeignKey(Trip, on_delete=models.CASCADE, related_name="pupils")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="trips")
    # Did not go in the end: they stay on the list, so that it says who was expected.
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["trip", "person"], name="pupil_of_a_trip_once"),
        ]
