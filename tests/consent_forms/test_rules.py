"""What may be kept as a scan, by how its bytes begin."""

import pytest

from willing.consent_forms import rules


@pytest.mark.parametrize(
    ("scan", "kind"),
    [
        (b"%PDF-1.7 and more", "pdf"),
        (b"\xff\xd8\xff\xe0 and more", "jpeg"),
        (b"\x89PNG\r\n\x1a\n and more", "png"),
        (b" %PDF-1.7", None),
        (b"\xff\xd8", None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_the_kind_of_a_scan_is_told_by_its_beginning(scan, kind):
    assert rules.find_kind(scan) == kind


def test_a_scan_has_twelve_megabytes_at_most():
    assert rules.BYTES_MAX == 12_582_912
    assert sorted(rules.CONTENT_TYPES) == ["jpeg", "pdf", "png"]
