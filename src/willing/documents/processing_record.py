"""The record of processing (GDPR article 30)."""

from django.utils.translation import get_language, gettext

from willing.attendance.queries import find_settings
from willing.biometrics.models import Template
from willing.biometrics.queries import kinds_of
from willing.consent.profiles import require_profile
from willing.consent.retention import how_long, kinds
from willing.documents.dpia_kinds import OPENS
from willing.documents.parts import NEITHER_OUTSIDE, Document, DocumentTable, Section, fix
from willing.mail.sending import find_mail_server
from willing.payments.queries import find_bank_details
from willing.people.models import School


def _mail(school: School) -> list[str]:
    """Say who takes the school's mail, where it sends any."""
    server = find_mail_server(school)
    if server is None:
        return []
    text = gettext(
        "E-mail goes through %(host)s, which sees a guardian's address, a child's first name, what the "
        "e-mail is about and a link; and where a guardian has asked for that, what a child bought, or that "
        "it came in or went out."
    )
    return [text % {"host": server.host}]


def _bank(school: School) -> list[str]:
    """Say what the school's bank gets, where the school has set its account."""
    if find_bank_details(school) is None:
        return []
    return [
        gettext(
            "The office takes files of pay-outs to the school's bank: the account holder's name, "
            "the account, the sum and a number. Statements are fetched from the bank by hand; nothing here "
            "calls it."
        )
    ]


def _registers(school: School) -> list[str]:
    """Say on which legal basis attendance is kept, where the school takes registers."""
    if find_settings(school) is None:
        return []
    return [
        gettext(
            "Attendance is the school's duty and public task: no consent is asked for it, and a refusal of "
            "faces changes nothing in it. A person makes each mark. No camera, face, gate or sale takes part."
        ),
        gettext(
            "Where the law asks for it, the office hands the school's authority the registers of a day, and "
            "who is new or has left. Nothing here calls it."
        ),
    ]


def _who_opens(school: School) -> list[str]:
    """Say which kinds of template are enrolled, and which look-alikes are found among those of cards."""
    kinds = sorted(kinds_of(school))
    said = [str(OPENS[kind]) for kind in kinds]
    if Template.Holder.CARD in kinds:
        said.append(
            gettext(
                "At enrolment a face that only a card opens is compared once with those of brothers and "
                "sisters of the same age, while both cards are there. Look-alikes of different families are "
                "not found among such faces."
            )
        )
    return said


def processing_record(school: School) -> Document:
    """Return the record of processing activities (GDPR article 30) from the live table of what is kept."""
    language, profile = get_language() or "en", require_profile(school.legal_profile)
    sections = [
        Section(
            gettext("Controller"),
            (
                gettext("%(school)s is responsible for all processing described here.")
                % {"school": school.name},
                gettext("People concerned: pupils, staff, guardians, visitors, and everyone who signs in."),
                str(NEITHER_OUTSIDE),
                *_mail(school),
                *_bank(school),
                *_registers(school),
                gettext(
                    "Protected by: one key for each template in a separate database, encrypted "
                    "backups, roles, a log that nobody can change unnoticed, and no outside "
                    "service."
                ),
                *_who_opens(school),
                gettext(
                    "A new secret renews templates that are still encrypted. If templates and "
                    "their keys were ever copied together, later templates can be linked to them; "
                    "deletion is then the only remedy."
                ),
            ),
        )
    ]
    for kind in kinds():
        said = kind.in_language(language)
        rows = [
            (gettext("What it holds"), said.holds),
            (gettext("Legal basis"), said.legal_basis),
            (gettext("Longest retention"), how_long(kind, profile, language)),
            (gettext("When it is deleted"), said.deleted_when),
        ]
        sections.append(
            Section(said.name, table=DocumentTable((gettext("Item"), gettext("Details")), fix(rows)))
        )
    return Document(gettext("Record of processing activities"), school.name, tuple(sections))
