from __future__ import annotations

import pytest

from bot.corpus.merge import is_preprint_server

SERVERS = """\
arXiv
arXiv.org
arXiv preprint
arXiv preprint arXiv:2101.00001
arXiv e-prints
ArXiv abs/1706.03762
arXiv (Cornell University)
Cornell University - arXiv
arXiv: Computation and Language
arXiv [cs.CL]
(arXiv)
eprint arXiv:1706.03762
CoRR
CoRR, vol. abs/1706.03762, 2017
Computing Research Repository (CoRR)
bioRxiv
ｂｉｏＲｘｉｖ
bioRxiv (Cold Spring Harbor Laboratory)
Cold Spring Harbor Laboratory (bioRxiv)
bioRxiv preprint doi: https://doi.org/10.1101/2020.01.01
Preprint at bioRxiv
medRxiv, 2020
SSRN
SSRN Electronic Journal
Available at SSRN: https://ssrn.com/abstract=3405671
Research Square (Research Square)
OSF Preprints
Open Science Framework
PsyArXiv Preprints
ChemRxiv
TechRxiv
Preprints
Preprints.org
HAL (Le Centre pour la Communication Scientifique Directe)
IACR Cryptol. ePrint Arch.
Cryptology ePrint Archive, Paper 2020/123
PeerJ PrePrints
Authorea Preprints
"""
VENUES = """\
CVPR
EMNLP 2021
Nature
Corrosion Science
Halifax Conference
Open Science Journal
Journal of Chemical Physics
Preprints of the IFAC World Congress
Research Square Journal of Things
Physical Review Letters (arXiv:1234.5678)
CVPR 2020, arXiv:1234.5678
()
"""


@pytest.mark.parametrize("venue", SERVERS.splitlines())
def test_a_server_of_preprints_is_known_however_it_is_written(venue: str):
    assert is_preprint_server(venue)


@pytest.mark.parametrize("venue", VENUES.splitlines())
def test_a_venue_is_none(venue: str):
    assert not is_preprint_server(venue)
