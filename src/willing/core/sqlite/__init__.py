"""Django's backend for SQLite, its writers in one line (`core.write_queue`)."""
