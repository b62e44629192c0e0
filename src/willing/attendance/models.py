"""Registers and the marks in them: when they are taken, of whom, by whom, and every mark ever made.

Marks are never changed: a later one replaces an earlier one, and both stay. No table of another room says
whether anyone is here.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.attendance.message_models import (  # noqa: F401  # Django finds a room's tables here
    AbsenceMessage,
    ContactCheck,
    ContactTry,
    MessageRun,
    MessageSettings,
)
from willing.attendance.rules import REASON_CHARS_MAX
from willing.core.clock import now
from willing.core.ids import new_id
from willing.people.models import Guardian, Person, School, YearGroup

NAME_CHARS_MAX = 60
SYMBOL_CHARS_MAX = 8
LABEL_CHARS_MAX = 80
NOTE_CHARS_MAX = 1000


class AttendanceSettings(models.Model):
    """How a school takes its registers; without it there are none."""

    school = models.OneToOneField(
        School, on_delete=models.CASCADE, primary_key=True, related_name="attendance"
    )
    code_set = models.CharField(max_length=20)
    # How long the taking stays open, in minutes; the same for every register.
    open_minutes = models.PositiveSmallIntegerField()
    # From how many minutes on a day counts as a whole and as half a day; None where halves are counted.
    full_day_minutes = models.PositiveSmallIntegerField(null=True)
    half_day_minutes = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(open_minutes__gte=1, open_minutes__lte=120), name="register_opens_for_a_while"
            ),
            models.CheckConstraint(
                condition=Q(full_day_minutes__isnull=True, half_day_minutes__isnull=True)
                | Q(half_day_minutes__gte=1, full_day_minutes__gt=F("half_day_minutes")),
                name="half_a_day_is_less_than_a_day",
            ),
        ]


class RegisterTime(models.Model):
    """When a register is taken on each school day: two halves, or periods. In the school's own time."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="register_times")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=NAME_CHARS_MAX)
    opens = models.TimeField()
    # How long a period is; None where halves are counted.
    minutes = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "number"], name="register_time_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=16), name="register_time_number_known"
            ),
        ]


class DistrictCode(models.Model):
    """A code of the school's own, and which code of its set it means."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="district_codes")
    symbol = models.CharField(max_length=SYMBOL_CHARS_MAX)
    label = models.CharField(max_length=LABEL_CHARS_MAX)
    meaning = models.CharField(max_length=SYMBOL_CHARS_MAX)
    # No longer offered; marks go on bearing it.
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["symbol"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "symbol"], name="district_code_once"),
            models.CheckConstraint(condition=~Q(symbol=""), name="district_code_has_a_symbol"),
        ]


class RegisterGroup(models.Model):
    """Those of whom one register is taken: a class, or a group of its own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="register_groups")
    # The pupils of this class; None for a group whose members are listed.
    year_group = models.OneToOneField(
        YearGroup, on_delete=models.CASCADE, null=True, related_name="register_group"
    )
    # Empty for a class, which has its own.
    name = models.CharField(max_length=NAME_CHARS_MAX, blank=True, default="")
    # No register is taken of a list: it names those of a bus route, say, for whom codes are set at once.
    is_list = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["school", "name"], condition=~Q(name=""), name="register_group_name_once"
            ),
            models.CheckConstraint(
                condition=Q(year_group__isnull=False, name="") | (Q(year_group__isnull=True) & ~Q(name="")),
                name="register_group_is_a_class_or_has_a_name",
            ),
        ]

    @property
    def title(self) -> str:
        """What the group is called; its class has to be read with it."""
        return self.year_group.name if self.year_group else self.name


class GroupTeacher(models.Model):
    """Who takes a group's register for the most part; any member of staff who may take one can."""

    group = models.ForeignKey(RegisterGroup, on_delete=models.CASCADE, related_name="teachers")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "user"], name="teacher_of_a_group_once")
        ]


class GroupMember(models.Model):
    """A member of a group that is no class, from one day to another, both included."""

    group = models.ForeignKey(RegisterGroup, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="register_groups")
    first_day = models.DateField()
    last_day = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["group", "person"], condition=Q(last_day=None), name="member_of_a_group_once"
            ),
        ]


