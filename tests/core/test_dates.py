"""Days as people read them in a sentence."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.utils import timezone, translation

import willing
from willing.core.dates import write_day
from willing.pages.ui.templatetags.words import short_day

DAY = date(2026, 11, 8)
TEMPLATES = Path(willing.__file__).parent


@pytest.mark.parametrize(
    ("language", "written", "short"),
    [("en", "8 November 2026", "8 Nov 2026"), ("zh-hans", "2026年11月8日", "2026年11月8日")],
)
def test_a_day_is_written_in_the_readers_language_with_its_month_in_words(language, written, short):
    with translation.override(language):
        assert write_day(DAY) == written
        assert short_day(DAY) == short
        with timezone.override("Pacific/Auckland"):
            assert short_day(datetime(2026, 11, 7, 23, 0, tzinfo=UTC)) == short
        assert short_day(None) == ""


def test_no_page_and_no_mail_takes_a_day_as_the_framework_writes_it():
    """Django writes Nov. 8, 2026, and with "j F Y" 8 十一月 2026."""
    for kind in ("html", "txt"):
        for one in TEMPLATES.rglob(f"templates/**/*.{kind}"):
            text = one.read_text(encoding="utf-8")
            assert "DATE_FORMAT" not in text, one.name
            assert "F Y" not in text, one.name
