"""The one shape of a problem details document (RFC 9457), for every part that answers with one."""

from collections.abc import Mapping
from typing import Any

MEDIA_TYPE = "application/problem+json"


def problem_details(
    code: str, status: int, title: str, data: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the members of the document; `code` is stable, `title` is for people, in their language."""
    return {
        "type": f"urn:willing:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        **(data or {}),
    }
