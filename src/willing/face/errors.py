"""Name everything that can go wrong in the face engine, one class a cause.

Every class carries a short stable `code`; callers branch on the code or the class and never on the text.
No message holds a photograph, a template, or a part of one.
"""

from __future__ import annotations

from typing import ClassVar


class FaceError(Exception):
    """Base of every error that `willing.face` raises on purpose."""

    code: ClassVar[str] = "face"


class UnreadableImage(FaceError):
    """The bytes are not a picture that we read, or end before one can be made of them."""

    code = "unreadable_image"


class PhoneFormat(UnreadableImage):
    """The picture is HEIC or AVIF, as some phones keep it: whole, and not in a format that we read."""

    code = "phone_format"


class ImageTooLarge(FaceError):
    """The picture's own header asks for more pixels, or the file for more bytes, than we accept."""

    code = "image_too_large"


class WrongArray(FaceError):
    """An array has the wrong shape, type or values."""

    code = "wrong_array"


class BlankTemplate(FaceError):
    """The recogniser answered with a vector of length 0, which no comparison can use."""

    code = "blank_template"


class EngineFault(FaceError):
    """The inference runtime failed, or answered with NaN, infinities or a wrong shape."""

    code = "engine_fault"


class ModelMissing(FaceError):
    """A weights file is not where it should be."""

    code = "model_missing"


class ModelMismatch(FaceError):
    """A weights file is not the one that we know: names the file and both SHA-256 digests."""

    code = "model_mismatch"


class ModelUnusable(FaceError):
    """A weights file cannot be read as a detector or recogniser of the expected form."""

    code = "model_unusable"


class LivenessUnavailable(FaceError):
    """The network that tells living faces from pictures is not here, or cannot be fetched."""

    code = "liveness_unavailable"


class MixedTemplates(FaceError):
    """Templates of two models, or of two secret rotations, were brought together."""

    code = "mixed_templates"


class UnknownPerson(FaceError):
    """The gallery holds no such person."""

    code = "unknown_person"


class EmptyTemplates(FaceError):
    """No template was given where at least one is needed."""

    code = "empty_templates"


class BadSecret(FaceError):
    """A secret or key has the wrong length."""

    code = "bad_secret"


class SealBroken(FaceError):
    """A sealed template cannot be opened: wrong key, wrong owner, changed, cut short or replayed."""

    code = "seal_broken"


class BadProtocol(FaceError):
    """An evaluation cannot be run as asked: a pairs file or folder does not have the form it needs."""

    code = "bad_protocol"


class PackageMissing(FaceError):
    """A report needs a package that a school does not install: names it, and the command that installs it."""

    code = "package_missing"
