"""The data protection impact assessment as a document, and what changed since it was signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import Role
from willing.biometrics.rules import SESSION_SECONDS
from willing.consent.models import Purpose
from willing.documents.parts import (
    NEITHER_OUTSIDE,
    Document,
    Section,
    Table,
    fix,
    in_language,
    label,
    moment_text,
    seconds_text,
    value_text,
)
from willing.dpia.models import Risk, SignedAssessment
from willing.terminals.models import Location, Way

RULE_LABELS: Mapping[str, Any] = {
    "guardians_decide_below_age": _("Guardians decide below the age of"),
    "guardians_yes_at_least": _("Guardians who must say yes"),
    "any_guardian_no_wins": _("Any guardian's no is final"),
    "own_yes_from_age": _("The pupil's own yes is needed from the age of"),
    "guardians_told_below_age": _("Every guardian is notified first, below the age of"),
    "keep_days_max": _("A template is deleted after enrolment, in days"),
    "unused_days_max": _("A template is deleted without use, in days"),
    "engine_may_load": _("The law here allows faces"),
}


ROLE_SEES: Mapping[str, Any] = {
    Role.Kind.CASHIER: _(
        "At the till: the name and year of the person paying; the day's sales without names"
    ),
    Role.Kind.OFFICE: _("People, decisions, cards, payments; enrols at the desk. Each view is logged"),
    Role.Kind.CANTEEN: _("The day's sales without names; refunds payments"),
    Role.Kind.DPO: _("This assessment, the log, how long data is kept; signs, locks and unlocks"),
    Role.Kind.ADMINISTRATOR: _("Terminals, the log, the computer itself. Cannot change the log unnoticed"),
}


def dpia_document(content: Mapping[str, Any], signed: SignedAssessment | None = None) -> Document:
    """Return the assessment that `content` holds (rights.assessing.live_assessment, or signed and frozen).

    signed: whose signature the document ends with, on paper; a page shows it beside.
    """
    return Document(
        title=gettext("Data protection impact assessment"),
        subtitle=f"{content['school']} · {content['software']}",
        sections=(
            _what_for(content),
            _law(content["profile"], content["mode"]),
            necessity_section(content["figures"]),
            retention_section(content["retention"]),
            _access(content["access"]),
            _errors(content["measured"], content["figures"]),
            use_section(content["figures"]),
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
        (gettext("Signed at"), moment_text(signed.signed_at, signed.school)),
        (gettext("Next review"), signed.review_on.isoformat()),
        (gettext("SHA-256 of the content"), signed.sha256),
    ]
    return Section(gettext("Signature"), table=Table((gettext("Question"), gettext("Answer")), fix(rows)))


def _what_for(content: Mapping[str, Any]) -> Section:
    figures = content["figures"]
    rows = [
        (
            label(Purpose, one["purpose"]),
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
                "Pupils and staff may identify themselves at a till with their face, if they "
                "want to and everyone whose consent is needed agrees. Each purpose is decided "
                "separately. A camera runs only after a press, and for %(seconds)s seconds at "
                "most; pictures are never stored."
            )
            % {"seconds": SESSION_SECONDS},
            people,
        ),
        table=Table(headings, fix(rows)),
        is_figures=True,
    )


MODE_LABELS: Mapping[str, Any] = {
    "identify": _("A face alone identifies the person, by searching among everyone enrolled (1:N)."),
    "verify": _("A face only confirms a card, a code or a PIN: it is compared with that one person (1:1)."),
}


# A profile's source names laws in their own language; only the default's describes itself.
PROFILE_LABELS: Mapping[str, Any] = {
    "strict": _("Strict"),
    "england_wales": _("England and Wales"),
    "scotland_ni": _("Scotland and Northern Ireland"),
    "eu": _("European Union"),
    "china": _("China"),
    "illinois": _("Illinois"),
    "new_york": _("New York"),
}


SOURCE_LABELS: Mapping[str, Any] = {
    "strict": _("The requirements of all profiles together, except New York's ban. The default."),
}


def _law(profile: Mapping[str, Any], mode: str) -> Section:
    # In our order: what was signed comes back in that of the canonical form.
    place = {rule: number for number, rule in enumerate(RULE_LABELS)}
    rules = sorted(profile["rules"].items(), key=lambda rule: place.get(rule[0], len(place)))
    rows = [(str(RULE_LABELS.get(rule, rule)), value_text(value)) for rule, value in rules]
    return Section(
        gettext("Legal profile"),
        (
            gettext("Legal profile: %(name)s. Source: %(source)s")
            % {
                "name": PROFILE_LABELS.get(profile["name"], profile["name"]),
                "source": SOURCE_LABELS.get(profile["name"], profile["source"]),
            },
            str(MODE_LABELS.get(mode, mode)),
        ),
        table=Table((gettext("Rule"), gettext("Value")), fix(rows)),
    )


def necessity_section(figures: Mapping[str, Any]) -> Section:
    """Return the section that compares how long each way to pay takes."""
    slower = [label(Way, way) for way in figures["slower_ways"]]
    few = gettext("too few")
    rows = [
        (
            label(Way, one["way"]),
            str(one["payments"]),
            seconds_text(one["median_s"], few),
            seconds_text(one["p90_s"], few),
        )
        for one in figures["waits"]
    ]
    warning = gettext("These ways to pay are much slower than the fastest: %(ways)s. Find out why.") % {
        "ways": ", ".join(slower)
    }
    return Section(
        gettext("Is it needed?"),
        (
            gettext(
                "Nobody needs to use their face to eat. Card, code and PIN work at the same "
                "till and cost nothing, so a face is never necessary for the meal itself. It "
                "may be used only by people who want to, and only as long as the other ways "
                "to pay are as quick."
            ),
            gettext(
                "Waiting time is from the first item in the basket to the payment, the same "
                "for every way to pay, from %(first)s until before %(after)s."
            )
            % figures,
        ),
        warning=warning if slower else "",
        table=Table(
            (
                gettext("Way to pay"),
                gettext("Payments"),
                gettext("Half were faster than"),
                gettext("Nine in ten"),
            ),
            fix(rows),
        ),
        is_figures=True,
    )


def retention_section(retention: Sequence[Mapping[str, Any]]) -> Section:
    """Return the section that lists what is kept and how long."""
    rows = [
        (said["name"], said["holds"], said["ground"], said["how_long"], said["ends"])
        for said in (in_language(one) for one in retention)
    ]
    headings = (
        gettext("Data"),
        gettext("What it holds"),
        gettext("Legal basis"),
        gettext("Longest retention"),
        gettext("When it is deleted"),
    )
    return Section(gettext("What is kept, and for how long"), table=Table(headings, fix(rows)))


def _access(access: Sequence[Mapping[str, Any]]) -> Section:
    rows = [
        (label(Role.Kind, one["role"]), str(one["users"]), str(ROLE_SEES.get(one["role"], "")))
        for one in access
    ]
    return Section(
        gettext("Who can see it"),
        (str(NEITHER_OUTSIDE),),
        table=Table((gettext("Role"), gettext("People"), gettext("Sees")), fix(rows)),
    )


def _errors(measured: Mapping[str, Any], figures: Mapping[str, Any]) -> Section:
    few = gettext("too few")
    missed = figures["not_recognised_permille"]
    at_most = figures["wrong_at_most"]
    rows = [
        (gettext("Times the camera was used here"), str(figures["sessions"])),
        (gettext("Not recognised here"), few if missed is None else f"{missed / 10:.1f} %"),
        (gettext("“Not me” pressed after a face here"), str(figures["denied"])),
        (
            gettext("Confirmed wrong recognitions here"),
            str(figures["confirmed_wrong"]),
        ),
        (gettext("Recognised here"), str(figures["recognised"])),
        (
            gettext("Wrong recognitions here, with 95 % certainty below"),
            few if at_most is None else at_most,
        ),
    ]
    return Section(
        gettext("How often it is wrong"),
        (
            gettext(
                "Measured by the developers on %(photographs)s photographs of %(people)s "
                "adults: in %(sessions)s attempts by enrolled people, %(not_recognised)s were "
                "not recognised and %(wrong)s were recognised as someone else (with 95 %% "
                "certainty below %(wrong_at_most)s)."
            )
            % measured,
            gettext(
                "Children, twins and siblings were not measured; expect more errors for "
                "children. A picture held up to the camera is not detected; a cashier is "
                "beside the till."
            ),
        ),
        table=Table((gettext("Counted at this school"), gettext("Statistic")), fix(rows)),
        is_figures=True,
    )


def use_section(figures: Mapping[str, Any]) -> Section:
    """Return the section on how often each way is used, by class."""
    rows = [
        (
            one["class"] or gettext("no class"),
            label(Way, one["way"]),
            gettext("fewer than 5") if one["payments"] is None else str(one["payments"]),
        )
        for one in figures["use"]
    ]
    only = figures["classes_with_faces_only"]
    warning = gettext(
        "In these classes everyone pays with a face: %(classes)s. Check that the "
        "other ways to pay are really available."
    ) % {"classes": ", ".join(only)}
    return Section(
        gettext("Use by way to pay and class"),
        warning=warning if only else "",
        table=Table((gettext("Class"), gettext("Way to pay"), gettext("Payments")), fix(rows)),
        is_figures=True,
    )


def _risks(risks: Sequence[Mapping[str, Any]]) -> Section:
    rows = [
        (
            one["what"],
            label(Risk.Level, one["likelihood"]),
            label(Risk.Level, one["harm"]),
            one["mitigation"],
        )
        for one in risks
    ]
    headings = (gettext("Risk"), gettext("How likely"), gettext("How harmful"), gettext("What is done"))
    return Section(gettext("Open risks"), table=Table(headings, fix(rows)))


def _incidents(incidents: Sequence[Mapping[str, Any]]) -> Section:
    rows = [(one["happened_on"], one["what"], one["done"]) for one in incidents]
    headings = (gettext("Day"), gettext("What happened"), gettext("What was done"))
    return Section(gettext("Incidents"), table=Table(headings, fix(rows)))


def _families(families: Sequence[Mapping[str, Any]]) -> Section:
    rows = [(one["asked_on"], one["how"], str(one["reached"]), one["said"]) for one in families]
    headings = (gettext("Day"), gettext("How"), gettext("Families reached"), gettext("What they said"))
    return Section(gettext("Families were consulted"), table=Table(headings, fix(rows)))


def _terminals(terminals: Sequence[Mapping[str, Any]]) -> Section:
    rows = [
        (
            one["name"],
            label(Purpose, one["purpose"]),
            label(Location, one["location"]),
            ", ".join(label(Way, way) for way in one["ways"]),
        )
        for one in terminals
    ]
    headings = (gettext("Terminal"), gettext("Purpose"), gettext("Location"), gettext("Ways to pay"))
    return Section(gettext("Terminals"), table=Table(headings, fix(rows)))


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
