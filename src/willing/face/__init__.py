"""The face engine of Willing: find, measure, compare, decide; alone, without network or database.

Everything a caller needs is here; docs/reference/face.md walks through it.
"""

from __future__ import annotations

from willing.face.alive import Alive, Finding, Source, Step
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
    LivenessUnavailable,
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
from willing.face.liveness.limits import LIMITS, Limits, Verdict
from willing.face.liveness.network import PassiveCheck
from willing.face.liveness.turn import Turn
from willing.face.liveness.watch import Liveness, Watch
from willing.face.liveness.weights import find_installed
from willing.face.pipeline.quality import QUALITY_LIMITS, QualityLimits
from willing.face.protect import Rotation, SealContext, open_sealed, reissue, seal, templates_of
from willing.face.types import Candidate, Face, FrameResult, Hint, Purpose, Quality, Template, Zone

__all__ = [
    "DEFAULT_CALIBRATION",
    "LIMITS",
    "QUALITY_LIMITS",
    "Alive",
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
    "Finding",
    "FrameResult",
    "Gallery",
    "Hint",
    "ImageTooLarge",
    "Likeness",
    "Limits",
    "Liveness",
    "LivenessUnavailable",
    "LookalikePair",
    "MixedTemplates",
    "ModelMismatch",
    "ModelMissing",
    "ModelUnusable",
    "Models",
    "Outcome",
    "PackageMissing",
    "PassiveCheck",
    "PhoneFormat",
    "Policy",
    "Purpose",
    "Quality",
    "QualityLimits",
    "Renewal",
    "Rotation",
    "SealBroken",
    "SealContext",
    "Source",
    "Step",
    "Template",
    "Turn",
    "UnknownPerson",
    "UnreadableImage",
    "Verdict",
    "Watch",
    "WrongArray",
    "Zone",
    "assess_renewal",
    "candidates",
    "choose_references",
    "decide",
    "decide_verify",
    "find_installed",
    "find_lookalike_pairs",
    "find_lookalikes",
    "open_sealed",
    "reissue",
    "seal",
    "templates_of",
]
