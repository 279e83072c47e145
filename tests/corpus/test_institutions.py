from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.corpus.institutions import affiliations_of, institution_key, institution_name, place_of
from bot.corpus.paper import Affiliation


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Department of Physics, University of Rostock, 18059 Rostock, Germany", "University of Rostock"),
        ("Univ Rostock, Dept Phys, D-18059 Rostock, Germany", "Univ Rostock"),
        ("1 School of Computer Science, Carnegie Mellon University", "Carnegie Mellon University"),
        ("Institute of Physics, Chinese Academy of Sciences, Beijing", "Chinese Academy of Sciences"),
        ("Dept. of Biology, King's College London, UK. a.b@kcl.ac.uk.", "King's College London"),
        (
            "Massachusetts Institute of Technology, Cambridge, MA",
            "Massachusetts Institute of Technology",
        ),
        ("Division of Surgery, Mayo Clinic, Rochester, Minnesota, USA.", "Mayo Clinic"),
        ("Google Research, Mountain View, CA, USA", "Google Research"),
        ("University of California, Los Angeles, CA 90095", "University of California, Los Angeles"),
        ("Faculté des Sciences, Université de Liège, Belgique", "Université de Liège"),
        ("Lehrstuhl für Informatik 5, RWTH Aachen, Hochschule, Germany", "Hochschule"),
        ("清华大学", "清华大学"),
        ("someone@example.org", ""),
        ("", ""),
        (", ; .", ""),
    ],
)
def test_the_institution_stands_without_department_and_address(written: str, name: str):
    assert institution_name(written) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("University of Rostock", "Universität Rostock"),
        ("Univ Rostock", "Rostock University"),
        ("Inst. of Science and Technology Austria", "Institute of Science and Technology Austria"),
        ("Natl Univ Singapore", "National University of Singapore"),
        ("IBM Research", "IBM Res"),
    ],
)
def test_one_institution_has_one_key_however_it_is_written(one: str, other: str):
    keys = {institution_key(Affiliation(name=name)) for name in (one, other)}
    assert len(keys) == 1


def test_institutions_that_differ_by_their_kind_alone_are_two():
    names = ("University of Massachusetts", "Massachusetts Institute of Technology")
    assert len({institution_key(Affiliation(name=name)) for name in names}) == 2


def test_a_ror_id_decides_whatever_the_name_and_its_form():
    ids = ["https://ror.org/03zdwsf69", "03zdwsf69", "ror.org/03zdwsf69/"]
    found = affiliations_of([("University of Rostock", one) for one in ids])
    assert [(one.name, one.ror) for one in found] == [("University of Rostock", "03zdwsf69")]
    assert affiliations_of([("X University", "Q42")])[0].ror is None
    assert place_of(found[0]) == "rostock ror03zdwsf69"


def test_several_in_one_text_are_several():
    found = affiliations_of([("Dept. A, University of Rostock; Mayo Clinic, Rochester; a@b.org", None)])
    assert [one.name for one in found] == ["University of Rostock", "Mayo Clinic"]


@given(st.text(max_size=300))
def test_any_text_is_an_institution_of_it_or_none(written: str):
    name = institution_name(written)
    assert name == "" or place_of(Affiliation(name=name))
