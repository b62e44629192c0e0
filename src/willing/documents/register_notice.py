"""The notice to families about registers: what is kept, who reads it, how long, which rights there are."""

from django.utils.translation import get_language, gettext

from willing.attendance.message_rules import CAP_PERCENT, HOLD_SECONDS
from willing.consent.profiles import require_profile
from willing.consent.retention import how_long, require_kind
from willing.consent.wording import authority_name
from willing.documents.parts import Document, DocumentTable, Section
from willing.people.models import School

# What registers keep about a pupil, as the table of what is kept has it.
KINDS = (
    "register_marks",
    "register_notes",
    "absence_messages",
    "planned_absences",
    "leave_words",
    "register_groups",
    "roll_returns",
)


def register_notice(school: School) -> Document:
    """Return what the school keeps in its registers, for families (GDPR 13 and 14; PIPL 17)."""
    sections = (_why(), _kept(school), _messages(), _device(), _readers(), _rights(school))
    return Document(gettext("What the school keeps in its registers"), school.name, sections)


def _why() -> Section:
    return Section(
        gettext("Why, and who makes a mark"),
        (
            gettext(
                "Keeping registers is the school's legal duty and public task, so nobody is asked for "
                "consent. A person makes each mark, and their name is kept with it."
            ),
            gettext(
                "No camera, no face, no gate and no till makes a mark. Whatever you answer about faces, "
                "your child's attendance is marked in the same way."
            ),
        ),
    )


def _kept(school: School) -> Section:
    language, profile = get_language() or "en", require_profile(school.legal_profile)
    rows = []
    for key in KINDS:
        kind = require_kind(key)
        words = kind.in_language(language)
        rows.append((words.name, words.holds, how_long(kind, profile, language), words.deleted_when))
    headings = (
        gettext("Kind of data"),
        gettext("What it holds"),
        gettext("For how long"),
        gettext("When it is deleted"),
    )
    return Section(gettext("What is kept, and for how long"), table=DocumentTable(headings, tuple(rows)))


def _messages() -> Section:
    return Section(
        gettext("Messages when a pupil is missing"),
        (
            gettext(
                "A family is asked where a pupil is only if no person has marked them present and neither "
                "leave, illness, a trip nor a code set by the office explains it. That a pupil came in "
                "through a gate that day can stop a message; which gate and when is not known to it. What "
                "a pupil ate or paid plays no part."
            ),
            gettext(
                "Each message waits %(minutes)s minutes, in which the school can undo it. Above %(percent)s "
                "percent of all pupils a member of staff has to confirm the number. Contacts are asked one "
                "after the other, in the order that the school holds. A message costs families nothing."
            )
            % {"minutes": HOLD_SECONDS // 60, "percent": CAP_PERCENT},
            gettext(
                "Leave that a pupil or a guardian asks for is confirmed by a guardian and by staff, never "
                "from the pupil's own device. An agreed absence takes the pupil off the kitchen's count."
            ),
        ),
    )


def _device() -> Section:
    return Section(
        gettext("What a teacher's device keeps"),
        (
            gettext(
                "A teacher may take registers on a phone while the school's server is away. It then keeps "
                "the names and today's marks of that teacher's classes, and marks that are not sent yet: no "
                "photographs, no dates of birth, no telephone numbers, no code of a card."
            ),
            gettext(
                "The names are erased when the teacher signs out, when the day is over, and when the sign-in "
                "has expired or was revoked. A lost device is reported to the office, which signs it out."
            ),
        ),
    )


def _readers() -> Section:
    return Section(
        gettext("Who reads it"),
        (
            gettext(
                "Teachers and the office read the marks. The office reads notes, messages and reasons of "
                "leave. A guard at a gate reads whether a pupil may leave today, not what for; the kitchen "
                "reads how many are away, and no names."
            ),
            gettext(
                "Guardians and the pupil read the same marks on their pages; what one of them wrote is read "
                "by the school and by nobody else in the family. Where the law asks for it, the office gives "
                "the school's authority the registers. Opening a pupil's page is logged."
            ),
            gettext("Nobody is scored, nothing is foretold, and nothing is sold or used for advertising."),
        ),
    )


def _rights(school: School) -> Section:
    profile, language = require_profile(school.legal_profile), get_language() or "en"
    return Section(
        gettext("Your rights"),
        (
            gettext(
                "You can read every mark, take everything along as a file, and ask for a correction: on your "
                "page, or at the office without one. A person answers, with a correction or why not. The "
                "earlier mark stays beside it, because the law asks for that."
            ),
            gettext(
                "As the registers are a legal duty, marks are not deleted on request before their time. You "
                "can object to other uses, and complain to %(authority)s."
            )
            % {"authority": authority_name(profile, language)},
            gettext("Responsible: %(school)s. Questions: the school office.") % {"school": school.name},
        ),
    )
