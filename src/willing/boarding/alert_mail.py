"""Mail to a house's wardens that boarders are missing: how many and where, and no name in it at all."""

from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from willing.accounts.models import Role, User
from willing.boarding.models import EveningList
from willing.boarding.queries import is_over, lines_of, wardens_of
from willing.core.ids import derive_id
from willing.mail.sending import Draft, deliver, find_mail_server
from willing.people.models import School

JOB = "boarding.alert"


def mail_wardens(list_id: UUID) -> None:
    """Write to the wardens of a list's house who have an address; where none has, to the office.

    Nothing is sent where everyone was found meanwhile, once the night is over, or where the school sends no
    mail. Sent twice it is known by its id. Raises TryLater where the server can't take it now.
    """
    found = EveningList.objects.select_related("house__school").filter(pk=list_id).first()
    if found is None:
        return
    school = found.house.school
    server = find_mail_server(school)
    missing = sum(one.is_missing for one in lines_of(found))
    if server is None or not school.public_address or not missing or is_over(school, found.night):
        return
    with translation.override(school.language), timezone.override(school.time_zone):
        subject = _("%(school)s: evening list") % {"school": school.name}
        link = school.public_address.rstrip("/") + reverse("console:evening-list", args=[found.id])
        context = {"house": found.house.name, "list": found, "missing": missing, "link": link}
        text = render_to_string("boarding/missing.txt", context)
    for user in _recipients(school, found):
        # An address that is refused for good is no reason to keep it from others.
        key = derive_id(found.id, str(found.alerted), str(user.pk))
        deliver(server, Draft(key, user.email, subject, text))


def _recipients(school: School, found: EveningList) -> list[User]:
    wardens = [one for one in wardens_of([found.house]).get(found.house_id, ()) if one.email]
    if wardens:
        return wardens
    office = User.objects.filter(roles__school=school, roles__kind=Role.Kind.OFFICE, is_active=True)
    return list(office.exclude(email="").distinct().order_by("id"))
