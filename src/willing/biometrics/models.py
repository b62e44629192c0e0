"""Sealed templates and face sessions. No picture and no key is in any of these tables."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.biometrics.picture_models import (  # noqa: F401  # so that Django finds them
    DeskPictureDay,
    PictureDay,
    PictureTest,
    PictureTestCount,
)
from willing.consent.models import Decision, Purpose
from willing.core.clock import now
from willing.core.ids import new_id
from willing.core.prepared_rows import PreparedModel
from willing.people.models import Person, School
from willing.terminals.models import Terminal


class Template(models.Model):
    """One person's references for one purpose, sealed under a key that lives in the other database."""

    class Mode(models.TextChoices):
        IDENTIFY = "identify", _("Search among everyone enrolled")
        VERIFY = "verify", _("Only together with a card or PIN")

    class Suspension(models.TextChoices):
        WRONG_PERSON = "wrong_person", _("Wrong recognition")
        ASKED = "asked", _("Requested by the family")
        OFFICE = "office", _("Suspended by the office")
        DAMAGED = "damaged", _("The stored data can't be read")
        LEFT = "left", _("No longer on the school's list")
        CENTRAL = "central", _("Only the pupil's card may open a face here")
        ALIKE = "alike", _("Looks too much like a brother or sister")

    class Holder(models.TextChoices):
        CENTRAL = "central", _("The school alone can open it")
        CARD = "card", _("Only together with the pupil's card")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="templates")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.IDENTIFY)
    sealed = models.BinaryField()
    key_id = models.UUIDField(unique=True)
    # CARD: key_id is the school's half of the key, and the other lies on that card alone.
    holder = models.CharField(max_length=8, choices=Holder.choices, default=Holder.CENTRAL)
    card_id = models.UUIDField(null=True, db_index=True)
    # How often this person was enrolled for the purpose; bound into the seal.
    issue = models.PositiveIntegerField(default=1)
    model_id = models.CharField(max_length=100)
    references = models.PositiveSmallIntegerField()
    own_decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, null=True, related_name="templates_by_own_yes"
    )
    guardian_decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, null=True, related_name="templates_by_guardian_yes"
    )
    enrolled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    enrolled_at = models.DateTimeField(default=now)
    # When its owner last put a later reference behind the desk's `references`, by a press at a till.
    refreshed_at = models.DateTimeField(null=True, blank=True)
    # Kept, but compared with nobody until the office resumes it.
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_for = models.CharField(max_length=16, choices=Suspension.choices, blank=True)

    # Restored from a copy, not knowing who said no since: compared with nobody until the officer confirms it.
    unconfirmed_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "purpose"], name="one_template_a_person_and_purpose"),
            models.CheckConstraint(
                condition=Q(suspended_at__isnull=True, suspended_for="")
                | Q(
                    suspended_at__isnull=False,
                    suspended_for__in=[
                        "wrong_person",
                        "asked",
                        "office",
                        "damaged",
                        "left",
                        "central",
                        "alike",
                    ],
                ),
                name="template_suspended_with_a_reason",
            ),
            models.CheckConstraint(condition=Q(references__gte=3), name="template_of_three_frames_at_least"),
            models.CheckConstraint(condition=Q(mode__in=["identify", "verify"]), name="template_mode_known"),
            models.CheckConstraint(
                condition=Q(holder="central", card_id__isnull=True)
                | Q(holder="card", card_id__isnull=False, mode="verify"),
                name="template_of_a_card_is_compared_with_its_owner_only",
            ),
            models.CheckConstraint(condition=Q(issue__gte=1), name="template_issue_from_one"),
            models.CheckConstraint(
                condition=Q(own_decision__isnull=False) | Q(guardian_decision__isnull=False),
                name="template_rests_on_a_decision",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class KeyToDestroy(models.Model):
    """A key whose template (or signed form) is deleted already; gone as soon as the key is destroyed.

    Written in the transaction that deletes what it opened, so that no crash between two databases leaves a
    key behind. cause: why a face was erased; empty for a form. receipt: the entry face.erased, where it was
    written before the key could be destroyed.
    """

    key_id = models.UUIDField(primary_key=True)
    person_id = models.UUIDField(db_index=True)
    cause = models.CharField(max_length=32, blank=True)
    since = models.DateTimeField(default=now)
    receipt = models.PositiveBigIntegerField(null=True)


class LookalikePair(models.Model):
    """Two persons whom the engine cannot tell apart; gone with the first of their templates to be erased."""

    class Likeness(models.TextChoices):
        LOOKALIKE = "lookalike", _("Two people who look alike")
        DUPLICATE = "duplicate", _("Probably one person under two names")

    one = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="alike_one")
    other = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="alike_other")
    likeness = models.CharField(max_length=10, choices=Likeness.choices)
    found_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["one", "other"], name="alike_found_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="alike_in_order"),
            models.CheckConstraint(
                condition=Q(likeness__in=["lookalike", "duplicate"]), name="alike_likeness_known"
            ),
        ]


class OwnScores(models.Model):
    """How well a template's owner was recognised in one month, for finding a face that has outgrown it.

    Counts and a sum in hundredths, never a single look's score or hour; gone with the template.
    """

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="own_scores")
    month = models.DateField(help_text=_("Its first day"))
    uses = models.PositiveIntegerField()
    hundredths = models.IntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["template", "month"], name="own_scores_once_a_month"),
            models.CheckConstraint(condition=Q(uses__gte=1), name="own_scores_of_a_look_at_least"),
        ]


