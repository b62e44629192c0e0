"""Documents for people: the assessment, the record of processing, an erasure's receipt, a camera's sign.

Each is made of headings, paragraphs and tables in the reader's language, and shown as a page or as a PDF
(`rights.pdf`) from the same parts. The assessment is made from its content alone, live or frozen.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from willing.assessment.models import Risk, SignedAssessment
from willing.audit.models import Entry
from willing.audit.queries import find_inclusion_receipt
from willing.biometrics.erasure import has_keys_to_destroy, is_wiped
from willing.biometrics.rules import LOOK_SECONDS
from willing.consent.models import Purpose
from willing.consent.profiles import require_profile
from willing.consent.retention import how_long, kinds
from willing.people.models import Role, School
from willing.rights.assessing import count_figures, retention_content
from willing.till.models import PlaceKind, Terminal, Way

VERIFY_COMMAND = "python -m willing.audit.verify receipt FILE --key KEY"


@dataclass(frozen=True)
class Table:
    """Rows of text under headings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A heading with paragraphs, a warning and a table. is_figures: it changes by itself from day to day."""

    title: str
    paragraphs: tuple[str, ...] = ()
    warning: str = ""
    table: Table | None = None
    is_figures: bool = False

    @property
    def rows(self) -> list[list[tuple[str, str]]]:
        """The table's rows, each cell with its heading: on a phone a row reads as a card."""
        table = self.table or Table((), ())
        return [list(zip(table.headings, row, strict=True)) for row in table.rows]


