"""What the verifier says where something does not hold."""

from pathlib import Path
from typing import ClassVar


class Unproven(Exception):
    """Something claimed about the log does not hold, or cannot be read.

    code: a short stable word, one of CODES. message: one sentence for the person who checks. line: where in
    the file, from 1, or None. file: filled in by the caller that knows it. remarks: what a program that saved
    the file did to it, which is no change of what was signed.
    """

    CODES: ClassVar = {
        "malformed": "the text or file does not have the form it must have",
        "unknown_version": "an entry of a later version, which this verifier cannot read",
        "wrong_key": "signed with another key than the ones that were given",
        "bad_signature": "the signature is not over this text",
        "not_included": "the proof does not lead from the entry to the signed root",
        "inconsistent": "the log does not continue what was signed before",
        "cut_off": "entries that were signed for are not there",
        "out_of_order": "an entry or a checkpoint stands in the wrong place",
        "lost": "signed for entries that were lost when the log was restored from a copy",
        "no_witness": "a witness that was asked for did not sign",
        "uncovered": "the checkpoint is older than the first entry of the file",
    }

    def __init__(self, code: str, message: str, *, line: int | None = None) -> None:
        assert code in self.CODES, code
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.line = line
        self.file: Path | None = None
        self.remarks: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = [str(self.file)] if self.file else []
        place += [f"line {self.line}"] if self.line else []
        said = f"{', '.join(place)}: {self.message}" if place else self.message
        return f"{said} ({'; '.join(self.remarks)})" if self.remarks else said
