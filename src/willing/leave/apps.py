"""Django's entry for this room."""

from django.apps import AppConfig


class LeaveConfig(AppConfig):
    """The room `leave`."""

    name = "willing.leave"
    label = "leave"
