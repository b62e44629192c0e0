"""Passwords compare as RFC 8265 says, whatever keyboard they come from."""

from typing import Any

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from willing.accounts.actions import NewUser, add_user


def test_a_password_set_on_one_keyboard_is_right_on_another() -> None:
    hashed = make_password("Blåbær og\u00a0fløde")
    assert check_password("Bla\u030abær og fløde", hashed)
    assert not check_password("blåbær og fløde", hashed)
    assert not check_password("Blabær og fløde", hashed)


def test_a_password_that_is_none_is_wrong_and_breaks_nothing() -> None:
    hashed = make_password("four words are enough")
    assert not check_password("four words are\tenough", hashed)
    assert not check_password("", hashed)


def test_a_new_password_with_a_character_that_nobody_sees_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="cannot be seen"):
        validate_password("four words\u200b are enough")


def test_a_member_of_staff_signs_in_with_the_same_letters_from_another_keyboard(cast: Any) -> None:
    add_user(cast.school, NewUser("jo", "crème brûlée, four", "Jo", ("cashier",)))
    typed = {"login": "jo", "password": "cre\u0300me bru\u0302le\u0301e, four"}
    assert Client().post("/sign-in/", typed).headers.get("Location"), "signed in"
