from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.disambiguation.name_forms import Kinship, form_of, keys_of, kinship

ALIKE = [
    ("Xiaoming Li", "Xiao-Ming Li", Kinship.SAME),
    ("Xiao Ming Li", "Xiaoming Li", Kinship.SAME),
    ("Pan, Pan", "pan pan", Kinship.SAME),
    ("Wei Li", "Li Wei", Kinship.SAME),
    ("Marc Mézard", "Marc Mezard", Kinship.SAME),
    ("J. P. Smith", "JP Smith", Kinship.SAME),
    ("John Smith", "John A. Smith", Kinship.MIDDLE),
    ("John Adam Smith", "John A. Smith", Kinship.MIDDLE),
    ("Michael Smith", "J. Michael Smith", Kinship.MIDDLE),
    ("K. Yuan", "Kun Yuan", Kinship.INITIAL),
    ("J.-F. Cardoso", "Jean-François Cardoso", Kinship.INITIAL),
    ("JF Cardoso", "Jean-Francois Cardoso", Kinship.INITIAL),
    ("L. van der Maaten", "Laurens van der Maaten", Kinship.INITIAL),
    ("Mike Collins", "Michael Collins", Kinship.SHORT),
    ("Bill Byrne", "William Byrne", Kinship.SHORT),
    ("Maria Garcia", "Maria Garcia Lopez", Kinship.FAMILY),
    ("Serena Yeung", "Serena Yeung-Levy", Kinship.FAMILY),
    ("Hinrich Schuetze", "Hinrich Schutze", Kinship.SAME),
    ("Daniel Cremers", "Daniel Cremrs", Kinship.TYPO),
]
APART = [
    ("Pan Pan", "Wei Pan"),
    ("Pan Pan", "Pan Li"),
    ("Yan Liu", "Yang Liu"),
    ("Jun Li", "Jin Li"),
    ("John A. Smith", "John B. Smith"),
    ("Yue Zhang", "Yu Zhang"),
    ("Xiao Li", "Xiaoming Li"),
    ("Wei Wang 0001", "Wei Wang 0002"),
    ("Kun Yuan", "J. Yuan"),
    ("Wang", "Wei Wang"),
    ("", "Wei Wang"),
]


@pytest.mark.parametrize(("one", "other", "kin"), ALIKE)
def test_forms_of_one_name_are_akin_and_share_a_key(one: str, other: str, kin: Kinship):
    a, b = form_of(one), form_of(other)
    assert kinship(a, b) is kin
    assert kinship(b, a) is kin
    assert keys_of(a) & keys_of(b)


@pytest.mark.parametrize(("one", "other"), APART)
def test_names_of_different_people_are_not_akin(one: str, other: str):
    assert kinship(form_of(one), form_of(other)) is None
    assert kinship(form_of(other), form_of(one)) is None


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts_can_be_compared_and_the_order_does_not_matter(one: str, other: str):
    a, b = form_of(one), form_of(other)
    assert kinship(a, b) == kinship(b, a)
    assert kinship(a, a) is Kinship.SAME
