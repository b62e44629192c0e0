"""The results of a till's test with living faces and pictures, for the impact assessment."""

from django.utils.translation import gettext

from willing.biometrics.picture_models import PictureTest
from willing.biometrics.picture_results import Distance, Kind, KindResults, results_of
from willing.core.dates import write_day
from willing.core.statistics import exact_interval
from willing.documents.parts import Document, DocumentTable, Section, fix, label


def till_test_report(test: PictureTest) -> Document:
    """Return a finished test's error rates by kind and by distance, with intervals."""
    terminal = test.terminal
    assert test.finished_on is not None  # the page offers no paper before
    said = {"first": write_day(test.started_on), "last": write_day(test.finished_on)}
    return Document(
        gettext("Test of a till with living faces and pictures"),
        f"{terminal.school.name} · {terminal.name} · " + gettext("%(first)s to %(last)s") % said,
        (
            _what(test),
            _results(gettext("All distances"), results_of(test)),
            *(
                _results(label(Distance, distance), figures)
                for distance in Distance.values
                if (figures := results_of(test, distance))
            ),
            _limits(),
        ),
    )


def _what(test: PictureTest) -> Section:
    return Section(
        gettext("What was tried"),
        (
            gettext(
                "Members of staff who agreed were before this till's camera themselves, and held up pictures "
                "of themselves: on a phone, as a print, on a tablet or screen. Each try was judged as the "
                "till judges a face that it recognises. No picture and no template was kept, only counts."
            ),
            gettext("Network: %(network)s.") % {"network": test.network},
        ),
    )


def _results(title: str, results: list[KindResults]) -> Section:
    rows = [
        (
            label(Kind, one.kind),
            str(one.tries),
            str(one.tries - one.answered),
            str(one.asked),
            _errors(one),
            rate_text(one.kind, one.errors, one.answered),
        )
        for one in results
    ]
    headings = (
        gettext("Kind"),
        gettext("Tries"),
        gettext("No answer"),
        gettext("Asked to turn"),
        gettext("Errors"),
        gettext("Error rate, 95 % interval"),
    )
    return Section(title, table=DocumentTable(headings, fix(rows)))


def _errors(one: KindResults) -> str:
    said = gettext("%(count)s accepted") if one.is_attack else gettext("%(count)s not accepted")
    return said % {"count": one.errors}


def rate_text(kind: str, errors: int, answered: int) -> str:
    """Return an error rate with its name in ISO/IEC 30107-3 and its 95 % interval (Clopper and Pearson)."""
    if not answered:
        return gettext("no answer")
    name = "BPCER" if kind == Kind.LIVE else "APCER"
    low, high = exact_interval(errors, answered)
    return f"{name} {errors / answered:.0%} ({low:.0%}–{high:.0%})"


def _limits() -> Section:
    return Section(
        gettext("What this does not say"),
        (
            gettext(
                "An error is a picture that was accepted, or a living person who was not. Tries without an "
                "answer count neither way. With so few tries the intervals are wide: no picture accepted in "
                "15 tries still allows one in five."
            ),
            gettext(
                "Children, masks, make-up and videos fed into the camera were not tried, and tries by the "
                "same few people resemble each other. This is no certificate after ISO/IEC 30107-3."
            ),
        ),
    )
