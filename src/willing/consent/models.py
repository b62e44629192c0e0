"""The notices people were given, what they decided, and who was notified."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import new_id
from willing.people.models import Guardian, Person


class Purpose(models.TextChoices):
    """What a face may be used for; each is decided apart."""

    CANTEEN = "canteen", _("Canteen")
    SHOP = "shop", _("School shop")
    GATE = "gate", _("School gate")
    LIBRARY = "library", _("Library")


class Answer(models.TextChoices):
    """Someone's answer."""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Channel(models.TextChoices):
    """How a decision or a notice reached us."""

    LINK = "link", _("Consent link")
    DESK = "desk", _("Enrolment desk")
    TILL = "till", _("At the till")
    PAPER = "paper", _("On paper")
    VERBAL = "verbal", _("In conversation with staff")
    PORTAL = "portal", _("Family page")
    JOURNAL = "journal", _("Journal of refusals, after a restore")
    MERGED = "merged", _("Taken over from another record of the same guardian")


# What is only heard can end something and never begin it: a yes needs a text that was read (a trigger too).
NO_YES_BY = (Channel.TILL, Channel.VERBAL, Channel.JOURNAL)


class Notice(models.Model):
    """A published text, unchangeable: a new wording is a new version.

    terms: what the text says of this school's rules and times, as facts; another fact is a material change.
    is_material: whether a yes to an earlier version has to be said again.
    """

    class Reader(models.TextChoices):
        ADULT = "adult", _("Adult, about a child")
        CHILD = "child", _("Child")
        SELF = "self", _("Adult, about themselves")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    reader = models.CharField(max_length=8, choices=Reader.choices)
    language = models.CharField(max_length=10)
    version = models.PositiveIntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    terms = models.JSONField(default=dict)
    is_material = models.BooleanField(default=True)
    published_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["purpose", "reader", "language", "version"], name="notice_version_once"
            ),
        ]


class Notification(models.Model):
    """A guardian was notified, before the first processing, that a face may be used for a purpose."""

    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, related_name="notifications")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notifications")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["guardian", "person", "purpose", "notice"], name="notified_once_a_notice"
            ),
        ]


class Decision(models.Model):
    """What a guardian, or the person, said about a purpose. Append-only, in the order of `number`."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="decisions")
    # The person's decisions in the order they were recorded.
    number = models.PositiveIntegerField()
    guardian = models.ForeignKey(
        Guardian,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        help_text=_("Empty where the person decided about themselves"),
    )
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    answer = models.CharField(max_length=10, choices=Answer.choices)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True)
    form_id = models.UUIDField(null=True, blank=True, help_text=_("The signed consent form"))
    at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["form_id"],
                condition=models.Q(form_id__isnull=False),
                name="decision_of_one_paper",
            ),
            models.UniqueConstraint(fields=["person", "number"], name="decision_numbered_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="decision_number_from_one"),
            models.CheckConstraint(
                condition=models.Q(answer__in=["yes", "no", "withdrawn"]), name="decision_answer_known"
            ),
            models.CheckConstraint(
                condition=models.Q(purpose__in=["canteen", "shop", "gate", "library"]),
                name="decision_purpose_known",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["person", "purpose"], name="decision_person_purpose")]


class Undo(models.Model):
    """A no that a member of staff entered by mistake and took back at once. It was never said."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="undo")
    by = models.ForeignKey(User, on_delete=models.PROTECT)
    at = models.DateTimeField(default=now)


class Excuse(models.Model):
    """Why a listed guardian need not be notified about a person, until the office withdraws that.

    Source of the reasons: Protection of Freedoms Act 2012, section 27(1).
    """

    class Reason(models.TextChoices):
        NOT_FOUND = "not_found", _("Can't be found")
        LACKS_CAPACITY = "capacity", _("Lacks the mental capacity to decide")
        WELFARE = "welfare", _("The child's welfare requires that they are not contacted")
        NOT_PRACTICABLE = "other", _("Can't reasonably be notified for another reason")

    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, related_name="excuses")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="excuses")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(reason__in=["not_found", "capacity", "welfare", "other"]),
                name="excuse_reason_known",
            ),
            models.UniqueConstraint(
                fields=["guardian", "person"],
                condition=models.Q(ended_at=None),
                name="excused_once_at_a_time",
            ),
        ]
