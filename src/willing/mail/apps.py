"""Django's entry for this room."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    """The room `mail`."""

    name = "willing.mail"
    label = "mail"

    def ready(self) -> None:
        """Let the worker send what waits."""
        from willing.jobs.registry import register
        from willing.mail.outbox import JOB, send

        register(JOB, send)
