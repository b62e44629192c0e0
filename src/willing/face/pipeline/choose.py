"""Choose the one face in front of the camera, or say why nobody is chosen. Never a guess."""

from __future__ import annotations

from collections.abc import Sequence

from willing.face.pipeline.detect import Detection
from willing.face.types import Hint, Zone

DEFAULT_ZONE = Zone()


def choose(
    found: Sequence[Detection], shape: tuple[int, int], zone: Zone = DEFAULT_ZONE
) -> tuple[Detection | None, Hint]:
    """Return the one face that is large, central and alone, with OK, or None with the hint to show.

    found: in pixels of a picture of `shape` (height, width).
    """
    if not found:
        return None, Hint.NO_FACE
    ranked = sorted(found, key=lambda face: -float(face.box[3]))
    first = ranked[0]
    height, width = shape
    # Too far away to pay is too far away to be a rival: that is the queue.
    rival_height = zone.rival_share * max(float(first.box[3]), zone.face_height_min * height)
    if len(ranked) > 1 and ranked[1].box[3] >= rival_height:
        return None, Hint.SEVERAL_FACES
    share = float(first.box[3]) / height
    if share < zone.face_height_min:
        return None, Hint.CLOSER
    x = float(first.box[0] + first.box[2] / 2) / width
    y = float(first.box[1] + first.box[3] / 2) / height
    if share > zone.face_height_max:
        return None, Hint.FURTHER
    if not (zone.left <= x <= zone.right and zone.top <= y <= zone.bottom):
        return None, Hint.CENTRE
    return first, Hint.OK


def central(found: Sequence[Detection], shape: tuple[int, ...]) -> Detection | None:
    """Return the face nearest to the middle among those at least half as high as the highest, or None."""
    if not found:
        return None
    highest = max(float(face.box[3]) for face in found)
    height, width = shape[:2]

    def distance(face: Detection) -> float:
        left, top, wide, high = (float(value) for value in face.box)
        return (left + wide / 2 - width / 2) ** 2 + (top + high / 2 - height / 2) ** 2

    return min((face for face in found if face.box[3] >= highest / 2), key=distance)
