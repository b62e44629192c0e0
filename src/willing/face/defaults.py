"""The calibration that the engine ships with: numbers measured on photographs, none of them of a person."""

from __future__ import annotations

from willing.face.calibration import Calibration

# The tail of 195,000 comparisons of people who are not each other, three references against three frames.
DEFAULT_CALIBRATION = Calibration(
    log10_fmr=(0.0, -0.3, -1.0, -2.0, -3.0, -4.0, -5.0, -6.0),
    score=(-0.3, 0.11, 0.226, 0.321, 0.394, 0.462, 0.52, 0.575),
    source="Labeled Faces in the Wild, 442 people, 2026-11",
)
