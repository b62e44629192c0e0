"""Verify a log without trusting the installation that wrote it.

Nothing here imports Django, the database or any other room: only the standard library, and `cryptography` for
signatures. `python -m willing.audit.verify --help` tells the commands; docs/reference/log.md the file forms.
"""
