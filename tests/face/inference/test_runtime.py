"""Nothing that reports over the network is loaded with the runtime."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from pathlib import Path

NETWORK = """
import socket, sys
def refuse(*args, **kwargs):
    raise SystemExit("a socket was opened")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from willing.face import Engine
import numpy as np
Engine.from_default_weights().analyse(np.zeros((100, 100, 3), np.uint8))
loaded = [name for name in sys.modules if "telemetry" in name or name.startswith("openvino.tools.ovc")]
raise SystemExit(str(loaded) if loaded else 0)
"""


def test_the_engine_opens_no_socket_and_loads_nothing_that_reports(cache: Path) -> None:
    assert importlib.metadata.version("openvino")
    run = subprocess.run(
        [sys.executable, "-c", NETWORK], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr[-300:]
