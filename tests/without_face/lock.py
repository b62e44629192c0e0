"""Print the lock file without the packages that only the face engine needs."""

import re
import sys
import tomllib
from pathlib import Path

lock = Path(sys.argv[1]).read_text(encoding="utf-8")
face = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"][
    "face"
]
left_out = {re.split(r"[\[<>=!~ ]", name)[0] for name in face} | {
    "openvino-telemetry",
    "ml-dtypes",
    "protobuf",
}
for block in re.split(r"\n(?=\S)", lock.strip()):
    if re.split(r"[\[<>=!~ ;]", block)[0] not in left_out:
        sys.stdout.write(block + "\n")
