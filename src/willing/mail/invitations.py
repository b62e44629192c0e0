"""The writer of a guardian's invitation by e-mail: a link with which they make their first sign-in."""

from willing.accounts.addresses import address_digest
from willing.accounts.models import User
from willing.accounts.queries import has_sign_in
from willing.accounts.sign_ins import invite_guardian
from willing.core.transactions import atomic
from willing.jobs.actions import enqueue
from willing.mail import errors
from willing.mail.codes import keep_code
from willing.mail.models import Mail, MailServer, MailStop, Topic
from willing.mail.outbox import JOB
from willing.people.models import Guardian, Person, School


@atomic
def mail_invitation(guardian: Guardian, person: Person, *, by: User) -> None:
    """Send a guardian of a person a link to make their sign-in. An earlier open code is cancelled.

    Only to someone who has none yet: else whoever reads a mailbox could take a sign-in over. Raises Refused
    mail_not_set_up, mail_address_missing, mail_address_returned, mail_not_wanted, sign_in_there.
    """
    if not sends_mail(person.school):
        raise errors.mail_not_set_up()
    if not guardian.email:
        raise errors.mail_address_missing()
    if has_sign_in(guardian):
        raise errors.sign_in_there()
    if MailStop.objects.filter(guardian=guardian, topic=Topic.INVITE).exists():
        raise errors.mail_not_wanted()
    refused = Mail.objects.filter(state=Mail.State.REFUSED, address_digest=address_digest(guardian.email))
    if refused.exists():
        raise errors.mail_address_returned()
    code = invite_guardian(guardian, by=by, is_mailed=True)
    mail = Mail.objects.create(guardian=guardian, person=person, topic=Topic.INVITE)
    keep_code(mail, code)
    enqueue(JOB, [mail.id])


def sends_mail(school: School) -> bool:
    """Say whether a school can write to guardians: it has a mail server, and an address to lead them to."""
    return bool(school.public_address) and MailServer.objects.filter(school=school).exists()
