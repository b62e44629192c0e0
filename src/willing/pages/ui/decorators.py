"""Marks on views that the middleware reads."""

from collections.abc import Callable
from typing import TypeVar

from willing.core.errors import Refused

View = TypeVar("View", bound=Callable[..., object])


def uses_camera(view: View) -> View:
    """Let the page of this view ask for the camera; every other page is served with camera=()."""
    view.uses_camera = True  # type: ignore[attr-defined]
    return view


def answers_when_too_large(refusal: Callable[[], Refused]) -> Callable[[View], View]:
    """Let a view answer an upload that is too large itself (ui.too_large)."""

    def mark(view: View) -> View:
        view.too_large = refusal  # type: ignore[attr-defined]
        return view

    return mark
