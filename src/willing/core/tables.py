"""Many tables in one operation of a migration."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateModels(Operation):
    """Create the tables of several models that may refer to each other.

    After each operation Django builds the classes of all models anew that are connected with the one it
    changed, and here nearly all are. One operation a model built 15,000 classes, and that was most of what a
    first start took; this builds them once.
    """

    reduces_to_sql = True
    serialization_expand_args: ClassVar[list[str]] = ["models"]

    def __init__(self, models: Sequence[CreateModel]) -> None:
        self.models = list(models)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return what writes this operation down again."""
        return type(self).__name__, [], {"models": self.models}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add the models to the state, and leave building the classes to whoever asks for one."""
        vars(state).pop("apps", None)
        for model in self.models:
            model.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Create the tables in the order in which they are listed; references follow when all are there."""
        for model in self.models:
            model.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop them, the last one first."""
        for model in reversed(self.models):
            model.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Return what a person reads of this operation."""
        return f"Create {len(self.models)} models"
