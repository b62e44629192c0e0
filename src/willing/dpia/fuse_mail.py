"""Mail to the data protection officer that a fuse warns; sent by the worker of the queue."""

from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from willing.accounts.models import Role
from willing.core.dates import write_day
from willing.core.ids import derive_id
from willing.dpia.fuse_labels import cause_of
from willing.dpia.fuse_models import Fuse
from willing.mail.sending import Draft, deliver, find_mail_server

JOB = "fuse_mail"


def mail_officers(fuse_id: UUID) -> None:
    """Write to every data protection officer with an address, in the school's language.

    Nothing is sent where the school sends no mail, or where the fuse is settled by now. Sent twice it is
    known by its id. Raises TryLater where the server can't take it now.
    """
    fuse = Fuse.objects.select_related("school", "year_group").filter(pk=fuse_id, closed_at=None).first()
    server = find_mail_server(fuse.school) if fuse else None
    if fuse is None or server is None or not fuse.school.public_address:
        return
    with translation.override(fuse.school.language):
        subject = _("%(school)s: faces may be switched off") % {"school": fuse.school.name}
        link = fuse.school.public_address.rstrip("/") + reverse("console:fuses")
        context = {"cause": cause_of(fuse), "blows_on": write_day(fuse.blows_on), "link": link}
        text = render_to_string("dpia/fuse_warned.txt", context)
    officers = Role.objects.filter(school=fuse.school, kind=Role.Kind.DPO, user__is_active=True)
    for role in officers.exclude(user__email="").select_related("user"):
        # An address that is refused for good is no reason to keep it from others; Health says it, too.
        deliver(server, Draft(derive_id(fuse.id, str(role.user_id)), role.user.email, subject, text))
