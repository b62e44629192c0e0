"""Take a guardian's answer, from the signed link and from the signed-in page alike."""

from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from willing.biometrics.consent_changes import ConsentChange, record_consent
from willing.consent import errors
from willing.consent.decisions import NewDecision
from willing.consent.models import Answer, Notice
from willing.consent.publishing import notify_guardian
from willing.consent.queries import find_notice
from willing.pages.portal.presenters import Question
from willing.people.models import Guardian, Person


def is_read_by_a_person(request: HttpRequest) -> bool:
    """Say whether a page is shown to a person, not fetched ahead by a mail program or a browser."""
    ahead = f"{request.headers.get('Sec-Purpose', '')} {request.headers.get('Purpose', '')}"
    return request.method == "GET" and "prefetch" not in ahead and "preview" not in ahead


def record_notified(guardian: Guardian, asked: list[Question], *, channel: str) -> None:
    """Record that a guardian was given the notices on a page."""
    for question in asked:
        for choice in question.choices:
            notify_guardian(guardian, choice.person, question.notice, channel=channel)


def answer_of(request: HttpRequest) -> str | None:
    """Return the answer whose button was pressed, or None for anything else."""
    answer = request.POST.get("answer", "")
    return answer if answer in Answer.values else None


def record_answer(
    request: HttpRequest, guardian: Guardian, person: Person, answer: str, *, channel: str
) -> ConsentChange:
    """Record an answer to the very notice that was on the page. Raises what `biometrics.decide` raises."""
    notice = _notice(request)
    return record_consent(NewDecision(person, notice.purpose, answer, notice, channel, guardian=guardian))


def _notice(request: HttpRequest) -> Notice:
    wanted = find_uuid(request.POST.get("notice", ""))
    notice = find_notice(wanted) if wanted else None
    if notice is None or notice.reader != Notice.Reader.ADULT:
        raise errors.purpose_not_served()
    return notice


def find_uuid(text: str) -> UUID | None:
    """Return the id that a form or an address carried, or None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def message_after(person: Person, decided: ConsentChange) -> str:
    """Return what became of an answer, with the receipt of an erasure."""
    said = {Answer.YES: _("Your consent is recorded."), Answer.NO: _("Your no is recorded.")}
    text = said.get(Answer(decided.decision.answer), _("Consent withdrawn."))
    if decided.erasure:
        erased = _("%(name)s's face has been deleted. Proof: log entry %(number)s.")
        text = f"{text} {erased % {'name': person.given_name, 'number': decided.erasure.log_sequence}}"
    return text
