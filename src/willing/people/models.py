"""Schools, the people in them, and who may do what."""

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from willing.core.clock import now
from willing.core.folded import FoldedField, FoldedModel, FoldedRows
from willing.core.ids import new_id
from willing.people.calendar_rules import CALENDAR_NAME_CHARS_MAX


def full_name_of(given_name: str, family_name: str) -> str:
    """Return a person's name as the office reads it."""
    return f"{given_name} {family_name}".strip()


class School(models.Model):
    """A school: its currency, its legal profile, its grace for main meals."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2, default="GB", help_text=_("ISO 3166 code"))
    # What pages are shown in where a browser asks for no language that they are written in.
    language = models.CharField(max_length=10, default="en")
    currency = models.CharField(max_length=3, default="GBP", help_text=_("ISO 4217 code"))
    time_zone = models.CharField(max_length=64, default="Europe/London")
    legal_profile = models.CharField(max_length=32, default="strict")
    grace_minor = models.PositiveIntegerField(
        help_text=_("How far main meals may take a balance below nothing, in minor units")
    )

    pupil_sign_in_from_age = models.PositiveSmallIntegerField(
        default=12, help_text=_("Age from which pupils may see their own page, in whole years")
    )

    # Whether a till takes no payment while no cashier is signed on there; else the sale bears no name.
    requires_cashier = models.BooleanField(default=False)

    # Where families reach the pages: https://lunch.example.org. "" where that is not settled.
    public_address = models.CharField(max_length=255, blank=True, default="")
    # What came of the last test of that address (`ops.reach.Reach`) and when; "" and None before the first.
    address_reach = models.CharField(max_length=32, blank=True, default="")
    address_tested_at = models.DateTimeField(null=True, blank=True)
    # As "#0b5a47"; "" for Willing's own.
    colour = models.CharField(max_length=7, blank=True, default="")
    # The weekdays with school as ISO digits, Monday is 1; "" where no week was set: every day counts.
    weekdays = models.CharField(max_length=7, blank=True, default="")
    # Of the logo; here too, so that a page names its address without reading the picture. "" without one.
    logo_sha256 = models.CharField(max_length=64, blank=True, default="")
    # None while it is being set up in the browser; set-up's pages are gone from then on.
    set_up_at = models.DateTimeField(null=True, blank=True)

    # Which organisation of a roster file this school is, once one was imported.
    external_id = models.CharField(max_length=255, blank=True, default="")

    def __str__(self) -> str:
        return self.name


class SchoolLogo(models.Model):
    """A school's logo as it is shown: a small PNG that was drawn from what was uploaded."""

    school = models.OneToOneField(School, on_delete=models.CASCADE, primary_key=True, related_name="logo")
    png = models.BinaryField()
    set_at = models.DateTimeField(default=now)


class Sitting(models.Model):
    """When meals are sold on a weekday, in the school's own time; a weekday may have several."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="sittings")
    weekday = models.PositiveSmallIntegerField(help_text=_("ISO: Monday is 1"))
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering: ClassVar = ["weekday", "opens"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "weekday", "opens"], name="sitting_opens_once"),
            models.CheckConstraint(
                condition=models.Q(weekday__gte=1, weekday__lte=7), name="sitting_on_a_weekday"
            ),
            models.CheckConstraint(
                condition=models.Q(opens__lt=models.F("closes")), name="sitting_opens_before_it_closes"
            ),
        ]


class CalendarEntry(models.Model):
    """A term, days without school, or a single day with school that would have none."""

    class Kind(models.TextChoices):
        TERM = "term", _("Term")
        CLOSED = "closed", _("Closed")
        OPENED = "opened", _("Extra school day")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="calendar")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=CALENDAR_NAME_CHARS_MAX, blank=True)
    first_day = models.DateField()
    last_day = models.DateField()
    # Whose hours and menu a day that is opened has: a Saturday may be worked as a Friday. None: its own.
    as_weekday = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["first_day", "last_day", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["school", "kind", "first_day", "last_day"], name="calendar_entry_once"
            ),
            models.CheckConstraint(
                condition=models.Q(first_day__lte=models.F("last_day")), name="calendar_entry_has_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["term", "closed"], as_weekday__isnull=True)
                | models.Q(kind="opened", first_day=models.F("last_day"), as_weekday__isnull=True)
                | models.Q(
                    kind="opened", first_day=models.F("last_day"), as_weekday__gte=1, as_weekday__lte=7
                ),
                name="calendar_opens_single_days",
            ),
        ]


class YearGroup(FoldedModel):
    """A year or class, in the order in which a school lists them."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="year_groups")
    name = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)
    # England: Reception, Year 1 or Year 2, whose meals the census counts.
    is_infant = models.BooleanField(default=False)
    search_text = FoldedField("name")

    objects = FoldedRows.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "name"], name="year_group_name_unique_in_school"),
        ]

    def __str__(self) -> str:
        return self.name


