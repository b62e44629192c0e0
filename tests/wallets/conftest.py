"""A school that sends mail, as the tests of mail have it."""

from tests.mail.conftest import gus, post, school

__all__ = ["gus", "post", "school"]
