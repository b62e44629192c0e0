"""Django's entry for this room."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The room `audit`."""

    name = "willing.audit"
    label = "audit"
