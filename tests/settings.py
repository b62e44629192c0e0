"""The product's own settings, in a folder that is made for this run and removed after it."""

import atexit
import os
import shutil
import tempfile

_HOME = tempfile.mkdtemp(prefix="willing-test-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ["WILLING_HOME"] = _HOME
os.environ.pop("WILLING_MASTER_KEY", None)

from willing.config.settings import *  # noqa: E402, F403
