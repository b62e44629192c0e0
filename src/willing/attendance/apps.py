"""Django's entry for this room."""

from django.apps import AppConfig


class AttendanceConfig(AppConfig):
    """The room `attendance`."""

    name = "willing.attendance"
    label = "attendance"