class GroupMeeting(models.Model):
    """On which weekday and for which of the day's registers a group meets; without any, for each."""

    group = models.ForeignKey(RegisterGroup, on_delete=models.CASCADE, related_name="meetings")
    weekday = models.PositiveSmallIntegerField(help_text=_("ISO: Monday is 1"))
    number = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "weekday", "number"], name="meeting_of_a_group_once"),
            models.CheckConstraint(condition=Q(weekday__gte=1, weekday__lte=7), name="meeting_on_a_weekday"),
        ]


class Register(models.Model):
    """One register: a group, a day, and which of the day's. It is made when a person opens it.

    Its times are those of that day, whatever the settings say later.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(RegisterGroup, on_delete=models.PROTECT, related_name="registers")
    day = models.DateField()
    number = models.PositiveSmallIntegerField()
    is_morning = models.BooleanField()
    opens_at = models.DateTimeField()
    # When the taking is over: who comes later is late after the close.
    closes_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=now)
    # When nobody was left without a mark, before the close.
    completed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # None where it closed by itself at its time.
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["day", "closed_at"], name="registers_of_a_day")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "day", "number"], name="register_once"),
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at")), name="register_opens_before_it_closes"
            ),
        ]


class Mark(models.Model):
    """A mark that a person made in a register, or the close of it. Never changed, kept for six years."""

    class Source(models.TextChoices):
        REGISTER = "register", _("While the register was taken")
        CLOSE = "close", _("Close of the register")
        CORRECTION = "correction", _("Correction")
        DEVICE = "device", _("A device without connection")
        GROUP = "group", _("Set for many at once")
        UNDONE = "undone", _("What was set for many, undone")

    # The device that the register was taken on chooses it, so that a repeated message is one mark.
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="marks")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, db_index=False, related_name="marks")
    # The first of a person in a register is 1.
    number = models.PositiveSmallIntegerField()
    symbol = models.CharField(max_length=SYMBOL_CHARS_MAX)
    minutes_late = models.PositiveSmallIntegerField(null=True)
    source = models.CharField(max_length=10, choices=Source.choices)
    # What was set for many, of which it is a part; None for every other mark.
    set_code = models.ForeignKey(
        "SetCode", on_delete=models.PROTECT, null=True, db_index=False, related_name="marks"
    )
    reason = models.CharField(max_length=REASON_CHARS_MAX, blank=True, default="")
    # Who made it; None for the close of a register by its time.
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=now)
    # What a device that had no connection says of its own time.
    device_at = models.DateTimeField(null=True)
    # Another person had marked otherwise meanwhile: it is kept, and does not hold.
    is_disputed = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["recorded_at"], condition=Q(is_disputed=True), name="disputed_marks"),
            models.Index(fields=["person", "recorded_at"], name="marks_of_a_person"),
            models.Index(fields=["set_code"], condition=Q(set_code__isnull=False), name="marks_set_for_many"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "person", "number"], name="mark_number_once"),
            models.CheckConstraint(condition=~Q(symbol=""), name="mark_has_a_code"),
            models.CheckConstraint(
                condition=Q(source="close", user__isnull=True) | Q(user__isnull=False),
                name="mark_bears_a_name",
            ),
            models.CheckConstraint(
                condition=~Q(source="correction") | ~Q(reason=""), name="correction_has_a_reason"
            ),
        ]


SET_FOR_MANY = (Mark.Source.GROUP, Mark.Source.UNDONE)


class CurrentMark(models.Model):
    """The mark that holds for a person in one of a day's registers: one, whichever group it was made in."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="current_marks")
    day = models.DateField()
    number = models.PositiveSmallIntegerField()
    register = models.ForeignKey(Register, on_delete=models.CASCADE, related_name="current_marks")
    mark = models.OneToOneField(Mark, on_delete=models.CASCADE, related_name="+")
    symbol = models.CharField(max_length=SYMBOL_CHARS_MAX)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["day", "number"], name="current_marks_of_a_day"),
            # Absences of ten weeks are few among all marks of six years.
            models.Index(fields=["symbol", "day", "person"], name="current_marks_by_code"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "day", "number"], name="one_current_mark"),
        ]


