"""Time face_recognition (dlib) in its own environment. Arguments: folder, gallery size, runs."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import face_recognition
import numpy as np

folder, people, runs = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
names, rows = [], []
for photo in sorted((folder / "references").iterdir()):
    names.append(photo.stem)
    rows.append(face_recognition.face_encodings(face_recognition.load_image_file(photo))[0])
rng = np.random.default_rng(7)
for _ in range(people - len(names)):
    row = rng.standard_normal(128)
    rows.append(3 * row / np.linalg.norm(row))
answers, times = {}, []
for _ in range(runs):
    for photo in sorted((folder / "probes").iterdir()):
        started = time.perf_counter()
        found = face_recognition.face_encodings(face_recognition.load_image_file(photo))
        distances = face_recognition.face_distance(rows, found[0]) if found else np.ones(1)
        best = int(np.argmin(distances))
        matched = distances[best] <= 0.6 and best < len(names)
        times.append((time.perf_counter() - started) * 1e3)
        answers[photo.stem] = names[best] if matched else None
print(json.dumps({"median_ms": sorted(times)[len(times) // 2], "answers": answers}))
