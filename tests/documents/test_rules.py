"""Statistics worth a warning, and figures too small to show, by table."""

from dataclasses import FrozenInstanceError

import pytest

from willing.documents.rules import (
    SHOWN_AT_LEAST,
    SLOWER_BY_FACTOR,
    SLOWER_BY_SECONDS,
    ClassUse,
    classes_with_faces_only,
    permille,
    shown_use,
    slower_than_face,
    slower_ways,
)
from willing.gate.reports import WayWait
from willing.till.reports import Wait


def waits(**medians):
    return [Wait(way, 20, median, median) for way, median in medians.items()]


@pytest.mark.parametrize(
    ("medians", "slower"),
    [
        ({}, []),
        ({"card": None}, []),
        ({"card": 8, "pin": None}, []),
        ({"card": 8, "pin": 8}, []),
        ({"card": 8, "pin": 12}, []),
        ({"card": 8, "pin": 13}, ["pin"]),  # five seconds more
        ({"card": 40, "pin": 49}, []),
        ({"card": 40, "pin": 50}, ["pin"]),  # a quarter more
        ({"card": 20, "pin": 24}, []),
        ({"card": 20, "pin": 25}, ["pin"]),
        ({"card": 0, "pin": 4, "face": 5}, ["face"]),
        ({"card": 1, "pin": 5}, []),
        ({"card": 1, "pin": 6}, ["pin"]),
        ({"card": 60, "pin": 8, "face": 61}, ["card", "face"]),
    ],
)
def test_a_way_is_slower_from_a_quarter_and_five_seconds_on(medians, slower):
    assert slower_ways(waits(**medians)) == slower


@pytest.mark.parametrize(
    ("medians", "slower"),
    [
        ({}, []),
        ({"card": 4, "pin": 90}, []),  # no face is used there
        ({"face": None, "pin": 90}, []),
        ({"face": 30, "card": 4, "pin": 79}, []),
        ({"face": 30, "card": None, "pin": 80}, ["pin"]),  # five seconds more
        ({"face": 400, "pin": 499}, []),
        ({"face": 400, "pin": 500, "staff": 600}, ["pin", "staff"]),  # a quarter more
    ],
)
def test_at_the_gate_a_way_is_slower_than_the_face_from_a_quarter_and_five_seconds_on(medians, slower):
    found = [WayWait(way, way, 20, median, median) for way, median in medians.items()]
    assert slower_than_face(found) == slower


def test_figures_of_fewer_than_five_are_hidden():
    shown = shown_use({"7A": {"card": 5, "pin": 4}, "8B": {"face": 0, "card": 6}})
    assert shown == [
        ClassUse("7A", "card", 5),
        ClassUse("7A", "pin", None),
        ClassUse("8B", "face", None),
        ClassUse("8B", "card", 6),
    ]
    with pytest.raises(FrozenInstanceError):
        shown[0].payments = 1  # type: ignore[misc]  # frozen for mypy as well


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        ({"7A": {"face": 5}}, ["7A"]),
        ({"7A": {"face": 4}}, []),
        ({"7A": {"face": 6}, "8B": {"face": 50}}, ["7A", "8B"]),
        ({"7A": {"face": 50, "card": 1}}, []),
        ({"7A": {"card": 50}}, []),
        ({"": {"face": 50}}, []),
        ({"7A": {}}, []),
    ],
)
def test_a_class_that_pays_with_faces_only_is_asked_about(counts, found):
    assert classes_with_faces_only(counts) == found


@pytest.mark.parametrize(
    ("part", "whole", "at_least", "thousandths"),
    [
        (1, 3, 1, 333),
        (2, 3, 1, 667),
        (3, 3, 3, 1000),
        (3, 3, 4, None),
        (0, 0, 0, None),
        (0, 1, 0, 0),
        (1, 1, 0, 1000),
        (1, 1, 1, 1000),
        (1, 2, -5, 500),
    ],
)
def test_a_part_is_told_in_thousandths_of_enough(part, whole, at_least, thousandths):
    assert permille(part, whole, at_least=at_least) == thousandths


def test_the_bounds_that_the_documents_name():
    assert (SLOWER_BY_FACTOR, SLOWER_BY_SECONDS, SHOWN_AT_LEAST) == (1.25, 5, 5)
