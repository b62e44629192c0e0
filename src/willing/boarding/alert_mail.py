"""Mail to a house's wardens: boarders are missing, or nobody opened the list. No name is in it at all."""

from collections.abc import Mapping
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from willing.accounts.models import Role, User
from willing.boarding.models import EveningList, House
from willing.boarding.queries import is_over, last_untaken_slot, lines_of, slots_of, tonight, wardens_of
from willing.core.ids import derive_id
from willing.mail.sending import Draft, deliver, find_mail_server

JOB = "boarding.alert"


def mail_wardens(list_id: UUID) -> None:
    """Write to the wardens of a list's house who have an address; where none has, to the office.

    Nothing is sent where everyone was found meanwhile, once the night is over, or where the school sends no
    mail. Sent twice it is known by its id. Raises TryLater where the server can't take it now.
    """
    found = EveningList.objects.select_related("house__school").filter(pk=list_id).first()
    if found is None:
        return
    missing = sum(one.is_missing for one in lines_of(found))
    if missing and not is_over(found.house.school, found.night):
        facts = {"list": found, "missing": missing}
        path = reverse("console:evening-list", args=[found.id])
        _write(found.house, "boarding/missing.txt", facts, path, about=(found.id, str(found.alerted)))


def mail_of_untaken(house_id: UUID) -> None:
    """Write to the same people that nobody has opened the list of a house.

    Nothing is sent where it was opened meanwhile, or once the night is over. Raises TryLater as above.
    """
    house = House.objects.select_related("school").filter(pk=house_id, retired_at=None).first()
    if house is None:
        return
    slot = last_untaken_slot(slots_of(house.school, tonight(house.school), [house]))
    if slot is not None:
        about = (house.id, slot.due_at.isoformat())
        _write(house, "boarding/untaken.txt", {"list": slot}, reverse("console:boarding"), about=about)


def _write(
    house: House, template: str, facts: Mapping[str, object], path: str, *, about: tuple[UUID, str]
) -> None:
    """Write to each recipient, where the school sends mail. about: what the mail is known by."""
    school = house.school
    server = find_mail_server(school)
    if server is None or not school.public_address:
        return
    with translation.override(school.language), timezone.override(school.time_zone):
        subject = _("%(school)s: evening list") % {"school": school.name}
        link = school.public_address.rstrip("/") + path
        text = render_to_string(template, {**facts, "house": house.name, "link": link})
    for user in _recipients(house):
        # An address that is refused for good is no reason to keep it from others.
        deliver(server, Draft(derive_id(*about, str(user.pk)), user.email, subject, text))


def _recipients(house: House) -> list[User]:
    school = house.school
    wardens = [one for one in wardens_of([house]).get(house.id, ()) if one.email]
    if wardens:
        return wardens
    office = User.objects.filter(roles__school=school, roles__kind=Role.Kind.OFFICE, is_active=True)
    return list(office.exclude(email="").distinct().order_by("id"))
