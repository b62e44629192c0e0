"""Take copies of an installation, and die at one moment: killed, not raised. Run by its test."""

import os
import signal
import sys
from pathlib import Path
from typing import Any
from unittest import mock

os.environ["DJANGO_SETTINGS_MODULE"] = "willing.config.settings"

import django

django.setup()

import pyrage  # noqa: E402

from willing.ops import copies, manifest  # noqa: E402

moment, recipient, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
_encrypt, _sign = pyrage.encrypt_io, manifest.sign_manifest


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class _Dying:
    def __init__(self, file: Any) -> None:
        self.file, self.writes = file, 0

    def write(self, data: bytes) -> int:
        self.writes += 1
        if moment == "encrypting" and self.writes > 3:
            self.file.flush()
            die()
        return int(self.file.write(data))

    def flush(self) -> None:
        self.file.flush()


def encrypt(source: Any, target: Any, recipients: Any) -> None:
    if moment == "copied":
        die()
    _encrypt(source, _Dying(target), recipients)


def sign(*arguments: Any) -> None:
    _sign(*arguments)
    die()


pyrage.encrypt_io = encrypt
mock.patch.object(copies, "sign_manifest", sign).start()
copies.copy_database("keys" if moment == "signed" else "default", folder / "main", recipient)
