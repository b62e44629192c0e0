"""A column that holds what its row is found by, folded, and that no write can leave behind."""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models

from willing.core.comparison import fold_for_search

M = TypeVar("M", bound=models.Model)
if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField


class FoldedField(_Text):
    """The folded text of other columns of the row (`core.comparison.fold_for_search`)."""

    def __init__(self, *sources: str, **options: Any) -> None:
        self.sources = sources
        super().__init__(**{"editable": False, "blank": True, "default": "", **options})

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Return how a migration makes it again."""
        name, path, _, options = super().deconstruct()
        return name, path, self.sources, options

    def fold(self, row: models.Model) -> str:
        """Set and return its value for a row, as that is now."""
        value = fold_for_search(*(getattr(row, source) for source in self.sources))
        setattr(row, self.attname, value)
        return value

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: ARG002
        """Return what is written."""
        return self.fold(model_instance)


def _folded_by(model: type[models.Model], fields: Collection[str]) -> list[FoldedField]:
    """Return the folded columns that are to change when these columns do."""
    found = [one for one in model._meta.local_fields if isinstance(one, FoldedField)]  # noqa: SLF001
    return [one for one in found if not set(one.sources).isdisjoint(fields)]


class FoldedRows(models.QuerySet[M]):
    """Rows whose folded columns are written with what they are folded from."""

    def bulk_update(self, objs: Iterable[M], fields: Iterable[str], batch_size: int | None = None) -> int:
        """Write columns of many rows."""
        rows, names = list(objs), list(fields)
        for one in _folded_by(self.model, names):
            names.append(one.name)
            for row in rows:
                one.fold(row)
        return super().bulk_update(rows, names, batch_size)

    def update(self, **values: Any) -> int:
        """Write the same values into all rows; of what is folded, all columns at once or none."""
        for one in _folded_by(self.model, values):
            if one.name in values:  # from `bulk_update`
                continue
            assert set(one.sources) <= values.keys(), f"{one.name} needs all of {one.sources}"
            values[one.name] = fold_for_search(*(values[source] for source in one.sources))
        return super().update(**values)


class FoldedModel(models.Model):
    """A model with folded columns."""

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Write a row, its folded columns with what they are folded from."""
        if update_fields is not None:
            names = set(update_fields)
            update_fields = names | {one.name for one in _folded_by(type(self), names)}
        super().save(*args, update_fields=update_fields, **options)
