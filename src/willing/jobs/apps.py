"""Django's entry for this room."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The room `jobs`."""

    name = "willing.jobs"
    label = "jobs"
