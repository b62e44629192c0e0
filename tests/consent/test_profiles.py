"""Legal profiles are files and names, and neither is without the other."""

from importlib import resources

from willing.consent import profiles


def test_every_profile_has_a_file_and_every_file_is_a_profile():
    files = [one.name for one in resources.files(profiles).iterdir() if one.name.endswith(".toml")]
    assert sorted(files) == sorted(f"{name}.toml" for name in profiles.NAMES)
    assert [profiles.require_profile(name).name for name in profiles.NAMES] == list(profiles.NAMES)
