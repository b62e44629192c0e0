"""What is written when somebody uses a right."""

from datetime import date
from typing import Any

from willing.assessment import errors as assessment_errors
from willing.assessment.actions import freeze, sign_assessment
from willing.assessment.models import SignedAssessment
from willing.audit.actions import record, sign_log
from willing.audit.errors import NothingLogged, SigningKeyUnreadable, TreeDamaged
from willing.audit.journal import write_pending
from willing.audit.models import Entry
from willing.audit.queries import find_inclusion_receipt
from willing.biometrics import actions as biometrics
from willing.biometrics.erasure import Erasure
from willing.consent.actions import Decided
from willing.consent.models import SERVED_PURPOSES, Answer, Channel
from willing.consent.queries import latest_decision, own_reader, require_notice
from willing.core.transactions import atomic
from willing.people.models import Person, School, User
from willing.people.queries import require_school
from willing.rights.assessing import live_assessment
from willing.rights.everything import Reader, everything_about
from willing.rights.sweeping import Swept, sweep_everything


@atomic
def take_everything(person: Person, reader: Reader, *, user: User | None, how: str) -> dict[str, Any]:
    """Return all that is held about a person, and write into the log who took it (promise 7).

    how: file or page. user: who is signed in.
    """
    facts = {
        "guardian": str(reader.guardian.id) if reader.guardian else None,
        "by": user.pk if user else None,
        "how": how,
    }
    record("record.downloaded", subject=person.id, facts=facts, personal={})
    return everything_about(person, reader)


@atomic
def end_own_face(person: Person) -> Erasure | None:
    """Record the person's own no for every purpose, at any age, and erase their face.

    Return the receipt, or None where no face was stored. Pressed again it changes nothing.
    """
    erasure = None
    for purpose in SERVED_PURPOSES:
        notice = require_notice(purpose, own_reader(person), "en")
        last = latest_decision(person, purpose, None)
        if last is None or last.answer != Answer.NO:
            word = Decided(person, purpose, Answer.NO, last.notice if last else notice, Channel.PORTAL)
            erasure = biometrics.decide(word).erasure or erasure
    return erasure


def seal_receipt(entry: Entry) -> dict[str, Any] | None:
    """Return the file of proof of an entry of the log, signing the log now where no signature covers it yet.

    So whoever ends something holds the proof at once, not tomorrow. None where the log can't be signed:
    then the nightly check has something to say about it.
    """
    found = find_inclusion_receipt(entry)
    if found is not None:
        return found
    try:
        sign_log()
    except (NothingLogged, TreeDamaged, SigningKeyUnreadable):
        return None
    return find_inclusion_receipt(entry)


def sweep() -> Swept:
    """End everything whose time is over or whose ground is gone: nightly, and after a restored backup."""
    write_pending()
    return sweep_everything(require_school())


@atomic
def sign_dpia(school: School, *, read_sha256: str, review_on: date, by: User) -> SignedAssessment:
    """Sign the assessment as it stands today, if it is what the signer read.

    read_sha256: of the content that was on the page (`assessment.actions.freeze`).
    Raises Refused assessment_changed, not_the_dpo, review_date_not_valid.
    """
    content = live_assessment(school)
    if freeze(content)[1] != read_sha256:
        raise assessment_errors.assessment_changed()
    return sign_assessment(school, content, review_on=review_on, by=by)
