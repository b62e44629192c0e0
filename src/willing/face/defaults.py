"""The calibration that the engine ships with: numbers measured on photographs, none of them of a person."""

from __future__ import annotations

from willing.face.calibration import Calibration

# At each rate the higher score of two tails: one photograph against one reference (8.1 million comparisons of
# different people) and against the mean of three (1.3 million). References that a school takes in one sitting
# are worth something between the two. Made by `fit_calibration`; checked in docs/face-accuracy.md.
DEFAULT_CALIBRATION = Calibration(
    log10_fmr=(0.0, -0.3, -1.0, -2.0, -3.0, -3.5, -4.0, -4.5, -5.0, -6.0, -8.0),
    score=(-0.408, -0.001, 0.120, 0.220, 0.296, 0.332, 0.362, 0.399, 0.430, 0.502, 0.627),
    source="Labeled Faces in the Wild, 2,848 people, SFACE as PIPELINE_VERSION 2 uses it",
)
