"""Django's entry for this room."""

from django.apps import AppConfig


class DpiaConfig(AppConfig):
    """The room `dpia`."""

    name = "willing.dpia"
    label = "dpia"
