"""Django's entry for this room."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    """The room `assessment`."""

    name = "willing.assessment"
    label = "assessment"
