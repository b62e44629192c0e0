"""Measurements that take minutes: `make faults` asks for them, `make test` leaves them alone."""

import os

collect_ignore_glob = [] if os.environ.get("WILLING_FAULTS") else ["test_*.py"]
