"""Marks on views that the middleware reads."""

from collections.abc import Callable
from typing import TypeVar

View = TypeVar("View", bound=Callable[..., object])


def uses_camera(view: View) -> View:
    """Let the page of this view ask for the camera; every other page is served with camera=()."""
    view.uses_camera = True  # type: ignore[attr-defined]
    return view
