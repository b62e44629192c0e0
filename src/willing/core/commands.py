"""What commands of several rooms share."""

import click


class Damaged(click.ClickException):
    """Nothing can be said about what a database holds. Exit 3, not 1: it is no finding about the contents."""

    exit_code = 3
