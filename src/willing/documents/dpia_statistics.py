"""The sections of the assessment that hold what was counted and measured."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext

from willing.biometrics.picture_models import PictureTestCount
from willing.core.dates import write_day
from willing.documents.parts import DocumentTable, Section, fix, label, seconds_text
from willing.documents.till_test import rate_text
from willing.gate.models import PassageWay
from willing.gate.reports import as_seconds
from willing.terminals.models import Way


def counted_days(statistics: Mapping[str, Any]) -> dict[str, str]:
    """Return the first and the last day that were counted, in the reader's language."""
    first, after = (date.fromisoformat(statistics[one]) for one in ("first", "after"))
    return {"first": write_day(first), "last": write_day(after - timedelta(days=1))}


def necessity_section(statistics: Mapping[str, Any]) -> Section:
    """Return the section that compares how long each way to pay takes."""
    slower = [label(Way, way) for way in statistics["slower_ways"]]
    few = gettext("too few")
    rows = [
        (
            label(Way, one["way"]),
            str(one["payments"]),
            seconds_text(one["median_s"], few),
            seconds_text(one["p90_s"], few),
        )
        for one in statistics["waits"]
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
                "for every way to pay, from %(first)s to %(last)s."
            )
            % counted_days(statistics),
        ),
        warning=warning if slower else "",
        table=DocumentTable(
            (
                gettext("Way to pay"),
                gettext("Payments"),
                gettext("Half were faster than"),
                gettext("Nine in ten"),
            ),
            fix(rows),
        ),
        is_statistics=True,
    )


def gate_waits_section(statistics: Mapping[str, Any]) -> tuple[Section, ...]:
    """Return the section that compares how long each way through the gate takes; none without a lane."""
    if "gate_waits" not in statistics:
        return ()
    slower = ", ".join(label(PassageWay, way) for way in statistics["slower_than_face"])
    few = gettext("too few")
    rows = [
        (
            label(PassageWay, one["way"]),
            str(one["passages"]),
            _tenths_text(one["median_tenths"], few),
            _tenths_text(one["p90_tenths"], few),
        )
        for one in statistics["gate_waits"]
    ]
    warning = gettext("These ways through the gate are much slower than a face: %(ways)s. Find out why.")
    return (
        Section(
            gettext("Waiting time at the gate"),
            (
                gettext(
                    "From the first press, or the read of a card, until the lane answers, the same for every "
                    "way, from %(first)s to %(last)s."
                )
                % counted_days(statistics),
            ),
            warning=warning % {"ways": slower} if slower else "",
            table=DocumentTable(
                (
                    gettext("Way to pass"),
                    gettext("Passages"),
                    gettext("Half were faster than"),
                    gettext("Nine in ten"),
                ),
                fix(rows),
            ),
            is_statistics=True,
        ),
    )


def _tenths_text(tenths: int | None, few: str) -> str:
    return few if tenths is None else gettext("%(seconds)s s") % {"seconds": as_seconds(tenths)}


def errors_section(measured: Mapping[str, Any], statistics: Mapping[str, Any]) -> Section:
    """Return the section on wrong and missed recognitions: as measured before, and as counted here."""
    few = gettext("too few")
    missed = statistics["not_recognised_permille"]
    at_most = statistics["wrong_at_most"]
    rows = [
        (gettext("Times the camera was used here"), str(statistics["sessions"])),
        (gettext("Not recognised here"), few if missed is None else f"{missed / 10:.1f} %"),
        (gettext("“Not me” pressed after a face here"), str(statistics["denied"])),
        (
            gettext("Confirmed wrong recognitions here"),
            str(statistics["confirmed_wrong"]),
        ),
        (gettext("Recognised here"), str(statistics["recognised"])),
        (
            gettext("Wrong recognitions here, with 95 % certainty below"),
            few if at_most is None else at_most,
        ),
        (
            gettext("Pictures found by the check for them here"),
            gettext("%(found)s in %(sessions)s uses") % statistics["pictures"],
        ),
        (
            gettext("Pictures that passed in this school's own tests"),
            gettext("%(found)s of %(sessions)s") % statistics["picture_tests"],
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
                "children. A picture held up to the camera can be taken for a person, also where the "
                "school has pictures detected; a cashier is beside the till."
            ),
        ),
        table=DocumentTable((gettext("Counted at this school"), gettext("Statistic")), fix(rows)),
        is_statistics=True,
    )


def pictures_section(statistics: Mapping[str, Any]) -> Section:
    """Return the section on what staff found when they held pictures up to the tills' cameras."""
    rows = [
        (
            one["terminal"],
            one["finished_on"] or gettext("not tested"),
            label(PictureTestCount.Kind, kind["kind"]),
            str(kind["tries"]),
            rate_text(kind["kind"], kind["errors"], kind["answered"]),
        )
        for one in statistics.get("tested_tills", ())
        for kind in one["kinds"]
    ]
    untested = [one["terminal"] for one in statistics.get("tested_tills", ()) if not one["kinds"]]
    said = gettext("Not tested with pictures: %(tills)s.") % {"tills": ", ".join(untested)}
    return Section(
        gettext("Pictures held up to the camera"),
        (said,) if untested else (),
        table=DocumentTable(
            (
                gettext("Till"),
                gettext("Tested on"),
                gettext("Kind"),
                gettext("Tries"),
                gettext("Error rate, 95 % interval"),
            ),
            fix(rows),
        ),
        is_statistics=True,
    )


def use_section(statistics: Mapping[str, Any]) -> Section:
    """Return the section on how often each way is used, by class."""
    rows = [
        (
            one["class"] or gettext("no class"),
            label(Way, one["way"]),
            gettext("fewer than 5") if one["payments"] is None else str(one["payments"]),
        )
        for one in statistics["use"]
    ]
    only = statistics["classes_with_faces_only"]
    warning = gettext(
        "In these classes everyone pays with a face: %(classes)s. Check that the "
        "other ways to pay are really available."
    ) % {"classes": ", ".join(only)}
    return Section(
        gettext("Use by way to pay and class"),
        warning=warning if only else "",
        table=DocumentTable((gettext("Class"), gettext("Way to pay"), gettext("Payments")), fix(rows)),
        is_statistics=True,
    )
