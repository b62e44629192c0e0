"""Several rows of another table as one column of a query, so that a sale need not ask for them apart."""

from typing import Any

from django.db.models import Aggregate, TextField


class JsonRows(Aggregate):
    """The values of several columns of all rows, as the text of a JSON list of lists."""

    output_field = TextField()
    allow_distinct = False

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return it as SQLite has it."""
        template = "JSON_GROUP_ARRAY(JSON_ARRAY(%(expressions)s))"
        return super().as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return it as PostgreSQL has it."""
        template = "JSON_AGG(JSON_BUILD_ARRAY(%(expressions)s))::text"
        return super().as_sql(compiler, connection, template=template, **context)
