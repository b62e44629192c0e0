"""What a published notice says, and that it says what the rule and the sweep do."""

import re

import pytest

from willing.consent.models import Notice, Purpose
from willing.consent.profiles import NAMES, require_profile
from willing.consent.rules import ANSWER_AGAIN_DAYS
from willing.consent.wording import ShippedNotice, read_draft, terms_of, write_notice

SHIPPED = [
    f"{purpose}.{reader}.{language}"
    for purpose in Purpose.values
    for reader in Notice.Reader.values
    for language in ("en", "zh-hans")
]


def shipped(name):
    from importlib import resources

    return (resources.files("willing.consent.notices") / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_purpose_has_a_text_for_every_reader_in_both_languages_and_for_every_law(name):
    _, reader, language = name.split(".")
    draft = read_draft(shipped(name))
    for profile in map(require_profile, NAMES):
        text = write_notice(draft, profile, reader, language)
        assert text.startswith("# ")
        assert "${" not in text
        assert "{" not in text
        assert "---" not in text


@pytest.mark.parametrize("name", [name for name in SHIPPED if ".en" in name and ".child" not in name])
def test_ico_north_ayrshire_the_notice_says_plainly_that_nobody_needs_a_face(name):
    first = read_draft(shipped(name)).text.split("\n\n")[1]
    assert re.match(
        r"\*\*(Your child does|You do) not need to use (their|your) face to (eat|buy|come|borrow)", first
    )
    assert "as easy, and costs nothing" in first


@pytest.mark.parametrize("name", NAMES)
def test_a_notice_tells_the_days_and_ages_that_the_rule_uses(name):
    profile = require_profile(name)
    text = write_notice(read_draft(shipped("canteen.adult.en")), profile, "adult", "en")
    assert f"{profile.keep_days_max} days after the pictures" in text
    assert f"{profile.unused_days_max} days without use" in text
    assert f"Until your child is {profile.guardians_decide_below_age}, at least one guardian" in text
    assert f"within {ANSWER_AGAIN_DAYS} days" in text
    assert profile.guardians_yes_at_least == 1  # the text says "one"
    assert profile.any_guardian_no_wins  # and "If any guardian says no"
    from_age = f"From the age of {profile.own_yes_from_age}, your child must say yes"
    assert (from_age in text) is bool(profile.own_yes_from_age)


def test_an_adult_reads_about_themselves_and_of_no_child():
    for name in (name for name in SHIPPED if ".self.en" in name):
        text = write_notice(read_draft(shipped(name)), require_profile("strict"), "self", "en")
        assert "child" not in text.lower()
        assert "guardian" not in text.lower()


def test_pipl_30_the_notice_in_china_tells_what_a_leak_can_do():
    text = write_notice(
        read_draft(shipped("canteen.adult.zh-hans")), require_profile("china"), "adult", "zh-hans"
    )
    assert "敏感个人信息" in text
    assert "网信部门" in text


def test_bipa_15_the_yes_is_called_a_written_release():
    text = write_notice(read_draft(shipped("canteen.adult.en")), require_profile("illinois"), "adult", "en")
    assert "written release" in text


def test_profiles_differ_in_their_terms():
    assert len({tuple(sorted(terms_of(require_profile(name)).items())) for name in NAMES}) == len(NAMES)


def test_a_text_without_front_matter_is_material():
    assert read_draft("# A\n") == ShippedNotice("# A\n", is_material=True)


def test_only_the_words_material_false_spare_the_families_a_question():
    assert read_draft("---\nmaterial: false\n---\n# A\n") == ShippedNotice("# A\n", is_material=False)
    assert read_draft("---\nmaterial: true\n---\n# A\n") == ShippedNotice("# A\n", is_material=True)
    assert read_draft("---\n---\n# A\n") == ShippedNotice("# A\n", is_material=True)


@pytest.mark.parametrize(
    "head", ["material: maybe\n---\n", "material: no\n---\n", "x: y\n---\n", "material\n---\n", ""]
)
def test_a_front_matter_that_is_not_understood_is_an_error(head):
    with pytest.raises(ValueError, match="front matter"):
        read_draft(f"---\n{head}# A\n")
