"""The face engine of Willing: find, measure, compare, decide; alone, without network or database.

Everything a caller needs is here; docs/reference/face.md walks through it.
"""

from __future__ import annotations

from willing.face.calibration import DEFAULT_CALIBRATION, Calibration
from willing.face.decide import Decision, Evidence, Outcome, Policy, candidates, decide, decide_verify
from willing.face.engine import Engine
from willing.face.enrol import (
    Likeness,
    LookalikePair,
    Renewal,
    assess_renewal,
    choose_references,
    find_lookalike_pairs,
    find_lookalikes,
)
from willing.face.errors import (
    BadProtocol,
    BadSecret,
    BlankTemplate,
    EmptyTemplates,
    EngineFault,
    FaceError,
    ImageTooLarge,
    MixedTemplates,
    ModelMismatch,
    ModelMissing,
    ModelUnusable,
    PackageMissing,
    PhoneFormat,
    SealBroken,
    UnknownPerson,
    UnreadableImage,
    WrongArray,
)
from willing.face.gallery import Gallery
from willing.face.inference.weights import Models
from willing.face.pipeline.quality import QUALITY_LIMITS, QualityLimits
from willing.face.protect import Rotation, SealContext, open_sealed, reissue, seal, templates_of
from willing.face.types import Candidate, Face, FrameResult, Hint, Purpose, Quality, Template, Zone

__all__ = [
    "DEFAULT_CALIBRATION",
    "QUALITY_LIMITS",
    "BadProtocol",
    "BadSecret",
    "BlankTemplate",
    "Calibration",
    "Candidate",
    "Decision",
    "EmptyTemplates",
    "Engine",
    "EngineFault",
    "Evidence",
    "Face",
    "FaceError",
    "FrameResult",
    "Gallery",
    "Hint",
    "ImageTooLarge",
    "Likeness",
    "LookalikePair",
    "MixedTemplates",
    "ModelMismatch",
    "ModelMissing",
    "ModelUnusable",
    "Models",
    "Outcome",
    "PackageMissing",
    "PhoneFormat",
    "Policy",
    "Purpose",
    "Quality",
    "QualityLimits",
    "Renewal",
    "Rotation",
    "SealBroken",
    "SealContext",
    "Template",
    "UnknownPerson",
    "UnreadableImage",
    "WrongArray",
    "Zone",
    "assess_renewal",
    "candidates",
    "choose_references",
    "decide",
    "decide_verify",
    "find_lookalike_pairs",
    "find_lookalikes",
    "open_sealed",
    "reissue",
    "seal",
    "templates_of",
]
