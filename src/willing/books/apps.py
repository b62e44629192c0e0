"""Django's entry for this room."""

from django.apps import AppConfig


class BooksConfig(AppConfig):
    """The room `books`."""

    name = "willing.books"
    label = "books"
