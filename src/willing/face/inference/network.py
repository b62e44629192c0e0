"""Run a compiled network for one caller as for many: who gets both cores, and who one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np

from willing.face.errors import EngineFault
from willing.face.inference.runtime import openvino
from willing.face.types import Float32, Pixels

# How many frames of a lonely caller a network goes on serving side by side after it last had two at once.
STAY = 32


class InferenceLane:
    """One inference request of a compiled model with its own input buffer; used by one thread at a time."""

    def __init__(self, compiled: Any, shape: tuple[int, ...]) -> None:
        self.buffer: Pixels = np.zeros(shape, np.uint8)
        self._request = compiled.create_infer_request()
        self._request.set_input_tensor(openvino().Tensor(self.buffer, shared_memory=True))
        self._output = self._request.get_output_tensor(0)

    def run(self) -> Float32:
        """Return a view of the output, valid until the next run of this lane."""
        self._request.infer()
        answer: Float32 = self._output.data
        return answer


class Network:
    """A model compiled for one caller and, from the first time that two come at once, for several.

    Each has as many lanes as callers were ever inside it at once.
    """

    def __init__(self, compiled: Any, several: Callable[[], Any | None], shape: tuple[int, ...]) -> None:
        self._several = several
        self._shape = shape
        self._compiled: dict[bool, Any] = {False: compiled}
        self._idle: dict[bool, SimpleQueue[InferenceLane]] = {False: SimpleQueue(), True: SimpleQueue()}
        self._lock = threading.Lock()
        self._inside = 0
        self._several_for = 0

    @contextmanager
    def lane(self) -> Iterator[InferenceLane]:
        """Lend a lane to one caller. Raises EngineFault where inference fails."""
        with self._lock:
            self._inside += 1
            # Where two were at once, two will be again: one of them on both cores would disturb the other.
            self._several_for = STAY if self._inside > 1 else max(0, self._several_for - 1)
            several = self._several_for > 0
            if several and True not in self._compiled:
                self._compiled[True] = self._checked(self._several())
        try:
            lane = self._idle_lane(several)
            yield lane
        except RuntimeError as error:
            # OpenVINO raises RuntimeError; the lane may be in any state, so it is not returned to the pool.
            raise EngineFault(f"inference failed: {str(error)[:200]}") from None
        finally:
            with self._lock:
                self._inside -= 1
        self._idle[several].put(lane)

    def _checked(self, compiled: Any | None) -> Any:
        """Return the copy for several callers where it is there and answers like the first, else the first.

        OpenVINO 2026.4 confuses weights where it compiles this detector for several streams at once. Reading
        its own export back avoids that; this makes sure of it, here and with whatever version comes.
        """
        if compiled is None:
            return self._compiled[False]
        answers = []
        for one in (self._compiled[False], compiled):
            lane = InferenceLane(one, self._shape)
            lane.buffer[:] = np.random.default_rng(1).integers(0, 256, self._shape, np.uint8)
            answers.append(lane.run().copy())
        agree = np.allclose(answers[0], answers[1], rtol=1e-3, atol=1e-3)
        return compiled if agree else self._compiled[False]

    def _idle_lane(self, several: bool) -> InferenceLane:
        try:
            return self._idle[several].get_nowait()
        except Empty:
            return InferenceLane(self._compiled[several], self._shape)
