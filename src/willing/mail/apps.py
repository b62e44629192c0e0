"""Django's entry for this room."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    """The room `mail`."""

    name = "willing.mail"
    label = "mail"

    def ready(self) -> None:
        """Let the worker send what waits, and read what came back."""
        from willing.jobs.registry import Worker, register
        from willing.mail import outbox, returned

        register(outbox.JOB, outbox.send, Worker.MAIL)
        register(outbox.URGENT_JOB, outbox.send, Worker.URGENT)
        register(returned.JOB, returned.read_inbox, Worker.MAIL)
