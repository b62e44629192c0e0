"""Who signs in: users, their roles, invitations and passkeys."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from willing.core.clock import now
from willing.core.ids import new_id
from willing.people.models import Guardian, Person, School

# A username has 150 characters at most; folding makes three of one at most.
USERNAME_KEY_LENGTH_MAX = 450


class User(AbstractUser):
    """Someone who signs in: staff, a guardian, or a pupil."""

    first_name = None  # type: ignore[assignment]  # a display name is enough, and less to keep
    last_name = None  # type: ignore[assignment]
    # Of `core.comparison.fold_username`: what finds a user who signs in, so that no two differ only in case.
    username_key = models.CharField(max_length=USERNAME_KEY_LENGTH_MAX, unique=True, editable=False)
    display_name = models.CharField(max_length=100, blank=True)
    guardian = models.OneToOneField(
        Guardian, on_delete=models.PROTECT, null=True, blank=True, related_name="user"
    )
    person = models.OneToOneField(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="user"
    )
    session_version = models.PositiveIntegerField(
        default=1, help_text=_("Raising it signs the user out everywhere")
    )
    # A colleague's sign-in was deleted; the row says who did what, by name for a year and by number after it.
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta(AbstractUser.Meta):
        abstract = False
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(guardian__isnull=True) | models.Q(person__isnull=True),
                name="user_is_guardian_or_person",
            ),
        ]

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Bind every session to `session_version` as well, so that one write closes all of them."""
        return salted_hmac(
            "willing.accounts.models.User.session",
            f"{self.password}:{self.session_version}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    def get_full_name(self) -> str:
        """Return the name that the header shows."""
        if self.guardian is not None:
            return self.guardian.name
        if self.person is not None:
            return self.person.given_name
        if self.deleted_at is not None and not self.display_name:
            return gettext("Former colleague %(number)s") % {"number": self.pk}
        return self.display_name or self.username

    def get_short_name(self) -> str:
        """Return the name that the header shows."""
        return self.get_full_name()


class Invitation(models.Model):
    """A one-time code with which a guardian or a member of staff makes their own sign-in.

    Only its digest is kept. guardian, user: whose it is, one of the two.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    guardian = models.ForeignKey(
        Guardian, on_delete=models.CASCADE, null=True, blank=True, related_name="invitations"
    )
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="invitations"
    )
    digest = models.CharField(max_length=64, unique=True)
    # Of the address that the code is e-mailed to; it opens nothing once the guardian has another one.
    mailed_to = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(default=now)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(used_at__isnull=True) | models.Q(revoked_at__isnull=True),
                name="invitation_used_or_revoked",
            ),
            models.UniqueConstraint(
                fields=["guardian"],
                condition=models.Q(used_at__isnull=True, revoked_at__isnull=True),
                name="one_open_invitation_a_guardian",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(used_at__isnull=True, revoked_at__isnull=True),
                name="one_open_invitation_a_user",
            ),
            models.CheckConstraint(
                condition=models.Q(guardian__isnull=True) ^ models.Q(user__isnull=True),
                name="invitation_is_somebodys",
            ),
        ]


class Passkey(models.Model):
    """What of a passkey the database itself holds to: its id exists once, and its counter only goes up."""

    authenticator = models.OneToOneField(
        "mfa.Authenticator", on_delete=models.CASCADE, primary_key=True, related_name="passkey"
    )
    credential_digest = models.CharField(max_length=64, unique=True)
    sign_count = models.PositiveBigIntegerField(
        default=0, help_text=_("How often its device says it was used; 0 where the device does not count")
    )
    clone_seen_at = models.DateTimeField(null=True, blank=True)


class FailedSignIns(models.Model):
    """Sign-ins that failed for nobody in particular: one entry of the log stands for many."""

    how = models.CharField(max_length=16, primary_key=True)
    since = models.DateTimeField(default=now)
    more = models.PositiveIntegerField(default=0, help_text=_("Failures since the last entry of the log"))


class Role(models.Model):
    """What a user may do at a school."""

    class Kind(models.TextChoices):
        CASHIER = "cashier", _("Cashier")
        OFFICE = "office", _("School office")
        CANTEEN = "canteen", _("Canteen manager")
        TEACHER = "teacher", _("Teacher")
        DPO = "dpo", _("Data protection officer")
        ADMINISTRATOR = "administrator", _("Administrator")
        GUARDIAN = "guardian", _("Guardian")
        PUPIL = "pupil", _("Pupil")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles")
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="roles")
    kind = models.CharField(max_length=16, choices=Kind.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "school", "kind"], name="role_given_once"),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[
                        "cashier",
                        "office",
                        "canteen",
                        "teacher",
                        "dpo",
                        "administrator",
                        "guardian",
                        "pupil",
                    ]
                ),
                name="role_kind_known",
            ),
        ]
