"""The mail that goes to a family when money is paid in for a child, or out."""

from willing.ledger.models import Account, Transfer
from willing.mail.models import Topic
from willing.mail.outbox import write_to
from willing.people.models import Person
from willing.people.queries import listed_guardians

TOPICS = {Transfer.Reason.TOPUP: Topic.PAY_IN, Transfer.Reason.PAY_OUT: Topic.PAY_OUT}


def write_about(transfer: Transfer, *, accounts: tuple[Account, Account]) -> None:
    """Put a mail to each guardian who wants one into the outbox, in the transfer's own transaction."""
    topic = TOPICS.get(Transfer.Reason(transfer.reason))
    person_id = next((one.person_id for one in accounts if one.person_id), None)
    if topic is None or person_id is None or transfer.kind != Transfer.Kind.POSTED:
        return
    person = Person.objects.select_related("school").get(pk=person_id)
    write_to(listed_guardians(person_id), topic, person)
