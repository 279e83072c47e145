"""Names as files write them, and as papers print them."""

from __future__ import annotations

import pytest

from bot.corpus.person_names import given_first, is_group, split_at_commas, split_by_signs

NAMES = {
    "Hale, Ida": "Ida Hale",
    "Bo Lund, PhD": "Bo Lund",
    "Bo Lund Ph.D.": "Bo Lund",
    "Eve Tamm1,*": "Eve Tamm",
    "DR. PIET MOOR": "PIET MOOR",
    "Prof. Dr. Eva Stow": "Eva Stow",
    "Cy$^{1}$ Hare": "Cy Hare",
    "Ida Hale¹": "Ida Hale",
    "Bo Lund†": "Bo Lund",
    "Lund, Bo 1,2": "Bo Lund",
    "Bo Lund 3": "Bo Lund",
    "Jörg Sydo*": "Jörg Sydo",
    "Piet (KU Quay) Moor": "Piet Moor",
    "McKay, Jr., John W.": "John W. McKay Jr.",
    "Stone, Adlai E., III": "Adlai E. Stone III",
    "King Jr., Martin Luther": "Martin Luther King Jr.",
    "van der Berg, Piet": "Piet van der Berg",
    "Hager, J. et al.": "J. Hager",
    "Hale I.": "I. Hale",
    "Chang A.D.": "A.D. Chang",
    "سلمان، محمد": "محمد سلمان",
    "Daosheng Deng (邓道盛)": "Daosheng Deng (邓道盛)",
    "Sandy Anderson and": "Sandy Anderson",
    "Alan D. Sok,": "Alan D. Sok",
    "FROST Collaboration": "FROST Collaboration",
    "Institute for Ropes, Oslo": "Institute for Ropes, Oslo",
    "Wei Wang 0002": "Wei Wang 0002",
    "on behalf of the FROST Investigators": "FROST Investigators",
    "for the FROST Study Group": "FROST Study Group",
    "Moor MD, Piet": "Piet Moor",
    "Moor, Piet MD": "Piet Moor",
    "Hale, Ida u. a.": "Ida Hale",
    # Nothing of these is a mark, a degree or a title.
    "Yo Yo Ma": "Yo Yo Ma",
    "Yan, Ma": "Ma Yan",
    "Hasan Md": "Hasan Md",
    "Ing Chen": "Ing Chen",
    "E Smith": "E Smith",
    "Peeters FM": "Peeters FM",
    "Malcolm X": "Malcolm X",
    "Suharto": "Suharto",
    "王小明": "王小明",
    "A. B.-C. Doe": "A. B.-C. Doe",
}


@pytest.mark.parametrize("written", NAMES)
def test_a_name_is_printed_given_first_without_what_is_no_name(written: str):
    assert given_first(written) == NAMES[written]
    assert given_first(NAMES[written]) == NAMES[written]


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Hale I", "I. Hale"),
        ("Brownstone C D", "C. D. Brownstone"),
        ("Peeters FM", "F. M. Peeters"),
        ("HALE, IDA", "IDA HALE"),
        ("HALE, IM", "I. M. HALE"),
    ],
)
def test_formats_that_write_the_family_first_are_turned_round(written: str, printed: str):
    assert given_first(written, family_first=True) == printed


@pytest.mark.parametrize(
    "written",
    [
        "Anonymous",
        "et al.",
        "N/A",
        "",
        "*",
        "and",
        "Unknown",
        "…",
        "and 3 others",
        "12 more authors",
        "u.a.",
        "等",
    ],
)
def test_what_names_nobody_is_nobody(written: str):
    assert given_first(written) == ""


@pytest.mark.parametrize(
    ("written", "names", "is_cut"),
    [
        ("Zwolle, H.; Reinhart, J.A.; Quist, Mia", ("H. Zwolle", "J.A. Reinhart", "Mia Quist"), False),
        ("Adam Czarny; Cezary Orlik;", ("Adam Czarny", "Cezary Orlik"), False),
        ("John Smit, Peter Wills, Mary Joon", ("John Smit", "Peter Wills", "Mary Joon"), False),
        ("Ida Hale, Piet Moor and Bo Lund", ("Ida Hale", "Piet Moor", "Bo Lund"), False),
        ("Bo Lund and Eve Tamm", ("Bo Lund", "Eve Tamm"), False),
        ("Hale, Ida", ("Ida Hale",), False),
        ("Hale, I.; et al.", ("I. Hale",), True),
        ("Hale, I.; Moor, P.; and Lund, B.", ("I. Hale", "P. Moor", "B. Lund"), False),
        ("Hale I, Moor PJ, Lund B.", ("I. Hale", "P. J. Moor", "B. Lund"), False),
        ("Hale I, Moor PJ, et al.", ("I. Hale", "P. J. Moor"), True),
        ("Hale, I., Moor, P. J., Lund, B.", ("I. Hale", "P. J. Moor", "B. Lund"), False),
        ("I. Hale, P. J. van Moor", ("I. Hale", "P. J. van Moor"), False),
        ("Ida Hale und Piet Moor", ("Ida Hale", "Piet Moor"), False),
        ("Hale, Ida et Moor, Piet", ("Ida Hale", "Piet Moor"), False),
        ("Hale, Ida/Moor, Piet", ("Ida Hale", "Piet Moor"), False),
        (
            "Hale, I.; Moor, P. for the FROST Collaboration",
            ("I. Hale", "P. Moor", "FROST Collaboration"),
            False,
        ),
        (
            "The FROST Collaboration: I. Hale, P. Moor, et al. (290 additional authors not shown)",
            ("The FROST Collaboration", "I. Hale", "P. Moor"),
            True,
        ),
        # Of these, nothing parts two people for certain.
        ("Karl von und zu Moor", ("Karl von und zu Moor",), False),
        ("Office for Harbours and Piers", ("Office for Harbours and Piers",), False),
    ],
)
def test_a_list_in_one_text_is_parted_where_that_is_certain(
    written: str, names: tuple[str, ...], is_cut: bool
):
    listed = split_by_signs(written)
    assert (listed.names, listed.is_cut, listed.doubt) == (names, is_cut, None)


def test_a_list_that_is_not_certain_is_said():
    for written in ("John Smit, Peter Wills", "Garcia Lopez, Maria J.", "King III, Martin L"):
        assert "may be two authors" in (split_by_signs(written).doubt or "")


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Martin L. King, Jr., Ida Hale", ("Martin L. King Jr.", "Ida Hale")),
        ("Ida Hale (Quay University), Bo Lund (Pier Institute, Oslo)", ("Ida Hale", "Bo Lund")),
        ("Ida Hale, Bo Lund and Eve Tamm", ("Ida Hale", "Bo Lund", "Eve Tamm")),
        ("FROST Collaboration: Ida Hale, Bo Lund", ("FROST Collaboration", "Ida Hale", "Bo Lund")),
    ],
)
def test_lists_of_feeds_are_parted_at_their_commas(written: str, names: tuple[str, ...]):
    assert split_at_commas(written).names == names


def test_groups_are_told_from_people():
    assert is_group("The QUAY Consortium")
    assert not is_group("Grace Hopper")
