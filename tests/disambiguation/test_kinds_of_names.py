"""Each kind in which one person is written in several ways, and in which two people are written alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.corpus.names import name_key
from bot.disambiguation.grouping import group_mentions
from bot.disambiguation.name_forms import NameMention, form_of, words_of
from bot.disambiguation.name_marks import contradict, marked_words

CIRCLE = "Berit Skjelbred, Otto Rakovsky"
OTHERS = "Hanna Oye, Tarjei Blom"


def career(
    name: str, count: int, coauthors: str = CIRCLE, start: int = 0, **more: object
) -> list[NameMention]:
    others = tuple(form_of(one) for one in coauthors.split(", ") if one)
    return [
        NameMention(form_of(name), f"{name_key(name)}/{start + number}", others, **more)  # type: ignore[arg-type]
        for number in range(count)
    ]


def people(*careers: list[NameMention]) -> list[set[int]]:
    """The people of each of these careers."""
    groups = iter(group_mentions([one for some in careers for one in some]))
    return [{next(groups) for _ in some} for some in careers]


ONE_PERSON = {
    "transcribed from Greek, Russian and Arabic": [
        ("Giorgos Paraskevopoulos", "Georgios Paraskevopoulos"),
        ("Vangelis Kokkinos", "Evangelos Kokkinos"),
        ("Fyodor Ratnikov", "Fedor Ratnikov"),
        ("Youssef Benali", "Yusuf Benali"),
        ("Volodymyr Karpiv", "Vladimir Karpiv"),
        ("Sergei Vyazemsky", "Sergey Vyazemskiy"),
        ("Sergei Vyazemsky", "Сергей Вяземский"),
    ],
    "middle initial": [
        ("R. Siegwart", "R. Y. Siegwart"),
        ("Roland Siegwart", "R. Y. Siegwart"),
        ("D. Knuth", "D. E. Knuth"),
        ("B. Schölkopf", "Bernhard P. Schölkopf"),
        ("J.-P. Hespanha", "J. Hespanha"),
        ("Aravind Joshi", "Aravind K. Joshi"),
    ],
    "turned order": [
        ("Poesio Massimo", "Massimo Poesio"),
        ("Nakov Preslav", "Preslav Nakov"),
        ("Skjelbred, Ingrid", "Ingrid Skjelbred"),
        ("Tomanek Katrin", "Katrin Tomanek"),
        ("Wieling Martijn", "Martijn Wieling"),
        ("Rahul Deshmukh", "Deshmukh Rahul"),
        ("Kim Young-ho", "Youngho Kim"),
        ("Martin Thomas", "Thomas Martin"),
    ],
    "look-alike letters": [
        ("Ludovic Arnaudоn", "Ludovic Arnaudon"),
        ("Оtakar Novotny", "Otakar Novotny"),
        ("Berthe Skjelbrеd", "Berthe Skjelbred"),
        ("Tarjei Blοmdahl", "Tarjei Blomdahl"),
        ("Guifrе Puigdemont", "Guifre Puigdemont"),
        ("Ｍirja Laukkanen", "Mirja Laukkanen"),
    ],
    "footnote marks": [
        ("Ludovic Arnaudon1", "Ludovic Arnaudon"),
        ("Ludovic Arnaudon†", "Ludovic Arnaudon"),
        ("Ludovic Arnaudon*", "Ludovic Arnaudon"),
        ("Ludovic Arnaudon 2", "Ludovic Arnaudon"),
        ("Ludovic Arnaudon12", "Ludovic Arnaudon"),
        ("Ludovic Arnaudon¹", "Ludovic Arnaudon"),
    ],
    "a letter or two": [
        ("Pushpak Bhattacharyya", "Pushpak Bhattacharya"),
        ("Tomek Strzalkowski", "Tomek Strzalkovskl"),
        ("Ekaterina Buyko", "Ekatarina Buyko"),
        ("Daniel Cremers", "Daniel Cremrs"),
        ("Katharina Morik", "Katherina Morik"),
        ("Yoshihiko Nakamura", "Yoshihiko Nakamrua"),
    ],
    "middle and western names": [
        ("Gary Geunbae Lee", "Geunbae Lee"),
        ("Minh-Thang Luong", "Thang Luong"),
        ("J. Michael Hallgren", "Michael Hallgren"),
        ("Vincent Poor", "H. Vincent Poor"),
        ("Kevin Kuo-Hsing Hwang", "Kuo-Hsing Hwang"),
        ("Rebecca Jane Passonneau", "Rebecca J. Passonneau"),
    ],
    "double family name": [
        ("Maria Arizmendi", "Maria Arizmendi Lopez"),
        ("Serena Youngblut", "Serena Youngblut-Levy"),
        ("Dipti Misra Sharma", "Dipti Misra"),
        ("Inigo Lopez-Gazpio", "Inigo Gazpio"),
        ("Aitor Garcia Pablos", "Aitor Pablos"),
        ("Leon Derczynski Strom", "Leon Derczynski"),
    ],
    "initials last": [
        ("Saravanan K", "K. Saravanan"),
        ("Geetha T. V.", "T. V. Geetha"),
        ("Skjelbred I. M.", "Ingrid M. Skjelbred"),
        ("Deepak P", "Deepak Padmanabhan"),
        ("Barathi Ganesh H. B.", "H. B. Barathi Ganesh"),
        ("S. Shivashankar", "Shivashankar Subramanian"),
    ],
    "particles": [
        ("Walther v. Hahn", "Walther von Hahn"),
        ("L. v. d. Blomdahl", "Laurens van der Blomdahl"),
        ("Gianluca Rossetti", "Gianluca De Rossetti"),
        ("Rachida Ghalib", "Rachida El-Ghalib"),
        ("Yaser Onaizan", "Yaser Al-Onaizan"),
        ("Li-de Wu", "Lide Wu"),
    ],
    "shortened given name": [
        ("Mike Collinson", "Michael Collinson"),
        ("Bill Byrnes", "William Byrnes"),
        ("Kathy McKeown", "Kathleen McKeown"),
        ("Ted Briscoe", "Edward Briscoe"),
        ("Stan Szpakowicz", "Stanislaw Szpakowicz"),
        ("Liz Shriberg", "Elizabeth Shriberg"),
        ("Jim Glass", "James Glass"),
    ],
    "transcriptions": [
        ("Tohru Tanaka", "Tooru Tanaka"),
        ("Kou Hayashi", "Ko Hayashi"),
        ("Takeshi Ou", "Takeshi Oh"),
        ("Raphael Moreno", "Rafael Moreno"),
        ("Filipp Karlov", "Philip Karlov"),
        ("Yurii Kuratov", "Yury Kuratov"),
        ("Sandeep Kulkarni", "Sandip Kulkarni"),
        ("Lakshmi Iyer", "Laxmi Iyer"),
        ("Åse Skjelbred", "Aase Skjelbred"),
        ("Karl Skjelbred", "Carl Skjelbred"),
        ("Jan Boers", "Jan Bors"),
        ("Timo Saari", "Timo Sari"),
        ("Falko Schäfer", "Falko Schaefer"),
    ],
    "Cyrillic and Greek letters": [
        ("Владимир Орлов", "Vladimir Orlov"),
        ("В. Орлов", "Vladimir Orlov"),
        ("Екатерина Артемова", "Ekaterina Artemova"),
        ("Юрий Куратов", "Yury Kuratov"),
        ("Ξενοφών Κοσμάς", "Xenophon Kosmas"),
    ],
}
APART = {
    "numbers of a source": [
        ("Wei Wang 0001", "Wei Wang 0002"),
        ("Ludovic Arnaudon 0001", "Ludovic Arnaudon 0003"),
        ("Yang Liu 0005", "Yang Liu 0014"),
        ("Michael Smith 0002", "Michael Smith 0003"),
        ("Yoshihiko Nakamura 0001", "Yoshihiko Nakamura 0010"),
        ("Jun Sun 0001", "Jun Sun 0009"),
    ],
    "another initial or name": [
        ("R. Y. Siegwart", "R. X. Siegwart"),
        ("John A. Hallgren", "John B. Hallgren"),
        ("Kun Yuan", "J. Yuan"),
        ("Xiaomin Lin", "Xiaoming Lin"),
        ("Yue Zhang", "Yu Zhang"),
        ("Jarla Novotny", "Jindra Novotny"),
    ],
    "another syllable": [
        ("Jun Lee", "Jun Li"),
        ("Wei Zhou", "Wei Zhu"),
        ("Shan Wu", "San Wu"),
        ("Changyou Chen", "Changyu Chen"),
        ("Hanh Nguyen", "Khanh Nguyen"),
        ("Thien Nguyen", "Tien Nguyen"),
        ("Jihoo Park", "Jihu Park"),
    ],
}


def cases(kinds: dict[str, list[tuple[str, str]]]) -> list[object]:
    return [
        pytest.param(one, other, id=f"{kind}: {name_key(other)}")
        for kind, pairs in kinds.items()
        for one, other in pairs
    ]


@pytest.mark.parametrize(("one", "other"), cases(ONE_PERSON))
def test_one_person_is_found_under_both_ways_of_writing(one: str, other: str):
    first, second = people(career(one, 3), career(other, 3, start=3))
    assert len(first | second) == 1


@pytest.mark.parametrize(("one", "other"), cases(ONE_PERSON))
def test_where_nothing_agrees_each_spelling_is_one_person_all_the_same(one: str, other: str):
    first, second = people(
        career(one, 4, year=1985, words=words_of("Parsing of sentences with unification")),
        career(other, 4, OTHERS, start=9, year=2020, words=words_of("Routing in wireless sensor networks")),
    )
    assert len(first) == 1
    assert len(second) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jan Boers", "Jan Bors"),
        ("Heike Haase", "Heike Hase"),
        ("Timo Saari", "Timo Sari"),
        ("Piet Bouma", "Piet Boma"),
        ("Yurii Kuratov", "Yury Kuratov"),
        ("Raphael Moreno", "Rafael Moreno"),
        ("Ahmed Farouk", "Ahmad Farouk"),
    ],
)
def test_names_that_sound_alike_are_one_persons_where_something_else_agrees(one: str, other: str):
    first, second = people(career(one, 2), career(other, 2, OTHERS, start=3))
    assert first.isdisjoint(second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("James Barker", "James Parker"),
        ("Thomas Schmidt", "Thomas Schmitt"),
        ("Anna Richards", "Anna Richardson"),
        ("Lisa Williams", "Lisa Williamson"),
        ("Fernando Castillo", "Fernanda Castillo"),
        ("Valentin Popescu", "Valentina Popescu"),
        ("Alexander Pruntz", "Alexandra Pruntz"),
        ("Gabriel Castelnau", "Gabrielle Castelnau"),
        ("Kenji Murasaki", "Kenjiro Murasaki"),
        ("Hiroki Suzuki", "Hiroko Suzuki"),
        ("Guðrún Björnsdóttir", "Guðrún Bjarnadóttir"),
        ("Martin Thomas", "Thomas Martin"),
        ("Robert Fischer", "Robert Fischer Jr."),
        ("राजेश शर्मा", "राकेश शर्मा"),
        ("สมชาย ใจดี", "สมชัย ใจดี"),
    ],
)
def test_names_that_are_alike_are_two_peoples_where_nothing_is_shared(one: str, other: str):
    first, second = people(
        career(one, 4, words=words_of("Catalysis on surfaces of metal oxides"), venue="catalysis"),
        career(other, 4, OTHERS, start=9, words=words_of("Blood pressure in children"), venue="circulation"),
    )
    assert first.isdisjoint(second)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Masaki Tanaka", "Misaki Tanaka"), ("J. Carter", "John Carter"), ("Wei Zhang", "Wei Zhang")],
)
def test_two_orcids_are_two_people_though_they_share_coauthors(one: str, other: str):
    first, second = people(
        career(one, 4, identifiers=(("orcid", "0000-0002-1825-0097"),)),
        career(other, 4, start=9, identifiers=(("orcid", "0000-0001-5109-3700"),)),
    )
    assert first.isdisjoint(second)


@pytest.mark.parametrize(("one", "other"), cases(APART))
def test_people_whom_a_source_or_a_name_sets_apart_stay_apart(one: str, other: str):
    first, second = people(career(one, 3), career(other, 3, start=3))
    assert first.isdisjoint(second)


@pytest.mark.parametrize("name", ["王小明", "山田太郎", "김민수", "欧阳修文", "さくらももこ"])
def test_a_name_in_one_piece_of_signs_is_a_whole_name(name: str):
    alone = [career(name, 1, f"Otto Rak{'aeo'[number]}vsky", start=number) for number in range(3)]
    assert len(set().union(*people(*alone))) == 1
    known = [career("Wei Wang", 1, name, start=number) for number in range(2)]  # as a co-author
    assert len(set().union(*people(*known))) == 1


@pytest.mark.parametrize("name", ["王伟", "李伟", "Sukarno"])
def test_a_common_name_of_signs_and_a_single_word_are_no_one_person_by_themselves(name: str):
    alone = [career(name, 1, f"Otto Rak{'aeo'[number]}vsky", start=number) for number in range(3)]
    assert len(set().union(*people(*alone))) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [("Julian", "Juliana"), ("Daniel", "Daniela"), ("Marie", "Maria"), ("Robert", "Roberta")],
)
def test_given_names_that_many_bear_are_no_spellings_of_each_other(one: str, other: str):
    met = [career(f"{name} Surname{number}", 1, "Otto Oye") for name in (one, other) for number in range(30)]
    careers = (career(f"{one} Skjelbred", 3), career(f"{other} Skjelbred", 3, OTHERS, start=3))
    first, second, *_ = people(*careers, *met)
    assert first.isdisjoint(second)


@pytest.mark.parametrize(
    ("usual", "short", "odd"),
    [
        ("Stelios Piperidis", "S. Piperidis", "Stelios Piperdis"),
        ("Maria Teresa Pazienza", "M. T. Pazienza", "Maria Teresa Pazienze"),
        ("Adeline Nazarenko", "A. Nazarenko", "Adeline Nazarenko-Perrin"),
        ("Massimo Poesio", "Poesio Massimo", "M. Poesio"),
        ("Steven J. Maiorano", "Steve Maiorano", "Steven Moiorano"),
        ("Estela Saquete", "E. Saquete", "Estela Saquete Boro"),
    ],
)
def test_a_rare_spelling_is_not_kept_apart_by_another_one(usual: str, short: str, odd: str):
    first, second, third = people(career(usual, 20), career(short, 2, start=20), career(odd, 1, start=30))
    assert len(first | second | third) == 1


@pytest.mark.parametrize(
    ("usual", "odd", "other"),
    [
        ("Jaime Carbonell", "Jaime G. Carbonell", "Jaime R. Carbonell"),
        ("John Carroll", "J. A. Carroll", "John B. Carroll"),
        ("Roland Siegwart", "R. Y. Siegwart", "R. X. Siegwart"),
    ],
)
def test_a_usual_spelling_does_not_join_two_initials(usual: str, odd: str, other: str):
    _, second, third = people(career(usual, 4), career(odd, 2, start=20), career(other, 1, start=30))
    assert second.isdisjoint(third)


@pytest.mark.parametrize("odd", [1, 2])
@pytest.mark.parametrize(
    ("one", "other", "third"),
    [
        ("Aravind Joshi", "Aravind K. Joshi", "Aravind T. Joshi"),
        ("Roland Siegwart", "R. Y. Siegwart", "R. X. Siegwart"),
        ("Maria Arizmendi", "M. Arizmendi", "M. P. Arizmendi"),
        ("Pushpak Bhattacharyya", "P. Bhattacharyya", "P. K. Bhattacharyya"),
        ("Ludovic Arnaudon", "Ludovic B. Arnaudon", "Ludovic C. Arnaudon"),
        ("Katrin Tomanek", "Katrin M. Tomanek", "Katrin N. Tomanek"),
    ],
)
def test_odd_names_among_many_do_not_part_two_careers(one: str, other: str, third: str, odd: int):
    first, second, _ = people(career(one, 30), career(other, 30, start=30), career(third, odd, start=90))
    assert len(first | second) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Pushpak Bhattacharyya", "Pushpak Bhattacharyya"),
        ("Yoshihiko Nakamura", "Yoshihiko B. Nakamura"),
        ("Aravind Joshi", "Aravind K. Joshi"),
    ],
)
def test_both_names_in_one_list_do_not_part_two_careers(one: str, other: str):
    rows = career(one, 30)
    same_list = [
        NameMention(form_of(other), rows[0].paper, rows[0].coauthors),
        *career(other, 20, start=30),
    ]
    groups = group_mentions([*rows, *same_list])
    assert len({*groups[:30], *groups[31:]}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Serena Youngblut", "Serena Levy"),
        ("Maria Arizmendi", "Maria Skagestad"),
        ("Hanna Novotny", "Hanna Oyelaran"),
        ("Anna Karlsson", "Anna Berglund"),
        ("Ingrid Tomanek", "Ingrid Wieling"),
        ("Katrin Morik", "Katrin Deshmukh"),
    ],
)
def test_a_changed_family_name_joins_by_identifier_alone(one: str, other: str):
    known = {"identifiers": (("orcid", "0000-0001-0000-0001"),)}
    first, second = people(career(one, 3, **known), career(other, 3, OTHERS, start=3, **known))
    assert len(first | second) == 1
    first, second = people(career(one, 3), career(other, 3, OTHERS, start=3))
    assert first.isdisjoint(second)


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("Nguyễn Đức Hùng", "Nguyễn Đức Hưng", False),
        ("Lê Văn Hồng", "Lê Văn Hống", False),
        ("Nguyễn Đức Hùng", "Nguyen Duc Hung", True),
        ("Trần Quốc Việt", "Trần Quốc Viêt", True),
        ("Đỗ Hùng", "Hùng Đỗ", True),
        ("Pál Erdős", "Pál Erdös", True),
        ("Ivan Nikolić", "Ivan Nikolič", True),
    ],
)
def test_marks_of_vietnamese_letters_are_of_two_names_unless_they_are_left_out(
    one: str, other: str, are_one: bool
):
    assert sorted(name_key(one).split()) == sorted(name_key(other).split())
    assert contradict(marked_words(one), marked_words(other)) is not are_one


def test_two_people_whose_names_differ_in_marks_are_not_one():
    def printed(name: str, start: int) -> list[NameMention]:
        return career(name, 2, start=start, coauthors="", marked=marked_words(name))

    one, other = "Khuyến Hùng Tuyền", "Khuyến Hưng Tuyền"
    first, second = people(printed(one, 0), printed(other, 5))
    assert first.isdisjoint(second)
    first, second = people(printed(one, 0), printed(name_key(one), 5))
    assert first == second


@given(st.text(max_size=12), st.text(max_size=12))
def test_marks_of_any_two_texts_are_compared_whatever_the_order(one: str, other: str):
    some, others = marked_words(one), marked_words(other)
    assert contradict(some, others) is contradict(others, some)
    assert not contradict(some, some)
