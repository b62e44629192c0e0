"""Codes that people copy by hand."""

from willing.core.codes import CODE_ALPHABET, new_code, normalise_code, show_code


def test_codes_are_random_and_read_back_however_they_are_typed():
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    for code in list(codes)[:50]:
        assert set(code) <= set(CODE_ALPHABET)
        assert normalise_code(show_code(code).lower()) == code
        assert normalise_code(f"  {show_code(code).replace('0', 'o').replace('1', 'l')} ") == code