class PictureCheck(models.TextChoices):
    """Whether a school detects pictures that are held up to the camera."""

    OFF = "off", _("Pictures are not detected")
    SHADOW = "shadow", _("Counted only")
    ACTING = "acting", _("Pictures are not accepted")


class FacePolicy(models.Model):
    """What a school has decided and filed about faces, each with who recorded it and when."""

    class Kinds(models.TextChoices):
        CENTRAL = "central", _("Faces that the school alone can open")
        CARD = "card", _("Faces that open only with the pupil's card")
        BOTH = "both", _("Both")

    school = models.OneToOneField(
        School, on_delete=models.PROTECT, primary_key=True, related_name="face_rules"
    )
    # Empty: one to one, as every school starts.
    mode = models.CharField(max_length=8, choices=Template.Mode.choices, blank=True)
    mode_reason = models.CharField(max_length=500, blank=True)
    mode_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="face_modes_decided")
    mode_at = models.DateTimeField(null=True)
    # Which kinds of template are enrolled from now on. Empty: as the legal profile starts.
    kinds = models.CharField(max_length=8, choices=Kinds.choices, blank=True)
    kinds_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="face_kinds_decided")
    kinds_at = models.DateTimeField(null=True)
    filing_reference = models.CharField(max_length=100, blank=True)
    filed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="filings_recorded")
    filed_at = models.DateTimeField(null=True)
    # Whether pictures of people are detected. Empty: not, as every school starts.
    pictures = models.CharField(max_length=8, choices=PictureCheck.choices, blank=True)
    pictures_reason = models.CharField(max_length=500, blank=True)
    pictures_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="picture_checks_decided"
    )
    pictures_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(pictures="")
                | (
                    Q(
                        pictures__in=["off", "shadow", "acting"],
                        pictures_by__isnull=False,
                        pictures_at__isnull=False,
                    )
                    & ~Q(pictures_reason="")
                ),
                name="picture_check_decided_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(mode="")
                | (
                    Q(mode__in=["identify", "verify"], mode_by__isnull=False, mode_at__isnull=False)
                    & ~Q(mode_reason="")
                ),
                name="face_mode_decided_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(kinds="")
                | Q(kinds__in=["central", "card", "both"], kinds_by__isnull=False, kinds_at__isnull=False),
                name="face_kinds_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(filing_reference="") | Q(filed_by__isnull=False, filed_at__isnull=False),
                name="filing_recorded_by_somebody",
            ),
        ]


class GalleryState(models.Model):
    """A counter per school and purpose; every process that matches compares it before it answers."""

    school = models.ForeignKey(School, on_delete=models.CASCADE)
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    # Which secret the templates are rotated with; it lies in the other database.
    secret_id = models.UUIDField()
    generation = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "purpose"], name="one_gallery_a_school_and_purpose"),
        ]


class FaceSession(PreparedModel):
    """One use of the camera, for one basket. Keeps the outcome only; nothing of a person not matched."""

    class State(models.TextChoices):
        OPEN = "open", _("In progress")
        MATCHED = "matched", _("Recognised")
        AMBIGUOUS = "ambiguous", _("Not sure")
        UNKNOWN = "unknown", _("Not recognised")
        STOPPED = "stopped", _("Stopped")

    id = models.UUIDField(primary_key=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="face_sessions")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="face_sessions")
    # What the face is used for: a basket at a till, a passage at a gate.
    occasion_id = models.UUIDField(db_index=True)
    # The occasion's sessions in the order they were opened.
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    mode = models.CharField(max_length=8, choices=Template.Mode.choices, default=Template.Mode.IDENTIFY)
    # Whom the card or PIN named, while the camera is on; a session that did not confirm them forgets it.
    claimed = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="face_sessions")
    opened_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    first_frame_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    @property
    def is_by_day(self) -> bool:
        """Whether it says the day alone: at a gate, once it is closed (`gate_sessions.blur`)."""
        return self.purpose == Purpose.GATE

    class Meta:
        indexes: ClassVar = [
            # The pages of a day and the reports, without reading the years before.
            models.Index(fields=["school", "opened_at"], name="sessions_of_a_school"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="matched", person__isnull=False)
                | (~Q(state="matched") & Q(person__isnull=True)),
                name="session_names_only_the_matched",
            ),
            models.CheckConstraint(
                condition=Q(mode="verify", state="open", claimed__isnull=False)
                | (~Q(mode="verify", state="open") & Q(claimed__isnull=True)),
                name="session_claims_while_it_verifies",
            ),
            models.CheckConstraint(condition=Q(mode__in=["identify", "verify"]), name="session_mode_known"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="session_closed_has_a_time",
            ),
            models.UniqueConstraint(fields=["occasion_id", "number"], name="session_numbered_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="session_number_from_one"),
            models.UniqueConstraint(
                fields=["occasion_id"], condition=Q(state="open"), name="one_open_session_an_occasion"
            ),
            models.UniqueConstraint(
                fields=["terminal"], condition=Q(state="open"), name="one_open_session_a_terminal"
            ),
        ]
