"""Make camera-like frames of a portrait: 640x480, the face where one would be, small changes each time."""

import cv2
import numpy as np
from numpy.typing import NDArray

from willing.face import Engine

WIDTH, HEIGHT = 640, 480
FACE_SHARE = 0.45  # the face's height as a share of the frame's


class CameraLike:
    """A portrait in front of a till's camera. The same seed gives the same frames."""

    def __init__(self, portrait: bytes, engine: Engine, *, seed: int) -> None:
        picture = cv2.imdecode(np.frombuffer(portrait, np.uint8), cv2.IMREAD_COLOR)
        faces = engine.analyse(portrait)
        left, top, width, height = max(faces, key=lambda face: face.box_px[3]).box_px
        self._picture: NDArray[np.uint8] = np.asarray(picture, np.uint8)
        self._centre = (left + width / 2, top + height / 2)
        self._scale = FACE_SHARE * HEIGHT / height
        self._random = np.random.default_rng(seed)

    def frame(self) -> bytes:
        """Return the next frame as JPEG bytes: a little moved, turned, nearer or brighter than the last."""
        random = self._random
        scale = self._scale * random.uniform(0.94, 1.06)
        turn = np.array(cv2.getRotationMatrix2D(self._centre, random.uniform(-4, 4), scale))
        turn[0, 2] += WIDTH / 2 - self._centre[0] + random.uniform(-14, 14)
        turn[1, 2] += HEIGHT / 2 - self._centre[1] + random.uniform(-14, 14)
        moved = cv2.warpAffine(self._picture, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        light = moved.astype(np.float32) * random.uniform(0.92, 1.08) + random.normal(0, 3, moved.shape)
        _, encoded = cv2.imencode(
            ".jpg", np.clip(light, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 88]
        )
        return bytes(encoded)
