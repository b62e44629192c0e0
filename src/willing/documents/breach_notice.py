"""Drafts of what a school writes about a breach: to the authority (GDPR 33(3)) and to families (34(2))."""

from zoneinfo import ZoneInfo

from django.utils.translation import get_language, gettext

from willing.consent.profiles import require_profile
from willing.consent.wording import authority_name
from willing.core.dates import write_day
from willing.documents.parts import Document, DocumentTable, Section, fix, moment_text
from willing.dpia.breach_labels import time_left
from willing.dpia.breach_models import BreachAccount, BreachStep
from willing.dpia.breach_queries import BreachState, authority_of
from willing.dpia.breach_rules import AUTHORITY
from willing.people.models import School

OPEN = "…"


def notified_name(school: School) -> str:
    """Return whom the school notifies: as entered, or what the legal profile says."""
    entered = authority_of(school)
    if entered is not None:
        return f"{entered.name} · {entered.contact}" if entered.contact else entered.name
    return authority_name(require_profile(school.legal_profile), get_language() or "en")


def authority_draft(state: BreachState) -> Document:
    """Return the draft of the notification to the authority."""
    breach, account = state.breach, state.account
    school = breach.school
    rows = [
        (gettext("Controller"), school.name),
        (gettext("Became known"), moment_text(breach.known_at, school)),
        (gettext("What happened"), account.what),
        (gettext("Whom it concerns"), account.whom),
        (gettext("How many people, about"), _count(account.people)),
        (gettext("Which data"), account.data),
        (gettext("How many records, about"), _count(account.records)),
        (gettext("Data protection officer"), account.by.get_full_name()),
        (gettext("Likely consequences"), account.consequences or OPEN),
        (gettext("Measures taken or proposed"), account.measures or OPEN),
        *_late(state),
    ]
    return Document(
        gettext("Notification of a personal data breach"),
        gettext("To %(authority)s") % {"authority": notified_name(school)},
        (
            Section(
                gettext("Breach %(number)s") % {"number": breach.number},
                _missing(account),
                table=DocumentTable((gettext("Item"), gettext("Details")), fix(rows)),
            ),
        ),
    )


def family_draft(state: BreachState) -> Document:
    """Return the draft of what the people concerned are written, in plain words."""
    account, school = state.account, state.breach.school
    day = write_day(state.breach.known_at.astimezone(ZoneInfo(school.time_zone)).date())
    return Document(
        gettext("About a breach of your data"),
        school.name,
        (
            Section(
                gettext("What happened"),
                (account.what, gettext("We know of it since %(day)s.") % {"day": day}),
            ),
            Section(gettext("Which data"), (account.data,)),
            Section(gettext("What it can mean for you"), (account.consequences or OPEN,)),
            Section(gettext("What we do, and what you can do"), (account.measures or OPEN,)),
            Section(
                gettext("Whom to ask"),
                (
                    gettext("%(name)s, data protection officer of %(school)s.")
                    % {"name": account.by.get_full_name(), "school": school.name},
                ),
            ),
        ),
    )


def breach_record(state: BreachState) -> Document:
    """Return the register's sheet of one breach (article 33(5)): facts, effects, remedies, decisions."""
    draft, school = authority_draft(state), state.breach.school
    rows = [
        (
            moment_text(one.sent_at or one.at, school),
            str(BreachStep.Recipient(one.recipient).label),
            str(BreachStep.Step(one.step).label),
            " · ".join(text for text in (one.reason, one.reference, one.why_late) if text),
            one.by.get_full_name(),
        )
        for one in state.steps
    ]
    headings = (gettext("When"), gettext("Recipient"), gettext("What"), gettext("Details"), gettext("By"))
    decided = Section(gettext("Decisions and notifications"), table=DocumentTable(headings, fix(rows)))
    return Document(gettext("Personal data breach"), school.name, (*draft.sections, decided))


def _count(number: int | None) -> str:
    return OPEN if number is None else str(number)


def _missing(account: BreachAccount) -> tuple[str, ...]:
    texts = (account.consequences, account.measures)
    if all(texts) and account.people is not None and account.records is not None:
        return ()
    return (gettext("What is not known yet (…) may follow later, without undue further delay."),)


def _late(state: BreachState) -> list[tuple[str, str]]:
    given = [one.why_late for one in state.steps if one.recipient == AUTHORITY and one.why_late]
    if given:
        return [(gettext("Reason for the delay"), given[-1])]
    if state.clock.is_overdue and state.is_open[AUTHORITY]:
        return [(gettext("Reason for the delay"), f"{OPEN} ({time_left(state)})")]
    return []
