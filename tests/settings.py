"""The product's own settings, in a folder that is made for this run and removed after it."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests.support.homes import make_secrets

os.umask(0o077)  # as the product does: it refuses files that others could read
_HOME = tempfile.mkdtemp(prefix="willing-test-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
make_secrets(Path(_HOME))
os.environ["WILLING_HOME"] = _HOME
os.environ.pop("WILLING_MASTER_KEY", None)

from willing.config.settings import *  # noqa: E402, F403

# A killed process loses nothing that it handed to the system; only a power cut would, and no test cuts power.
for _database in DATABASES.values():  # noqa: F405
    _options = _database.get("OPTIONS", {})
    if "init_command" in _options:
        _options["init_command"] = _options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
PASSWORD_HASHERS = ["tests.support.hashing.CheapArgon2", "tests.support.hashing.CheapPinArgon2"]
# Plain names, served from where they lie: no test has to wait for files to be written.
STATIC_ROOT = None  # type: ignore[assignment]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
# Each test client has a handler of its own, and each handler would look for the same files again.
MIDDLEWARE = [
    "tests.support.static.LookedOnce" if one == "whitenoise.middleware.WhiteNoiseMiddleware" else one
    for one in MIDDLEWARE  # noqa: F405
]
