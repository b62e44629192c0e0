"""The calibration that the engine ships with: numbers measured on photographs, none of them of a person."""

from __future__ import annotations

from willing.face.calibration import Calibration

DEFAULT_CALIBRATION = Calibration(
    log10_fmr=(-1.0, -2.0, -3.0, -4.0, -5.0, -6.0),
    score=(0.18, 0.26, 0.33, 0.40, 0.46, 0.53),
    source="provisional",
)
