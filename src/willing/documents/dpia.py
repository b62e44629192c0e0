"""The data protection impact assessment as a document."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

from willing.accounts.models import Role
from willing.biometrics.rules import SESSION_SECONDS
from willing.consent.laws import LAW_LABELS
from willing.consent.models import Purpose
from willing.documents.dpia_areas import area_sections
from willing.documents.dpia_fuses import fuses_section
from willing.documents.dpia_kinds import kinds_section
from willing.documents.dpia_labels import MODE_LABELS, ROLE_SEES, RULE_LABELS, SOURCE_LABELS
from willing.documents.dpia_statistics import (
    errors_section,
    gate_waits_section,
    necessity_section,
    pictures_section,
    use_section,
)
from willing.documents.parts import (
    NEITHER_OUTSIDE,
    Document,
    DocumentTable,
    Section,
    fix,
    in_language,
    label,
    moment_text,
    value_text,
)
from willing.dpia.models import Risk, SignedAssessment
from willing.terminals.models import Location, Way


def dpia_document(content: Mapping[str, Any], signed: SignedAssessment | None = None) -> Document:
    """Return the assessment that `content` holds (dpia_content.live_dpia, or signed and frozen).

    signed: the signature that the PDF ends with; a page shows it beside the document.
    """
    return Document(
        title=gettext("Data protection impact assessment"),
        subtitle=f"{content['school']} · {content['software']}",
        sections=(
            _what_for(content),
            _law(content["profile"], content["mode"]),
            necessity_section(content["statistics"]),
            *area_sections(content.get("areas", {})),
            *gate_waits_section(content["statistics"]),
            retention_section(content["retention"]),
            _access(content["access"]),
            errors_section(content["measured"], content["statistics"]),
            pictures_section(content["statistics"]),
            use_section(content["statistics"]),
            fuses_section(content["fuses"]),
            kinds_section(content["kinds"]),
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
    return Section(
        gettext("Signature"), table=DocumentTable((gettext("Item"), gettext("Details")), fix(rows))
    )


def _what_for(content: Mapping[str, Any]) -> Section:
    statistics = content["statistics"]
    rows = [
        (
            label(Purpose, one["purpose"]),
            str(one["terminals_with_camera"]),
            str(statistics["enrolled"].get(one["purpose"], 0)),
        )
        for one in content["purposes"]
    ]
    headings = (gettext("Purpose"), gettext("Tills with a camera"), gettext("People enrolled"))
    people = gettext("%(count)s people eat at the school.") % {"count": statistics["people"]}
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
        table=DocumentTable(headings, fix(rows)),
        is_statistics=True,
    )


def _law(profile: Mapping[str, Any], mode: str) -> Section:
    # In our order: what was signed comes back in that of the canonical form.
    position = {rule: number for number, rule in enumerate(RULE_LABELS)}
    rules = sorted(profile["rules"].items(), key=lambda rule: position.get(rule[0], len(position)))
    rows = [(str(RULE_LABELS.get(rule, rule)), value_text(value)) for rule, value in rules]
    return Section(
        gettext("Legal profile"),
        (
            gettext("Legal profile: %(name)s. Source: %(source)s")
            % {
                "name": LAW_LABELS.get(profile["name"], profile["name"]),
                "source": SOURCE_LABELS.get(profile["name"], profile["source"]),
            },
            str(MODE_LABELS.get(mode, mode)),
        ),
        table=DocumentTable((gettext("Rule"), gettext("Value")), fix(rows)),
    )


def retention_section(retention: Sequence[Mapping[str, Any]]) -> Section:
    """Return the section that lists what is kept and how long."""
    rows = [
        (said["name"], said["holds"], said["legal_basis"], said["how_long"], said["deleted_when"])
        for said in (in_language(one) for one in retention)
    ]
    headings = (
        gettext("Data"),
        gettext("What it holds"),
        gettext("Legal basis"),
        gettext("Longest retention"),
        gettext("When it is deleted"),
    )
    return Section(gettext("What is kept, and for how long"), table=DocumentTable(headings, fix(rows)))


def _access(access: Sequence[Mapping[str, Any]]) -> Section:
    rows = [
        (label(Role.Kind, one["role"]), str(one["users"]), str(ROLE_SEES.get(one["role"], "")))
        for one in access
    ]
    return Section(
        gettext("Who can see it"),
        (str(NEITHER_OUTSIDE),),
        table=DocumentTable((gettext("Role"), gettext("People"), gettext("Sees")), fix(rows)),
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
    return Section(gettext("Open risks"), table=DocumentTable(headings, fix(rows)))


def _incidents(incidents: Sequence[Mapping[str, Any]]) -> Section:
    rows = [(one["happened_on"], one["what"], one["done"]) for one in incidents]
    headings = (gettext("Day"), gettext("What happened"), gettext("What was done"))
    return Section(gettext("Incidents"), table=DocumentTable(headings, fix(rows)))


def _families(families: Sequence[Mapping[str, Any]]) -> Section:
    rows = [(one["asked_on"], one["how"], str(one["reached"]), one["said"]) for one in families]
    headings = (gettext("Day"), gettext("How"), gettext("Families reached"), gettext("What they said"))
    return Section(gettext("Families were consulted"), table=DocumentTable(headings, fix(rows)))


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
    return Section(gettext("Terminals"), table=DocumentTable(headings, fix(rows)))
