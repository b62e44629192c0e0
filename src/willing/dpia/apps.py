"""Django's entry for this room."""

from django.apps import AppConfig


class DpiaConfig(AppConfig):
    """The room `dpia`."""

    name = "willing.dpia"
    label = "dpia"

    def ready(self) -> None:
        """Let the worker write to the data protection officer."""
        from willing.dpia import fuse_mail
        from willing.jobs.registry import Worker, register

        register(fuse_mail.JOB, fuse_mail.mail_officers, Worker.MAIL)
