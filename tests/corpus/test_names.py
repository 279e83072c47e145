"""Name keys."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.corpus.names import MAX_KEY_LENGTH, is_et_al, name_key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Pan Pan", "pan pan"),
        ("Pan, Pan", "pan pan"),
        ("pan pan", "pan pan"),
        ("  PAN\tPAN ", "pan pan"),
        ("Pan, Wei", "wei pan"),
        ("Mézard", "mezard"),
        ("Me\u0301zard", "mezard"),
        ("Jørgen Łukasz Straße Đorđe Ærø", "jorgen lukasz strasse dorde aero"),
        ("İbrahim Işık", "ibrahim isik"),
        ("Jean-Francois", "jean francois"),
        ("J.-F. Cardoso", "j f cardoso"),
        ("P. Pan", "p pan"),
        ("Moreno D'Incà", "moreno dinca"),
        ("Moreno D’Incà", "moreno dinca"),
        ("ＰＡＮ　Ｐａｎ", "pan pan"),
        ("\u202ePan\u200b Pan\u2069\ufeff", "pan pan"),
        ("John Smith, Jr.", "john smith jr"),
        ("Smith, John, Jr.", "john smith jr"),
        ("潘攀", "潘攀"),
        ("Йосиф Бродский", "йосиф бродский"),
        ("محمد علي", "محمد علي"),
        ("हिन्दी", "हिन्दी"),
        ("Γιώργος", "γιώργοσ"),
        ("", ""),
        ("   ", ""),
        (":", ""),
    ],
)
def test_spellings_of_one_name_have_one_key(written: str, key: str) -> None:
    assert name_key(written) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wei Pan", "Pan Wei"),
        ("Pan Pan", "Pan Li"),
        ("P. Pan", "Pan Pan"),
        ("Pna Pan", "Pan Pan"),
        ("Йосиф", "Иосиф"),
        ("John Smith, Jr.", "John Smith"),
    ],
)
def test_different_people_keep_different_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_a_very_long_name_has_a_key_that_fits_an_index() -> None:
    assert name_key("潘" * 500) == "潘" * 500
    assert len(name_key("\ufdfa" * 500)) <= MAX_KEY_LENGTH


@given(st.text(max_size=60))
@example("ŉ x")
@example("ﬁ, ﬂ")
def test_a_key_is_its_own_key(name: str) -> None:
    key = name_key(name)
    assert name_key(key) == key
    assert key == " ".join(key.split())


@given(st.text(max_size=30).filter(lambda name: "," not in name))
def test_case_does_not_change_a_key_of_plain_letters(name: str) -> None:
    plain = "".join(character for character in name if character.isascii())
    assert name_key(plain.upper()) == name_key(plain.lower())


@pytest.mark.parametrize(
    "text", ["et al.", "et al", "Et Al.", "et. al.", "and others", "others", "...", "…", " et al. "]
)
def test_what_says_that_a_list_goes_on_is_known(text: str) -> None:
    assert is_et_al(text)


@pytest.mark.parametrize("text", ["", "Alan Et", "Pan Pan", "al", "et alia Pan"])
def test_names_are_not_taken_for_et_al(text: str) -> None:
    assert not is_et_al(text)
