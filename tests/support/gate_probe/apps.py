"""Django's entry for this app."""

from pathlib import Path

from django.apps import AppConfig


class GateProbeConfig(AppConfig):
    """A gate: it serves the purpose that families are then asked about."""

    name = "tests.support.gate_probe"
    label = "gate_probe"
    path = str(Path(__file__).parent)
    serves_purposes = ("gate",)
