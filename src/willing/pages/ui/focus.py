"""Where a page's cursor is after a form was refused."""

from collections.abc import Mapping
from typing import Any

from django import forms


class FocusesErrors(forms.Form):
    """A form that sends the browser to what has to be put right."""

    def focus_first_error(self) -> None:
        """Let the browser go to the first field that is not right; on a phone it is below the fold."""
        wrong = next((name for name in self.fields if name in self.errors), None)
        if wrong is None:
            return
        for field in self.fields.values():
            field.widget.attrs.pop("autofocus", None)
        widget = self.fields[wrong].widget
        widget.attrs["autofocus"] = True
        if isinstance(widget, forms.RadioSelect):  # and so boxes to tick: each would ask for the cursor
            _focus_first_only(widget)


def _focus_first_only(widget: forms.RadioSelect) -> None:
    plain = widget.create_option

    def create(
        name: str, value: Any, label: Any, selected: Any, index: int, *more: Any, **options: Any
    ) -> Any:
        option = plain(name, value, label, selected, index, *more, **options)
        if index:
            option["attrs"].pop("autofocus", None)
        return option

    widget.create_option = create  # type: ignore[method-assign]  # of this form's own copy of the widget


def focus_refused(context: Mapping[str, object]) -> None:
    """Do so in every form of a page that was sent."""
    for one in context.values():
        if isinstance(one, FocusesErrors) and one.is_bound:
            one.focus_first_error()
