"""Which purposes this installation can serve: those of the apps that are installed.

An app that has terminals names what they are for in `serves_purposes` of its AppConfig, so that families are
asked about nothing else, and this room need not know which apps there are.
"""

from django.apps import apps

from willing.consent.models import Purpose


def served_purposes() -> tuple[Purpose, ...]:
    """Return the purposes that some installed app has terminals for."""
    named = {purpose for app in apps.get_app_configs() for purpose in getattr(app, "serves_purposes", ())}
    return tuple(purpose for purpose in Purpose if purpose.value in named)
