"""What only the run on PostgreSQL collects (tests/postgres/run.sh): it starts clusters of its own."""

import os

collect_ignore = [] if os.environ.get("WILLING_DATABASE_URL") else ["test_standby.py"]