class SetCode(models.Model):
    """A code that a person set for many at once, or for a pupil on certain days, for all of those days.

    Marks of days that have come are recorded as it is set; on later days it is proposed to who takes the
    register. It is never changed; undone, its marks stay and what was before them holds again.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="set_codes")
    # The first of a school is 1: of several for one pupil and hour the last is proposed.
    number = models.PositiveIntegerField()
    symbol = models.CharField(max_length=SYMBOL_CHARS_MAX)
    first_day = models.DateField()
    last_day = models.DateField()
    # ISO digits, and the numbers of registers with commas; "" for each.
    weekdays = models.CharField(max_length=7, blank=True, default="")
    numbers = models.CharField(max_length=40, blank=True, default="")
    reason = models.CharField(max_length=REASON_CHARS_MAX)
    is_for_everyone = models.BooleanField(default=False)
    # Whether marks that say otherwise are replaced; else they stay.
    replaces = models.BooleanField(default=False)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=now)
    # Who pressed last for its days to be recorded: their name is on those marks.
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    # How many marks there were to be by that press. How far the worker is, the marks themselves say.
    places = models.PositiveIntegerField()
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["school", "last_day"], condition=Q(undone_at__isnull=True), name="set_codes_that_hold"
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "number"], name="set_code_number_once"),
            models.CheckConstraint(condition=Q(first_day__lte=F("last_day")), name="set_code_has_a_day"),
            models.CheckConstraint(condition=~Q(symbol="") & ~Q(reason=""), name="set_code_says_why"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="set_code_undone_by_someone",
            ),
        ]


class SetCodeFor(models.Model):
    """For whom a code was set: a class or a list as it is on each day, or a pupil."""

    set_code = models.ForeignKey(SetCode, on_delete=models.CASCADE, related_name="whom")
    group = models.ForeignKey(RegisterGroup, on_delete=models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="set_codes")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["set_code", "group"],
                condition=Q(group__isnull=False),
                name="set_code_for_each_group_once",
            ),
            models.UniqueConstraint(
                fields=["set_code", "person"],
                condition=Q(person__isnull=False),
                name="set_code_for_each_pupil_once",
            ),
            models.CheckConstraint(
                condition=Q(group__isnull=False, person__isnull=True)
                | Q(group__isnull=True, person__isnull=False),
                name="set_code_for_a_group_or_a_pupil",
            ),
        ]


class RollName(models.Model):
    """What a pupil who has left was called, for as long as marks of theirs have to be kept.

    Lunch forgets a pupil soon; a register that names nobody would be none.
    """

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="+")
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100, blank=True)
    birth_date = models.DateField(null=True)
    class_name = models.CharField(max_length=NAME_CHARS_MAX, blank=True, default="")


class FamilyNote(models.Model):
    """What a guardian or a pupil wrote about a day in the registers, and what staff answered.

    A note explains; a correction asks staff to correct a mark. Neither changes one.
    Only who wrote it and the school read it.
    """

    class Kind(models.TextChoices):
        NOTE = "note", _("Note")
        CORRECTION = "correction", _("Request of correction")

    class Outcome(models.TextChoices):
        CORRECTED = "corrected", _("The mark was corrected")
        KEPT = "kept", _("The mark stays")
        READ = "read", _("Read by the school")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="register_notes")
    # None where the pupil wrote it.
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    day = models.DateField()
    # Which of the day's registers; None for the whole day.
    number = models.PositiveSmallIntegerField(null=True)
    # The code that the writer saw; "" where there was none.
    seen_symbol = models.CharField(max_length=SYMBOL_CHARS_MAX, blank=True, default="")
    said = models.CharField(max_length=NOTE_CHARS_MAX)
    written_at = models.DateTimeField(default=now)
    outcome = models.CharField(max_length=9, choices=Outcome.choices, blank=True, default="")
    answer = models.CharField(max_length=NOTE_CHARS_MAX, blank=True, default="")
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["written_at"], condition=Q(outcome=""), name="register_notes_open")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(said=""), name="register_note_has_words"),
            models.CheckConstraint(
                condition=Q(kind="note") | Q(kind="correction", number__isnull=False),
                name="correction_names_a_register",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", answered_by__isnull=True, answered_at__isnull=True)
                | Q(
                    outcome__in=["corrected", "kept", "read"],
                    answered_by__isnull=False,
                    answered_at__isnull=False,
                ),
                name="register_note_answered_by_someone",
            ),
        ]


class RollReturn(models.Model):
    """That the school named a new pupil, or one who has left, to its authority."""

    class Kind(models.TextChoices):
        NEW = "new", _("New pupil")
        DELETED = "deleted", _("Pupil who has left")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    # The day of joining or leaving: who comes back is a new pupil again.
    day = models.DateField()
    sent_at = models.DateTimeField(default=now)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "kind", "day"], name="roll_return_once"),
        ]
