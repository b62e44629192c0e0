"""The face engine of Willing: find, measure, compare, decide; alone, without network or database.

Everything a caller needs is here; docs/reference/face.md walks through it.
"""

from __future__ import annotations

from willing.face.alive import Alive, AliveFinding, FrameComparison, FrameStep
from willing.face.calibration import DEFAULT_CALIBRATION, Calibration
from willing.face.decide import Evidence, FaceDecision, FaceOutcome, Policy, candidates, decide, decide_verify
from willing.face.engine import Engine
from willing.face.enrol import (
    InseparablePair,
    PairLikeness,
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
from willing.face.liveness.limits import LIMITS, AliveVerdict, Limits
from willing.face.liveness.network import PassiveCheck
from willing.face.liveness.turn import HeadTurn
from willing.face.liveness.watch import AliveWatch, Liveness
from willing.face.liveness.weights import find_installed
from willing.face.pipeline.quality import QUALITY_LIMITS, QualityLimits
from willing.face.protect import Rotation, SealContext, open_sealed, reissue, seal, templates_of
from willing.face.types import Candidate, Face, FrameResult, Hint, Purpose, Quality, Template, Zone

__all__ = [
    "DEFAULT_CALIBRATION",
    "LIMITS",
    "QUALITY_LIMITS",
    "Alive",
    "AliveFinding",
    "AliveVerdict",
    "AliveWatch",
    "BadProtocol",
    "BadSecret",
    "BlankTemplate",
    "Calibration",
    "Candidate",
    "EmptyTemplates",
    "Engine",
    "EngineFault",
    "Evidence",
    "Face",
    "FaceDecision",
    "FaceError",
    "FaceOutcome",
    "FrameComparison",
    "FrameResult",
    "FrameStep",
    "Gallery",
    "HeadTurn",
    "Hint",
    "ImageTooLarge",
    "InseparablePair",
    "Limits",
    "Liveness",
    "LivenessUnavailable",
    "MixedTemplates",
    "ModelMismatch",
    "ModelMissing",
    "ModelUnusable",
    "Models",
    "PackageMissing",
    "PairLikeness",
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
    "find_installed",
    "find_lookalike_pairs",
    "find_lookalikes",
    "open_sealed",
    "reissue",
    "seal",
    "templates_of",
]
