"""Change tables of SQLite without losing their triggers, which hold the rules of last resort.

Django changes a table by making a new one, copying the rows, dropping the old and renaming the new. SQLite
drops a table's triggers with it in silence, and refuses the renaming while another table's trigger reads the
table. So a column is added in place where SQLite can, and where a table is made anew its triggers are, too.
"""

from typing import Any

from django.db.backends.sqlite3.schema import DatabaseSchemaEditor
from django.db.models import Field, Model


class SchemaEditor(DatabaseSchemaEditor):
    """Django's editor, held to keep every trigger."""

    def add_field(self, model: type[Model], field: "Field[Any, Any]") -> None:
        """Add a column: in place where its default is a constant, for no trigger notices that."""
        default = self.effective_default(field)
        is_plain = not (field.many_to_many or field.is_relation or field.primary_key or field.unique)
        if not is_plain or field.has_db_default() or field.generated or default is None:
            super().add_field(model, field)
            return
        definition, _ = self.column_sql(model, field)
        check = field.db_parameters(connection=self.connection)["check"]
        self.execute(
            f"ALTER TABLE {self.quote_name(model._meta.db_table)} ADD COLUMN "  # noqa: SLF001
            f"{self.quote_name(str(field.column))} {definition} DEFAULT {self.quote_value(default)}"
            + (f" CHECK ({check})" if check else ""),
            None,  # DDL takes no parameters
        )
        self.deferred_sql.extend(self._field_indexes_sql(model, field))  # type: ignore[attr-defined]

    def _remake_table(self, model: type[Model], *args: Any, **kwargs: Any) -> None:
        """Make a table anew with its triggers, while other tables' triggers may read it."""
        table = model._meta.db_table  # noqa: SLF001
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
            triggers = [row[0] for row in cursor.fetchall()]
        self.execute("PRAGMA legacy_alter_table = ON")
        try:
            super()._remake_table(model, *args, **kwargs)  # type: ignore[misc]
        finally:
            self.execute("PRAGMA legacy_alter_table = OFF")
        for trigger in triggers:
            self.execute(trigger, None)
