"""Django's entry for this room."""

from django.apps import AppConfig


class ConsentFormsConfig(AppConfig):
    """The room `consent_forms`."""

    name = "willing.consent_forms"
    label = "consent_forms"
