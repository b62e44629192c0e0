"""What is declared of products, signed for the day, and for whom the day's menu holds nothing safe."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.support.clocks import stopped_at
from tests.support.log import facts_of

from willing.allergens.actions import record_allergen
from willing.core.clock import now
from willing.core.errors import Refused
from willing.people.queries import today
from willing.people.school_days import next_school_day
from willing.till.declaration_models import Declaration, MenuSignature
from willing.till.declarations import NewDeclaration, change_ingredient, declare, sign_menu
from willing.till.dishes import concerned_today, count_unsigned, safe_meals, without_safe_meal
from willing.till.menu_models import Product
from willing.till.products import ProductDetails, add_to_menu, mark_sold_out

MILK = frozenset({"milk"})


@pytest.fixture
def office(cast):
    return cast.user("office")


@pytest.fixture
def rice(cast):
    return add_to_menu(cast.school, ProductDetails("Rice", 240, "meal", is_main_meal=True))


def names(found):
    return [one.name for one in found]


def test_a_declaration_is_a_version_that_nobody_changes(cast, office):
    first = declare(cast.meal, NewDeclaration(("milk", "gluten"), ("milk", "nuts")), by=office)
    assert (first.contains, first.may_contain) == ("gluten,milk", "nuts")
    assert declare(cast.meal, NewDeclaration(("gluten", "milk"), ("nuts",)), by=office) == first
    second = declare(cast.meal, NewDeclaration(("gluten",)), by=office)
    assert cast.meal.declaration == second
    assert Declaration.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Declaration.objects.filter(pk=first.pk).update(contains="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Declaration.objects.filter(pk=first.pk).delete()


def test_a_day_is_signed_once_for_what_is_declared_and_a_change_is_signed_anew(cast, office):
    with pytest.raises(Refused) as refused:
        sign_menu(cast.school, by=office)
    assert refused.value.code == "menu_not_signed"
    declare(cast.meal, NewDeclaration(("milk",)), by=office)
    assert (sign_menu(cast.school, by=office), sign_menu(cast.school, by=office)) == (1, 0)
    declare(cast.meal, NewDeclaration(("milk", "eggs")), by=office)
    assert sign_menu(cast.school, by=office) == 1
    with stopped_at(now() + timedelta(days=1)):
        assert sign_menu(cast.school, by=office) == 1
    assert MenuSignature.objects.count() == 3


def test_a_safe_meal_is_declared_signed_and_there(cast, office, rice):
    declare(cast.meal, NewDeclaration(("milk",)), by=office)
    declare(rice, NewDeclaration(), by=office)
    assert not safe_meals(cast.school, MILK), "nobody has signed it"
    sign_menu(cast.school, by=office)
    assert names(safe_meals(cast.school, MILK)) == ["Rice"]
    mark_sold_out(rice)
    assert not safe_meals(cast.school, MILK)


def test_the_kitchen_is_warned_for_whom_the_days_menu_has_nothing_safe(cast, office, rice):
    ada = cast.person("Ada")
    record_allergen(ada, "milk", by=office)
    declare(cast.meal, NewDeclaration(("milk",)), by=office)
    (unfed,) = without_safe_meal(cast.school)
    assert (unfed.person, unfed.needs, names(unfed.checkable)) == (ada, ("milk",), ["Rice"])
    declare(rice, NewDeclaration((), ("milk",)), by=office)
    assert names(without_safe_meal(cast.school)[0].checkable) == ["Rice"]
    declare(rice, NewDeclaration(), by=office)
    assert not without_safe_meal(cast.school), "signing it is another matter"


def test_a_day_without_a_main_meal_warns_of_nobody(cast, office):
    record_allergen(cast.person("Ada"), "milk", by=office)
    mark_sold_out(cast.meal)
    assert not without_safe_meal(cast.school)


def test_the_next_school_days_menu_is_signed_ahead_and_todays_stays_signed(cast, office):
    declare(cast.meal, NewDeclaration(("milk",)), by=office)
    day = today(cast.school)
    ahead = next_school_day(cast.school, day)
    assert ahead is not None
    sign_menu(cast.school, by=office)
    undeclared = count_unsigned(cast.school)
    assert sign_menu(cast.school, by=office, day=ahead) == 1
    assert count_unsigned(cast.school) == undeclared
    with stopped_at(now() + (ahead - day)):
        assert count_unsigned(cast.school) == undeclared
        assert sign_menu(cast.school, by=office) == 0
        # What was signed ahead for this day outlives the next signing ahead.
        after = next_school_day(cast.school, ahead)
        assert after is not None
        sign_menu(cast.school, by=office, day=after)
        assert count_unsigned(cast.school) == undeclared
    with stopped_at(now() + (after - day)):
        assert count_unsigned(cast.school) == undeclared
        declare(cast.meal, NewDeclaration(("nuts",)), by=office)
        assert count_unsigned(cast.school) == 1 + undeclared, "what changed since is signed again"


@pytest.mark.parametrize("days", [-1, 20])
def test_no_other_day_is_signed(cast, office, days):
    declare(cast.meal, NewDeclaration(("milk",)), by=office)
    with pytest.raises(Refused) as refused:
        sign_menu(cast.school, by=office, day=today(cast.school) + timedelta(days=days))
    assert refused.value.code == "menu_day_not_near"
    assert not facts_of("menu.signed")


def test_a_changed_ingredient_lists_whom_it_concerns(cast, office, rice):
    record_allergen(cast.person("Ada"), "milk", by=office)
    record_allergen(cast.person("Carl"), "nuts", by=office)
    with stopped_at(now() - timedelta(days=2)):
        declare(cast.meal, NewDeclaration(("gluten",)), by=office)
        declare(rice, NewDeclaration(("milk",)), by=office)
    new = NewDeclaration(("milk",), (), "the other baker's bread")
    undeclared = add_to_menu(cast.school, ProductDetails("Soup", 150, "side"))
    made = change_ingredient(cast.school, [cast.meal.pk, rice.pk, undeclared.pk], new, by=office)
    undeclared.refresh_from_db()
    assert undeclared.declaration is None, "what else is in it is not known"
    assert [(one.product.name, one.contains) for one in made] == [("Pasta", "gluten,milk")]
    (change,) = concerned_today(cast.school)
    assert (change.product, change.declaration.change) == (cast.meal, "the other baker's bread")
    assert [(one.given_name, decision.verdict) for one, decision in change.persons] == [("Ada", "block")]


def test_what_a_product_declared_for_the_first_time_concerns_whom_it_blocks(cast, office):
    record_allergen(cast.person("Ada"), "milk", by=office)
    declare(cast.meal, NewDeclaration(("milk",)), by=office)
    (change,) = concerned_today(cast.school)
    assert [one.given_name for one, _decision in change.persons] == ["Ada"]
    assert Product.objects.get(pk=cast.meal.pk).declaration == change.declaration
