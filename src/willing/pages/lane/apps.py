"""Django's entry for this room."""

from django.apps import AppConfig


class LaneConfig(AppConfig):
    """The pages `lane`."""

    name = "willing.pages.lane"
    label = "lane"
