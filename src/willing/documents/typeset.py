"""Have a paper set in type: the PDF comes from a process of its own (documents.compositor)."""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from willing.documents.errors import document_not_made, pdf_font_missing
from willing.documents.typefaces import find_font

SECONDS_MAX = 300


def typeset(template: str, data: Mapping[str, Any]) -> bytes:
    """Return a paper as a tagged PDF (PDF/UA-1) by a template of templates/, as `compositor.compose` has it.

    Texts are set as they are, whatever signs they hold. Raises Refused document_not_made, and
    pdf_font_missing where the paper's language is Chinese and this computer has no font for it.
    """
    require_font(data["language"])
    try:
        return run_compositor("willing.documents.compositor", {"template": template, "data": data})
    except (subprocess.SubprocessError, OSError):
        # Not chained: what the process wrote to its end is no text for a log.
        raise document_not_made() from None


def require_font(language: str) -> None:
    """Raise Refused pdf_font_missing for a language that this computer can't print."""
    if language.startswith("zh") and find_font() is None:
        raise pdf_font_missing()


def run_compositor(module: str, order: Mapping[str, Any]) -> bytes:
    """Return what a module makes of an order, in a process without environment, and so without our secrets.

    Raises SubprocessError or OSError where it fails; it says on no page and in no log why.
    """
    command = [sys.executable, "-I", "-m", module]
    written = json.dumps(order).encode()
    made = subprocess.run(  # noqa: S603  # a fixed command
        command, input=written, capture_output=True, env={}, cwd="/", timeout=SECONDS_MAX, check=True
    )
    return made.stdout
