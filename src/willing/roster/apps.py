"""Django's entry for this room."""

from django.apps import AppConfig


class RosterConfig(AppConfig):
    """The room `roster`."""

    name = "willing.roster"
    label = "roster"

    def ready(self) -> None:
        """Let the worker import uploaded lists."""
        from willing.jobs.registry import Worker, register
        from willing.roster import import_job

        register(import_job.JOB, import_job.import_uploaded, Worker.LONG)
