"""Notices, decisions, legal profiles and permission(person, purpose)."""
