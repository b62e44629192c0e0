"""Django's entry for this room."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The room `api`."""

    name = "willing.api"
    label = "api"
