"""Boarding houses, who lives in them from which night on, and the evening lists with every mark in them.

A mark is never changed: a later one follows it, and both stay until the list is deleted. No table of another
room counts or sends anything because of one.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.boarding.rules import (
    ALERT_MINUTES_MAX,
    CHECKS_MAX,
    NAME_CHARS_MAX,
    REASON_CHARS_MAX,
    ROOM_CHARS_MAX,
    ReadMark,
)
from willing.core.clock import now
from willing.core.ids import new_id
from willing.people.models import Person, School


class House(models.Model):
    """A boarding house. A school without one has no evening list."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="houses")
    name = models.CharField(max_length=NAME_CHARS_MAX)
    # No longer in use; what was recorded stays for its time.
    retired_at = models.DateTimeField(null=True)
    # When the last list was due of which wardens got a mail because nobody had opened it.
    untaken_due_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["school", "name"], condition=Q(retired_at=None), name="house_name_once"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="house_has_a_name"),
        ]


class HouseWarden(models.Model):
    """Who takes the evening lists of a house and is notified when someone is missing."""

    house = models.ForeignKey(House, on_delete=models.CASCADE, related_name="wardens")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["house", "user"], name="warden_of_a_house_once")
        ]


class Boarder(models.Model):
    """That a pupil lives in a house, from one night to another, both included."""

    house = models.ForeignKey(House, on_delete=models.PROTECT, related_name="boarders")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="boarding")
    room = models.CharField(max_length=ROOM_CHARS_MAX, blank=True, default="")
    first_night = models.DateField()
    last_night = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(last_night=None), name="boarder_in_one_house"
            ),
            models.CheckConstraint(
                condition=Q(last_night__isnull=True) | Q(first_night__lte=F("last_night")),
                name="boarder_stays_a_night",
            ),
        ]


class CheckPoint(models.Model):
    """When a list is taken each night, in the school's own time; a time before noon is after midnight."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="evening_checks")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=NAME_CHARS_MAX)
    at = models.TimeField()
    # So long after the time wardens are notified of who is missing.
    alert_minutes = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "number"], name="evening_check_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=CHECKS_MAX), name="evening_check_number_known"
            ),
            models.CheckConstraint(
                condition=Q(alert_minutes__gte=1, alert_minutes__lte=ALERT_MINUTES_MAX),
                name="evening_alert_after_a_while",
            ),
        ]


class EveningList(models.Model):
    """One list: a house, a night, and which of the night's. It is made when a person opens it.

    Its times are those of that night, whatever the settings say later.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    house = models.ForeignKey(House, on_delete=models.PROTECT, related_name="evening_lists")
    night = models.DateField()
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=NAME_CHARS_MAX)
    due_at = models.DateTimeField()
    alert_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=now)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    # About how many missing boarders wardens got a mail.
    alerted = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["night"], name="evening_lists_of_a_night")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["house", "night", "number"], name="evening_list_once"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="evening_list_closed_by_someone",
            ),
        ]


class EveningMark(models.Model):
    """What a person recorded of a boarder in an evening list. Never changed; always someone's word."""

    class Word(models.TextChoices):
        HERE = "here", _("In the house")
        LATE = "late", _("Came late")
        LEAVE = "leave", _("Away with leave")
        ABSENT = "absent", _("Missing")

    # Chosen by the page, so that a form that is sent twice is one mark.
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    list = models.ForeignKey(EveningList, on_delete=models.PROTECT, related_name="marks")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="evening_marks")
    # The first of a person in a list is 1.
    number = models.PositiveSmallIntegerField()
    word = models.CharField(max_length=6, choices=Word.choices)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=now)
    reason = models.CharField(max_length=REASON_CHARS_MAX, blank=True, default="")
    is_correction = models.BooleanField(default=False)
    # Another person had marked otherwise meanwhile, which this one had not seen.
    is_disputed = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["list", "person", "number"], name="evening_mark_number_once"),
            models.CheckConstraint(
                condition=Q(word__in=["here", "late", "leave", "absent"]), name="evening_word_known"
            ),
            models.CheckConstraint(
                condition=Q(is_correction=False) | ~Q(reason=""), name="evening_correction_has_a_reason"
            ),
        ]

    @property
    def as_read(self) -> ReadMark:
        """It as the rules read it."""
        return ReadMark(self.word, self.number, self.user_id, self.is_disputed, self.is_correction)
