"""The face engine of Willing: find, measure, compare, decide; alone, without network or database.

Everything a caller needs is here; docs/reference/face.md walks through it. Each name is imported when it is
first asked for: the process that opens a card's template has a part of the engine and none of its libraries
for pictures.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from willing.face.alive import Alive as Alive
    from willing.face.alive import AliveFinding as AliveFinding
    from willing.face.alive import FrameComparison as FrameComparison
    from willing.face.alive import FrameStep as FrameStep
    from willing.face.calibration import DEFAULT_CALIBRATION as DEFAULT_CALIBRATION
    from willing.face.calibration import Calibration as Calibration
    from willing.face.decisions import Evidence as Evidence
    from willing.face.decisions import FaceDecision as FaceDecision
    from willing.face.decisions import FaceOutcome as FaceOutcome
    from willing.face.decisions import Policy as Policy
    from willing.face.decisions import candidates as candidates
    from willing.face.decisions import decide as decide
    from willing.face.decisions import decide_verify as decide_verify
    from willing.face.engine import Engine as Engine
    from willing.face.enrol import InseparablePair as InseparablePair
    from willing.face.enrol import PairLikeness as PairLikeness
    from willing.face.enrol import Renewal as Renewal
    from willing.face.enrol import assess_renewal as assess_renewal
    from willing.face.enrol import choose_references as choose_references
    from willing.face.enrol import find_lookalike_pairs as find_lookalike_pairs
    from willing.face.enrol import find_lookalikes as find_lookalikes
    from willing.face.errors import BadProtocol as BadProtocol
    from willing.face.errors import BadSecret as BadSecret
    from willing.face.errors import BlankTemplate as BlankTemplate
    from willing.face.errors import EmptyTemplates as EmptyTemplates
    from willing.face.errors import EngineFault as EngineFault
    from willing.face.errors import FaceError as FaceError
    from willing.face.errors import ImageTooLarge as ImageTooLarge
    from willing.face.errors import LivenessUnavailable as LivenessUnavailable
    from willing.face.errors import MixedTemplates as MixedTemplates
    from willing.face.errors import ModelMismatch as ModelMismatch
    from willing.face.errors import ModelMissing as ModelMissing
    from willing.face.errors import ModelUnusable as ModelUnusable
    from willing.face.errors import PackageMissing as PackageMissing
    from willing.face.errors import PhoneFormat as PhoneFormat
    from willing.face.errors import SealBroken as SealBroken
    from willing.face.errors import UnknownPerson as UnknownPerson
    from willing.face.errors import UnreadableImage as UnreadableImage
    from willing.face.errors import WrongArray as WrongArray
    from willing.face.gallery import Gallery as Gallery
    from willing.face.inference.weights import Models as Models
    from willing.face.liveness.limits import LIMITS as LIMITS
    from willing.face.liveness.limits import AliveVerdict as AliveVerdict
    from willing.face.liveness.limits import Limits as Limits
    from willing.face.liveness.network import PassiveCheck as PassiveCheck
    from willing.face.liveness.turn import HeadTurn as HeadTurn
    from willing.face.liveness.watch import AliveWatch as AliveWatch
    from willing.face.liveness.watch import Liveness as Liveness
    from willing.face.liveness.weights import find_installed as find_installed
    from willing.face.pipeline.quality import QUALITY_LIMITS as QUALITY_LIMITS
    from willing.face.pipeline.quality import QualityLimits as QualityLimits
    from willing.face.protect import Rotation as Rotation
    from willing.face.protect import SealContext as SealContext
    from willing.face.protect import open_sealed as open_sealed
    from willing.face.protect import reissue as reissue
    from willing.face.protect import seal as seal
    from willing.face.protect import templates_of as templates_of
    from willing.face.types import Candidate as Candidate
    from willing.face.types import Face as Face
    from willing.face.types import FrameResult as FrameResult
    from willing.face.types import Hint as Hint
    from willing.face.types import Purpose as Purpose
    from willing.face.types import Quality as Quality
    from willing.face.types import Template as Template
    from willing.face.types import Zone as Zone

# Where each name comes from, as above (tests/face/test_docs.py compares them).
HOMES = {
    "alive": (
        "Alive",
        "AliveFinding",
        "FrameComparison",
        "FrameStep",
    ),
    "calibration": (
        "DEFAULT_CALIBRATION",
        "Calibration",
    ),
    "decisions": (
        "Evidence",
        "FaceDecision",
        "FaceOutcome",
        "Policy",
        "candidates",
        "decide",
        "decide_verify",
    ),
    "engine": ("Engine",),
    "enrol": (
        "InseparablePair",
        "PairLikeness",
        "Renewal",
        "assess_renewal",
        "choose_references",
        "find_lookalike_pairs",
        "find_lookalikes",
    ),
    "errors": (
        "BadProtocol",
        "BadSecret",
        "BlankTemplate",
        "EmptyTemplates",
        "EngineFault",
        "FaceError",
        "ImageTooLarge",
        "LivenessUnavailable",
        "MixedTemplates",
        "ModelMismatch",
        "ModelMissing",
        "ModelUnusable",
        "PackageMissing",
        "PhoneFormat",
        "SealBroken",
        "UnknownPerson",
        "UnreadableImage",
        "WrongArray",
    ),
    "gallery": ("Gallery",),
    "inference.weights": ("Models",),
    "liveness.limits": (
        "LIMITS",
        "AliveVerdict",
        "Limits",
    ),
    "liveness.network": ("PassiveCheck",),
    "liveness.turn": ("HeadTurn",),
    "liveness.watch": (
        "AliveWatch",
        "Liveness",
    ),
    "liveness.weights": ("find_installed",),
    "pipeline.quality": (
        "QUALITY_LIMITS",
        "QualityLimits",
    ),
    "protect": (
        "Rotation",
        "SealContext",
        "open_sealed",
        "reissue",
        "seal",
        "templates_of",
    ),
    "types": (
        "Candidate",
        "Face",
        "FrameResult",
        "Hint",
        "Purpose",
        "Quality",
        "Template",
        "Zone",
    ),
}
_HOME_OF = {name: home for home, names in HOMES.items() for name in names}
__all__ = [*_HOME_OF]  # noqa: PLE0604  # type checkers read the imports above


def __getattr__(name: str) -> Any:
    """Import a name's module, and keep the name."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(importlib.import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    return found