@dataclass(frozen=True)
class Document:
    """A title, a line below it, and sections."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]


# --- The assessment

RULE_WORDS: Mapping[str, Any] = {
    "guardians_decide_below_age": _("Guardians decide below the age of"),
    "guardians_yes_at_least": _("Guardians who must say yes"),
    "any_guardian_no_wins": _("Any guardian's no ends it"),
    "own_yes_from_age": _("The pupil's own yes is needed from the age of"),
    "guardians_told_below_age": _("Every guardian is told first, below the age of"),
    "keep_days_max": _("A template ends after the enrolment, in days"),
    "unused_days_max": _("A template ends without use, in days"),
    "engine_may_load": _("The law here allows faces at all"),
}
ROLE_SEES: Mapping[str, Any] = {
    Role.Kind.CASHIER: _("The name and year of whoever pays, at the till; the sales of a day without names"),
    Role.Kind.OFFICE: _("People, decisions, cards, payments; enrols at the desk. Each look is in the log"),
    Role.Kind.CANTEEN: _("The day's sales without names; gives payments back"),
    Role.Kind.DPO: _("This assessment, the log, how long data is kept; signs, locks and unlocks"),
    Role.Kind.OPERATOR: _("Terminals, the log, the computer itself. Cannot change the log unnoticed"),
}
NEITHER_OUTSIDE = _("Nobody outside the school. No picture, template or key ever leaves its computer.")


def assessment_document(content: Mapping[str, Any], signed: SignedAssessment | None = None) -> Document:
    """Return the assessment that `content` holds (rights.assessing.live_assessment, or signed and frozen).

    signed: whose signature the document ends with, on paper; a page shows it beside.
    """
    return Document(
        title=gettext("Data protection impact assessment"),
        subtitle=f"{content['school']} · {content['software']}",
        sections=(
            _what_for(content),
            _law(content["profile"], content["mode"]),
            _necessity(content["figures"]),
            _keeping(content["retention"]),
            _access(content["access"]),
            _errors(content["measured"], content["figures"]),
            _use(content["figures"]),
            _risks(content["risks"]),
            _incidents(content["incidents"]),
            _families(content["families"]),
            _terminals(content["terminals"]),
            *((_signature(signed),) if signed else ()),
        ),
    )


def _signature(signed: SignedAssessment) -> Section:
    rows = [
        (gettext("Version"), str(signed.version)),
        (gettext("Signed by"), signed.signed_by.get_full_name()),
        (gettext("Signed at"), _moment(signed.signed_at, signed.school)),
        (gettext("Next review"), signed.review_on.isoformat()),
        (gettext("SHA-256 of the content"), signed.sha256),
    ]
    return Section(gettext("Signature"), table=Table((gettext("Question"), gettext("Answer")), _fix(rows)))


def _what_for(content: Mapping[str, Any]) -> Section:
    figures = content["figures"]
    rows = [
        (
            _label(Purpose, one["purpose"]),
            str(one["terminals_with_camera"]),
            str(figures["enrolled"].get(one["purpose"], 0)),
        )
        for one in content["purposes"]
    ]
    headings = (gettext("Purpose"), gettext("Tills with a camera"), gettext("People enrolled"))
    people = gettext("%(count)s people eat at the school.") % {"count": figures["people"]}
    return Section(
        gettext("What faces are used for"),
        (
            gettext(
                "Pupils and staff may say who they are at a till with their face, if they want to and "
                "everybody who has a say agrees. Each purpose is decided apart. A camera runs only "
                "after a press, and for %(seconds)s seconds at the most; pictures are never stored."
            )
            % {"seconds": LOOK_SECONDS},
            people,
        ),
        table=Table(headings, _fix(rows)),
        is_figures=True,
    )


MODE_WORDS: Mapping[str, Any] = {
    "identify": _("A face alone says who it is: it is searched for among all who are enrolled (1:N)."),
    "verify": _("A face only confirms a card, a code or a PIN: it is compared with that one person (1:1)."),
}

# A profile's source names laws in their own language; only the default's describes itself.
PROFILE_WORDS: Mapping[str, Any] = {
    "strict": _("Strict"),
    "england_wales": _("England and Wales"),
    "scotland_ni": _("Scotland and Northern Ireland"),
    "eu": _("European Union"),
    "china": _("China"),
    "illinois": _("Illinois"),
    "new_york": _("New York"),
}
SOURCE_WORDS: Mapping[str, Any] = {
    "strict": _("The union of all profiles, but for New York's ban; the default."),
}


def _law(profile: Mapping[str, Any], mode: str) -> Section:
    # In our order: what was signed comes back in that of the canonical form.
    place = {rule: number for number, rule in enumerate(RULE_WORDS)}
    rules = sorted(profile["rules"].items(), key=lambda rule: place.get(rule[0], len(place)))
    rows = [(str(RULE_WORDS.get(rule, rule)), _value(value)) for rule, value in rules]
    return Section(
        gettext("The law that is followed"),
        (
            gettext("Legal profile: %(name)s. Source: %(source)s")
            % {
                "name": PROFILE_WORDS.get(profile["name"], profile["name"]),
                "source": SOURCE_WORDS.get(profile["name"], profile["source"]),
            },
            str(MODE_WORDS.get(mode, mode)),
        ),
        table=Table((gettext("Rule"), gettext("Value")), _fix(rows)),
    )


def _necessity(figures: Mapping[str, Any]) -> Section:
    slower = [_label(Way, way) for way in figures["slower_ways"]]
    few = gettext("too few")
    rows = [
        (
            _label(Way, one["way"]),
            str(one["payments"]),
            _seconds(one["median_s"], few),
            _seconds(one["p90_s"], few),
        )
        for one in figures["waits"]
    ]
    warning = gettext("These ways take notably longer than the fastest: %(ways)s. Find out why.") % {
        "ways": ", ".join(slower)
    }
    return Section(
        gettext("Is it needed?"),
        (
            gettext(
                "Nobody needs a face to eat. Card, code and PIN do the same at the same till and cost "
                "nothing, so a face is never necessary for the meal itself. It may only be used because"
                " somebody wants it, and only as long as the other ways are as quick."
            ),
            gettext(
                "The wait runs from the first thing in the basket to the payment, the same for every "
                "way, from %(first)s until before %(after)s."
            )
            % figures,
        ),
        warning=warning if slower else "",
        table=Table(
            (gettext("Way"), gettext("Payments"), gettext("Half were faster than"), gettext("Nine in ten")),
            _fix(rows),
        ),
        is_figures=True,
    )


def _keeping(retention: Sequence[Mapping[str, Any]]) -> Section:
    rows = [
        (said["name"], said["holds"], said["ground"], said["how_long"], said["ends"])
        for said in (_in_language(one) for one in retention)
    ]
    headings = (
        gettext("Data"),
        gettext("What it holds"),
        gettext("Ground"),
        gettext("Kept at the longest"),
        gettext("What ends it"),
    )
    return Section(gettext("What is kept, and for how long"), table=Table(headings, _fix(rows)))


def _access(access: Sequence[Mapping[str, Any]]) -> Section:
    rows = [
        (_label(Role.Kind, one["role"]), str(one["users"]), str(ROLE_SEES.get(one["role"], "")))
        for one in access
    ]
    return Section(
        gettext("Who can see it"),
        (str(NEITHER_OUTSIDE),),
        table=Table((gettext("Role"), gettext("People"), gettext("Sees")), _fix(rows)),
    )


def _errors(measured: Mapping[str, Any], figures: Mapping[str, Any]) -> Section:
    few = gettext("too few")
    missed = figures["not_recognised_permille"]
    at_most = figures["wrong_at_most"]
    rows = [
        (gettext("Times the camera looked here"), str(figures["sessions"])),
        (gettext("Not recognised here"), few if missed is None else f"{missed / 10:.1f} %"),
        (gettext("“Not me” pressed after a face here"), str(figures["denied"])),
        (
            gettext("Wrong recognitions that were confirmed here"),
            str(figures["confirmed_wrong"]),
        ),
        (gettext("Recognised here"), str(figures["recognised"])),
        (
            gettext("Wrong recognitions here, with 95 % certainty under"),
            few if at_most is None else at_most,
        ),
    ]
    return Section(
        gettext("How often it is wrong"),
        (
            gettext(
                "Measured by the makers on %(photographs)s photographs of %(people)s adults: in "
                "%(sessions)s looks of enrolled people %(not_recognised)s were not recognised; "
                "%(wrong)s were taken for somebody else (with 95 %% certainty under %(wrong_at_most)s)."
            )
            % measured,
            gettext(
                "Children, twins and siblings were not measured; for children more errors must be "
                "expected. A picture held up to the camera is not detected: a cashier stands beside the"
                " till."
            ),
        ),
        table=Table((gettext("Counted at this school"), gettext("Figure")), _fix(rows)),
        is_figures=True,
    )


def _use(figures: Mapping[str, Any]) -> Section:
    rows = [
        (
            one["class"] or gettext("no class"),
            _label(Way, one["way"]),
            gettext("fewer than 5") if one["payments"] is None else str(one["payments"]),
        )
        for one in figures["use"]
    ]
    only = figures["classes_with_faces_only"]
    warning = gettext(
        "In these classes everybody pays with a face: %(classes)s. Ask whether the other ways are "
        "really open."
    ) % {"classes": ", ".join(only)}
    return Section(
        gettext("Use by way and class"),
        warning=warning if only else "",
        table=Table((gettext("Class"), gettext("Way"), gettext("Payments")), _fix(rows)),
        is_figures=True,
    )


def _risks(risks: Sequence[Mapping[str, Any]]) -> Section:
    rows = [
        (
            one["what"],
            _label(Risk.Level, one["likelihood"]),
            _label(Risk.Level, one["harm"]),
            one["mitigation"],
        )
        for one in risks
    ]
    headings = (gettext("Risk"), gettext("How likely"), gettext("How harmful"), gettext("What is done"))
    return Section(gettext("Open risks"), table=Table(headings, _fix(rows)))


def _incidents(incidents: Sequence[Mapping[str, Any]]) -> Section:
    rows = [(one["happened_on"], one["what"], one["done"]) for one in incidents]
    headings = (gettext("Day"), gettext("What happened"), gettext("What was done"))
    return Section(gettext("Incidents"), table=Table(headings, _fix(rows)))


def _families(families: Sequence[Mapping[str, Any]]) -> Section:
    rows = [(one["asked_on"], one["how"], str(one["reached"]), one["said"]) for one in families]
    headings = (gettext("Day"), gettext("How"), gettext("Families reached"), gettext("What they said"))
    return Section(gettext("Families were asked"), table=Table(headings, _fix(rows)))


def _terminals(terminals: Sequence[Mapping[str, Any]]) -> Section:
    rows = [
        (
            one["name"],
            _label(Purpose, one["purpose"]),
            _label(PlaceKind, one["place"]),
            ", ".join(_label(Way, way) for way in one["ways"]),
        )
        for one in terminals
    ]
    headings = (gettext("Terminal"), gettext("Purpose"), gettext("Where it stands"), gettext("Ways"))
    return Section(gettext("Terminals"), table=Table(headings, _fix(rows)))


@dataclass(frozen=True)
class Difference:
    """What one section says now and what it said when it was signed, row by row."""

    title: str
    gone: tuple[str, ...]
    new: tuple[str, ...]


def differences(signed: Document, live: Document) -> list[Difference]:
    """Return what changed since the signature, figures left aside: those change by themselves."""
    found = []
    signed_sections = {section.title: section for section in signed.sections}
    for after in live.sections:
        before = signed_sections.get(after.title, Section(after.title))
        was, is_now = _lines(before), _lines(after)
        gone = tuple(line for line in was if line not in is_now)
        new = tuple(line for line in is_now if line not in was)
        if not after.is_figures and (gone or new):
            found.append(Difference(after.title, gone, new))
    return found


def _lines(section: Section) -> list[str]:
    rows = section.table.rows if section.table else ()
    return [*section.paragraphs, *(" · ".join(cell for cell in row if cell) for row in rows)]


# --- Parts of the assessment by themselves


def keeping_document(school: School) -> Document:
    """Return what is kept and for how long, from the live table."""
    retention = _keeping(retention_content(require_profile(school.legal_profile)))
    return Document(gettext("What is kept, and for how long"), school.name, (retention,))


def use_document(school: School) -> Document:
    """Return the waits of all ways side by side, and the use by way and class."""
    counted = count_figures(school)
    waits, use = _necessity(counted), _use(counted)
    return Document(
        gettext("All ways compared"),
        gettext("From %(first)s until before %(after)s") % counted,
        (replace(waits, title=gettext("Waits by way"), paragraphs=waits.paragraphs[1:]), use),
    )


# --- The record of processing


def record_document(school: School) -> Document:
    """Return the record of processing activities (GDPR article 30) from the live table of what is kept."""
    language, profile = get_language() or "en", require_profile(school.legal_profile)
    sections = [
        Section(
            gettext("Whose record this is"),
            (
                gettext("%(school)s is responsible for all processing described here.")
                % {"school": school.name},
                gettext("People concerned: pupils, staff, their guardians, and those who sign in."),
                str(NEITHER_OUTSIDE),
                gettext(
                    "Protected by: one key for each template in a database apart, encrypted copies, "
                    "roles, a log that nobody changes unnoticed, and no service from outside."
                ),
                gettext(
                    "A new secret renews templates that are still sealed. If templates and their keys "
                    "were ever copied together, later templates can be linked with them; erasing is the "
                    "only remedy then."
                ),
            ),
        )
    ]
    for kind in kinds():
        said = kind.said_in(language)
        rows = [
            (gettext("What it holds"), said.holds),
            (gettext("Ground"), said.ground),
            (gettext("Kept at the longest"), how_long(kind, profile, language)),
            (gettext("What ends it"), said.ends),
        ]
        sections.append(Section(said.name, table=Table((gettext("Question"), gettext("Answer")), _fix(rows))))
    return Document(gettext("Record of processing activities"), school.name, tuple(sections))


# --- An erasure's receipt


def _not_yet_destroyed(facts: dict[str, Any], entry: Entry) -> list[tuple[str, str]]:
    """Return what was decided in an erasure and could not be done at that moment, as it is now."""
    rows = []
    if facts.get("keys_pending") and entry.subject:
        waits = has_keys_to_destroy(entry.subject)
        rows.append(
            (
                gettext("Keys out of reach at that time"),
                gettext("not destroyed yet; it is tried again and again")
                if waits
                else gettext("destroyed since"),
            )
        )
    if facts.get("wipes"):
        done = is_wiped(facts["wipes"])
        rows.append(
            (
                gettext("Overwriting what was left on the disk"),
                gettext("done since") if done else gettext("not done yet; it is tried again and again"),
            )
        )
    return rows


def erasure_receipt(school: School, entry: Entry) -> Document:
    """Return the receipt of an erasure: entry number, time, what was destroyed, and how to check it.

    entry: of the event face.erased. It names nobody; whoever holds it knows whose it is.
    """
    assert entry.event == "face.erased"
    facts = json.loads(bytes(entry.hashed))["facts"]
    proof = find_inclusion_receipt(entry)
    rows = [
        (gettext("Entry of the log"), str(entry.sequence)),
        (gettext("Time"), _moment(entry.at, school)),
        (gettext("Keys destroyed"), str(facts["keys_destroyed"])),
        *_not_yet_destroyed(facts, entry),
        (gettext("Person"), str(entry.subject)),
        (gettext("Fingerprint of the entry"), bytes(entry.entry_hash).hex()),
    ]
    checked = (
        gettext(
            "The file of proof that belongs to this receipt is checked on any computer, without the school: "
            "%(command)s"
        )
        if proof
        else gettext(
            "The log is signed once a day; from then on there is a file of proof for this receipt, which is "
            "checked on any computer, without the school: %(command)s"
        )
    )
    return Document(
        gettext("Receipt: a face was erased"),
        school.name,
        (
            Section(
                gettext("What was destroyed"),
                (
                    gettext(
                        "The template and the key that opens it. Without the key nobody can read the "
                        "template, not even from an old backup. Every running computer stopped using it"
                        " within a second."
                    ),
                ),
                table=Table((gettext("Question"), gettext("Answer")), _fix(rows)),
            ),
            Section(
                gettext("How to check it"),
                (
                    checked % {"command": VERIFY_COMMAND},
                    gettext(
                        "Keep the entry's number and fingerprint: who has them sees if the log is changed."
                    ),
                ),
            ),
        ),
    )


# --- A camera's sign


def camera_sign(terminal: Terminal) -> Document:
    """Return the sign that hangs beside a terminal with a camera (China's measures of 2025; GDPR 13)."""
    school = terminal.school
    return Document(
        gettext("There is a camera here that can recognise faces"),
        f"{school.name} · {terminal.name}",
        (
            Section(
                gettext("It looks only when you ask it to"),
                (
                    gettext(
                        "It starts when somebody presses “Use my face”, and stops by itself within seconds."
                    ),
                    gettext(
                        "Only those who agreed are recognised. No picture is stored, and nothing leaves"
                        " the school."
                    ),
                    gettext(
                        "You do not need your face: card, code and PIN do the same here and cost nothing."
                    ),
                    gettext(
                        "To end it: press “Stop using my face” here, or tell anybody who works at the school."
                    ),
                ),
            ),
            Section(
                gettext("Who is responsible"),
                (
                    gettext("%(school)s. Purpose: %(purpose)s. Questions: the school office.")
                    % {"school": school.name, "purpose": _label(Purpose, terminal.purpose)},
                ),
            ),
        ),
    )


# --- Words


def _fix(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(row) for row in rows)


def _label(choices: Any, value: str) -> str:
    """Return a choice's word; a value that this version no longer knows stands for itself."""
    return str(dict(choices.choices).get(value, value))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return str(value)


def _seconds(value: int | None, few: str) -> str:
    return few if value is None else gettext("%(seconds)s s") % {"seconds": value}


def _in_language(row: Mapping[str, Any]) -> Mapping[str, str]:
    said: Mapping[str, str] = row.get(get_language() or "en", row["en"])
    return said


def _moment(at: datetime, school: School) -> str:
    return at.astimezone(ZoneInfo(school.time_zone)).strftime("%Y-%m-%d %H:%M:%S %Z")
