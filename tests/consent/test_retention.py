"""One table says how long everything is kept; nobody can say or do something else."""

from collections import Counter

import pytest
from django.apps import apps

from willing.consent.profiles import NAMES, require_profile
from willing.consent.retention import LANGUAGES, SINCE, how_long, kinds, require_kind
from willing.consent.wording import terms_of
from willing.ops.backup import KEEP_KEYS_DAYS
from willing.privacy.retention_job import FACES, IMPORTS, PURGES


def test_every_table_belongs_to_exactly_one_kind():
    named = Counter(model for kind in kinds() for model in kind.models)
    there = {model._meta.label for model in apps.get_models()}
    assert sorted(named) == sorted(there), "give each table a place in consent/retention.toml"
    assert set(named.values()) == {1}


def test_every_kind_with_a_limit_has_a_sweeper_and_no_sweeper_is_without_a_kind():
    limited = {kind.key for kind in kinds() if kind.where == "database" and (kind.profile or kind.days)}
    assert limited == {one.kind for one in PURGES} | {FACES, IMPORTS.kind}


def test_every_kind_says_how_it_ends():
    keys = {kind.key for kind in kinds()}
    for kind in kinds():
        says = [kind.days is not None, bool(kind.profile), bool(kind.together_with), kind.for_ever]
        assert says.count(True) == 1, kind.key
        assert kind.together_with in keys | {""}
        assert kind.since in SINCE
        assert kind.where in ("database", "memory", "paper", "copies")
        for language in LANGUAGES:
            words = kind.in_language(language)
            assert all((words.name, words.holds, words.legal_basis, words.deleted_when))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_hold_the_profile_s_own_days(name, language):
    profile = require_profile(name)
    words = how_long(require_kind("templates"), profile, language)
    assert str(profile.keep_days_max) in words
    assert str(profile.unused_days_max) in words
    assert str(profile.unused_days_max) in how_long(require_kind("face_sessions"), profile, language)


@pytest.mark.parametrize("name", NAMES)
def test_gdpr_13_the_notices_tell_the_days_that_the_sweep_keeps(name):
    told = terms_of(require_profile(name))
    limits = require_kind("templates").limits(require_profile(name))
    assert (told["keep_days"], told["unused_days"]) == tuple(limits.values())


def test_copies_of_the_keys_end_when_the_table_says_so():
    assert require_kind("key_copies").days == KEEP_KEYS_DAYS


def test_bipa_a_template_ends_within_three_years_of_its_last_use_under_every_profile():
    for name in NAMES:
        assert require_kind("templates").limits(require_profile(name))["unused_days_max"] <= 3 * 365


def test_an_unknown_kind_is_an_error_and_english_speaks_for_other_languages():
    with pytest.raises(LookupError):
        require_kind("diaries")
    assert how_long(require_kind("sales"), require_profile("eu"), "fr") == "Same as: Pupils and staff"
