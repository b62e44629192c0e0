"""Django's backend for PostgreSQL, whose commits wait for a standby no longer than a till can (`standby`)."""
