"""The tests' settings with what keeps migrations in one line; a school's installation has no such tool.

Each room's migrations/max_migration.txt names its newest migration, so that two branches that each add one
meet in a conflict of that file, and not in a database. `make migrations` writes them, `make check` compares.
"""

from tests.settings import *  # noqa: F403

FIRST_PARTY_APPS = [name for name in INSTALLED_APPS if name.startswith("willing.")]  # noqa: F405
INSTALLED_APPS = [*INSTALLED_APPS, "django_linear_migrations"]  # noqa: F405