class Person(FoldedModel):
    """Someone who eats at the school: a pupil, or a member of staff."""

    class Kind(models.TextChoices):
        PUPIL = "pupil", _("Pupil")
        STAFF = "staff", _("Staff")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="persons")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.PUPIL)
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100, blank=True)
    search_text = FoldedField("given_name", "family_name")
    year_group = models.ForeignKey(YearGroup, on_delete=models.SET_NULL, null=True, blank=True)
    till_number = models.PositiveIntegerField(
        validators=[MinValueValidator(1)], help_text=_("What the person types before the PIN")
    )
    birth_date = models.DateField(
        null=True, blank=True, help_text=_("Decides whose yes is needed; kept only where the law asks for it")
    )
    may_sign_in = models.BooleanField(
        default=False,
        help_text=_("Lets a pupil of unknown age see their own page"),
    )
    # Made up to try things out, and removed with one press; never a child of the school.
    is_invented = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=now)
    left_at = models.DateTimeField(null=True, blank=True)
    # The record that goes on in place of this one: both were about one person. Their history lies in both.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    # Their id in the school's own register. Empty: added by hand, so no roster file removes or changes them.
    external_id = models.CharField(max_length=255, blank=True, default="")

    objects = FoldedRows.as_manager()

    class Meta:
        ordering: ClassVar = ["given_name", "family_name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["school", "external_id"],
                condition=~models.Q(external_id=""),
                name="person_external_id_unique_in_school",
            ),
            models.UniqueConstraint(fields=["school", "till_number"], name="till_number_unique_in_school"),
            models.CheckConstraint(condition=models.Q(till_number__gte=1), name="till_number_positive"),
            models.CheckConstraint(condition=models.Q(kind__in=["pupil", "staff"]), name="person_kind_known"),
        ]

    def __str__(self) -> str:
        return str(self.id)  # never the name: this text reaches logs and errors

    @property
    def full_name(self) -> str:
        """The name as the office reads it."""
        return full_name_of(self.given_name, self.family_name)


class Guardian(FoldedModel):
    """Someone who decides for a pupil."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="guardians")
    name = models.CharField(max_length=200)
    search_text = FoldedField("name")
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True, default="")
    language = models.CharField(max_length=10, default="en")
    link_version = models.PositiveIntegerField(
        default=1, help_text=_("Raising it revokes every earlier consent link")
    )
    persons = models.ManyToManyField(Person, through="GuardianLink", related_name="guardians")
    external_id = models.CharField(max_length=255, blank=True, default="")
    # The record that goes on in place of this one. The register may go on naming this one by its id.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )

    objects = FoldedRows.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["school", "external_id"],
                condition=~models.Q(external_id=""),
                name="guardian_external_id_unique_in_school",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class GuardianLink(models.Model):
    """A guardian of a person. Every listed guardian may decide."""

    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, related_name="links")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="guardian_links")
    relationship = models.CharField(max_length=60, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # A roster file removes only the links that a roster file made; what the office entered stays.
    from_roster = models.BooleanField(default=False)
    # A file removed it less than a day ago, which may be undone until then: their no still counts.
    ended_by_list = models.BooleanField(default=False)
    # In which order a pupil's guardians are reached, from 1; 0: after those who have a place.
    contact_place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["guardian", "person"], name="guardian_linked_once"),
            models.CheckConstraint(
                condition=models.Q(ended_by_list=False) | models.Q(ended_at__isnull=False),
                name="guardian_link_ended_by_list_has_a_time",
            ),
        ]
