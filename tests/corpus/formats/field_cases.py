"""What each file of the field cases holds, read by hand against its input."""

from __future__ import annotations

Paper = tuple[str, str, str | None, str | None, str | None, str | None]
"""Title, authors, date, venue, DOI, arXiv id."""

PAPERS: dict[str, list[Paper]] = {
    "001.bib": [
        ("Valve amplifiers for tidal gauges", "Ida Hale", "1961-06-14", None, None, None),
        ("Second entry of the same list", "Ida Hale", "1962-12-09", None, None, None),
    ],
    "002.bib": [
        ("Gauges in frozen harbours", "Ida Hale; Piet Moor", "2001", "Journal of Tidal Gauges", None, None),
    ],
    "003.bib": [
        (
            "Muons under the harbour ice",
            "I. Hale; FROST Collaboration",
            "2001-01",
            "The Astrophysical Journal",
            None,
            "astro-ph/0101123",
        ),
    ],
    "004.bib": [
        ("Tag advice for harbours++: a study", "I. Hale; P. Moor", "2017", None, "10.9999/tag.2017.1", None),
        (
            "What makes answers fast in harbour forums",
            "I. Hale; B. Lund",
            "2017",
            None,
            "10.9999/tag.2017.2",
            None,
        ),
    ],
    "005.bib": [
        ("The Harbour Handbook", "Piet Moor", "2002", None, None, None),
        ("A sound entry beside it", "Piet Moor", "2003", None, None, None),
    ],
    "006.bib": [
        ("Low sounds for winter fairs", "Eve Tamm", "2011", None, None, None),
        ("High sounds for summer fairs", "Eve Tamm", "2012", None, None, None),
    ],
    "007.bib": [
        ("The second paper is sound", "Eve Tamm", "2011", None, None, None),
        ("The third paper is sound too", "Eve Tamm", "2012", None, None, None),
    ],
    "008.bib": [
        (
            "Counting seals from the ferry",
            "Eve Tamm",
            "2004",
            "Proceedings of the Ferry Symposium",
            None,
            None,
        ),
        ("Proceedings of the Ferry Symposium", "", "2004", None, None, None),
    ],
    "009.bib": [
        ("Counting terns from the pier", "Eve Tamm", "2005", None, None, None),
    ],
    "010.bib": [
        ("A catalogue of piers", "Eve Tamm", "2006", None, None, None),
    ],
    "011.bib": [
        ("PierLab @CLIFF2022: a shared task on counting", "Eve Tamm", "2022", None, None, None),
        ("Mail to tamm@quay.example and other matters", "Eve Tamm", "2023", None, None, None),
    ],
    "012.bib": [
        ("An entry in round brackets", "Eve Tamm", "2002", None, None, None),
        ("An entry in curly brackets", "Eve Tamm", "2003", None, None, None),
    ],
    "013.bib": [
        ("The brace stands on the next line", "Eve Tamm", "2002", None, None, None),
        ("The type has a hyphen", "Eve Tamm", "2003", None, None, None),
        ("A plain third entry", "Eve Tamm", "2004", None, None, None),
    ],
    "014.bib": [
        ("Glow of thin oxide films", "E. Tamm; B. Lund", "2009", None, None, None),
    ],
    "015.bib": [
        (
            "Measured exhaust of 100 % waste oil in DLR burners over the North Sea",
            "Bo Lund",
            "2024",
            None,
            None,
            None,
        ),
    ],
    "016.bib": [
        ("Search & Rescue at Sea", "Bo Lund", "2021", "Boats & Buoys", None, None),
        ("Tide & Time", "Bo Lund", "2022", "Boats & Buoys", None, None),
    ],
    "017.bib": [
        (
            "Étude of naïve Łódź sensors",
            "Martín Solís; Jiří Kovčák; Ali Göğüş; Michał Truchło; Jolanta Raitė; Bjørn Ødegård",
            "2013",
            None,
            None,
            None,
        ),
    ],
    "018.bib": [
        ("Cold clouds near the bar", "A. Grzyb; B. Zadrożek; R. Würsch", "2016", None, None, None),
    ],
    "019.bib": [
        (
            "Names of all kinds",
            "P. T. Coster Jr.; Jeroen van den Hoven; Ana de la Roche; Rob Van Dyck; Adlai Stone III",
            "2013",
            None,
            None,
            None,
        ),
    ],
    "020.bib": [
        (
            "Learning sizes over many orders",
            "Hado P. van Haaksel; Arthur Gull; Lena von der Berg",
            "2016",
            None,
            None,
            None,
        ),
    ],
    "021.bib": [
        ("Rules for piers", "Office for Harbours and Piers; Jane Doe", "2018", None, None, None),
    ],
    "022.bib": [
        ("Mapping civil piers", "Ozlem Olcay; Ahmet Duygu", "2012", None, None, None),
        ("Mapping uncivil piers", "Karl Galb; Matthew Hering; Eva Stow", "2013", None, None, None),
    ],
    "023.bib": [
        (
            "Slow or adapt: does packing huts raise the heat?",
            "Daniel Fosse; David A. Colly",
            "2018-10",
            "HUTS AND ENVIRONMENT",
            "10.9999/j.huts.2018.07.034",
            None,
        ),
    ],
    "024.bib": [
        ("Wasps of the dunes", "H. Zwolle; J.A. Reinhart; Mia Quist", "1997", None, None, None),
        ("Wasps of the hills", "Adam Czarny; Cezary Orlik", "1998", None, None, None),
    ],
    "025.bib": [
        ("Bounds on leaky channels", "John Smit; Peter Wills; Mary Joon", "2015", None, None, None),
        ("More bounds on leaky channels", "Peter Wills John Smit", "2016", None, None, None),
    ],
    "026.bib": [
        ("Bounds on quiet channels", "John Smit; Peter Wills; Mary Joon", "2015", None, None, None),
    ],
    "027.bib": [
        ("Drift chambers of the old ring", "J. Hager et al.", "1985", None, None, None),
        ("Drift chambers of the new ring", "J. Hager; RING Collaboration et al.", "1995", None, None, None),
    ],
    "028.bib": [
        (
            "Search for slow tracks",
            "Georg Aadland; FROST Collaboration et al.",
            "2023",
            None,
            None,
            "2305.16999",
        ),
    ],
    "029.bib": [
        ("A zero day", "Bo Lund", "1993", None, None, None),
        ("A zero month", "Bo Lund", "1994-05", None, None, None),
    ],
    "030.bib": [
        ("Range over the turn of the year", "Bo Lund", "2019-12-30", None, None, None),
        ("Years from to", "Bo Lund", "1982", None, None, None),
        ("Perhaps then", "Bo Lund", "1999", None, None, None),
        ("About then", "Bo Lund", "1960", None, None, None),
        ("Some time in the decade", "Bo Lund", None, None, None, None),
        ("Before Christ", "Bo Lund", None, None, None, None),
        ("With a letter", "Bo Lund", "2019", None, None, None),
        ("Not out yet", "Bo Lund", None, None, None, None),
        ("Copyright year", "Bo Lund", "2018", None, None, None),
        ("Day first", "Bo Lund", "2020-05-17", None, None, None),
    ],
    "031.bib": [
        ("“Curly” quotes – and dashes", "Jürgen Hörmann; Müße Jäckle", "2015", None, None, None),
    ],
    "032.bib": [
        ("Šíření vln v mělké vodě", "Jiří Dvořák; Świętosława Łukasik", "2015", None, None, None),
    ],
    "033.bib": [
        ("港口潮汐的研究", "王小明; 李雷", "2013", "海洋学报", None, None),
    ],
    "034.bib": [
        ("Saved by an old editor", "Ida Hale", "2015", None, None, None),
    ],
    "035.bib": [
        ("Windows line ends", "Ida Hale", "2015", None, None, None),
    ],
    "036.bib": [
        (
            "How common is sea sickness among ferry staff",
            "Josefa Castro; Rosa Dias",
            "2010",
            None,
            None,
            None,
        ),
        ("Summary – the quay in a changing sea", "Rosa Dias", "2009", None, None, None),
    ],
    "037.bib": [
        ("Key with an apostrophe", "Ma Yan", "2020", None, None, None),
        ("Key with a colon at the end", "Jo Belo", "2023", None, None, None),
        ("Key with blanks", "Alan D. Sok", "2011", None, None, None),
        ("Key with an accent", "T. León", "2022", None, None, None),
        ("Entry type None of Semantic Scholar", "G. Pax; Charles Watt", "1983", None, None, None),
        ("Key with plus and slash", "V. Acary", "2014", None, None, None),
    ],
    "038.bib": [
        ("Neutral clouds as damped Lyα absorbers", "Bo Lund", "2021", None, None, None),
    ],
    "039.bib": [
        ("The Good Quay ends its second season", "Bo Lund", "2018", None, None, None),
        ("LaTeX for Harbour Masters", "Bo Lund", "2018", None, None, None),
        ("Levels of α-Synuclein where p < 0.05", "Bo Lund", "2018", None, None, None),
        ("Growth of GaN/InGaN wires", "Bo Lund", "2018", None, None, None),
    ],
    "040.bib": [
        ("Ropes of the North", "Bo Lund", "2018", None, None, None),
        ("Taue des Nordens", "Bo Lund", "2018", None, None, None),
        ("Ropes of the South", "Bo Lund", "1973", None, None, None),
        ("Pinus ropes", "Bo Lund", "1974", None, None, None),
    ],
    "041.bib": [
        ("Nets that heed", "Bo Lund", "2017", None, None, "1706.09999"),
        ("Nets that heed less", "Bo Lund", "2015", None, None, "1503.09173"),
        ("Nets that heed more", "Bo Lund", "2016", None, None, "1604.09174"),
        ("Nets that nod", "Bo Lund", "2018", None, None, "1810.09805"),
    ],
    "042.bib": [
        ("Prefix in eprint", "Bo Lund", "2021", None, None, "2101.09001"),
        ("Address in eprint", "Bo Lund", "2021", None, None, "2101.09002"),
        ("Old id in eprint", "Bo Lund", "1999", None, None, "hep-th/9901001"),
        ("No prefix at all", "Bo Lund", "2021", None, None, "2101.09004"),
        ("Class behind the id", "Bo Lund", "2021", None, None, "2101.09005"),
        ("Capital prefix", "Bo Lund", "2021-01-09", None, None, "2101.09006"),
    ],
    "043.bib": [
        ("Tides as tokens", "Bo Lund; Piet Moor", "2021", None, None, "2101.09007"),
        ("Tides as Tokens", "B. Lund; P. Moor", "2021", None, None, "2101.09007"),
    ],
    "044.bib": [
        ("With address", "Bo Lund", "2001", None, "10.9999/ab.1", None),
        ("With prefix", "Bo Lund", "2001", None, "10.9999/ab.2", None),
        ("With escapes", "Bo Lund", "2001", None, "10.9999/978-3-319_7", None),
        ("At ACM", "Bo Lund", "2006", None, "10.9999/1137627.1137631", None),
        ("At ACM now", "Bo Lund", "2006", None, "10.9999/1137627.1137632", None),
        ("Underscore in braces", "Bo Lund", "2001", None, "10.9999/978-3-319_8", None),
        ("Through a proxy", "Bo Lund", "2001", None, "10.9999/ab.8", None),
    ],
    "045.bib": [
        (
            "Nerves of the ray",
            "Bo Lund",
            "1997",
            None,
            "10.1002/(sici)1096-9999(19971020)387:2<167::aid-cne1>3.0.co;2-z",
            None,
        ),
        (
            "Nerves of the skate",
            "Bo Lund",
            "1998",
            None,
            "10.1002/(sici)1099-9999(199821)14:1<3::aid-sdr140>3.0.co;2-k",
            None,
        ),
        (
            "Nerves of the shark",
            "Bo Lund",
            "1998",
            None,
            "10.1002/(sici)1099-9999(199821)14:1<4::aid-sdr141>3.0.co;2-k",
            None,
        ),
    ],
    "046.bib": [
        ("Spike trains as event rows", "Bo Lund", "2013", "Handbook of Nerves", "10.9999/b14859", None),
        ("Care of the tired diver", "Piet Moor", "2013", "Handbook of Nerves", "10.9999/b14859", None),
        ("Introduction", "Eve Tamm", "2013", "Handbook of Nerves", "10.9999/b14859", None),
    ],
    "047.bib": [
        ("Preface", "Bo Lund", "2010", "Annals of Piers", None, None),
        ("Preface", "Bo Lund", "2012", "Annals of Quays", None, None),
    ],
    "048.bib": [
        ("Sea loss in care. Part I. Design and counts", "Bo Lund", "2026", "J Sea", "10.9999/sl.1", None),
        ("Sea loss in care. Part II. Results and meaning", "Bo Lund", "2026", "J Sea", "10.9999/sl.2", None),
    ],
    "049.bib": [
        ("Slow waves in cold bays", "Bo Lund", "2021", "J Sea", "10.9999/sw.1", None),
        ("Slow waves in cold bays", "Bo Lund", "2022", "J Sea", "10.9999/sw.1e", None),
        ("Erratum: Slow waves in cold bays", "Bo Lund", "2022", "J Sea", "10.9999/sw.1f", None),
    ],
    "050.bib": [
        (
            "Heterogeneity in the tide rates of kelp",
            "Bernard Goldstein; Piet Moor",
            "2021",
            None,
            None,
            "2101.09010",
        ),
        (
            "Heterogeneity in the Tide Rates of Kelp",
            "B. Goldstein; P. Moor",
            "2022",
            "J Kelp",
            "10.9999/kelp.10",
            None,
        ),
    ],
    "051.bib": [
        ("KELPNET: Deep Nets for Kelp", "Piet Moor", "2021", None, None, "2101.09011"),
        ("KELPNET", "Piet Moor", "2022", "J Kelp", "10.9999/kelp.11", None),
    ],
    "053.bib": [
        ("Oxidation of Cu$_2$O films", "Bo Lund", "2010", None, None, None),
        ("Splitting of H$_{2}$O on TiO₂ beds", "Bo Lund", "2011", None, None, None),
        ("Wires of In$_x$Ga$_{1-x}$As", "Bo Lund", "2012", None, None, None),
    ],
    "054.bib": [
        ("On some stars, flowers & places in the Middle Sea", "Alain Lefer", "2023", None, None, None),
        ("Gadus morhua in the North Sea", "Alain Lefer", "2023", None, None, None),
        ("Gadus morhua in the South Sea & beyond", "Alain Lefer", "2023", None, None, None),
    ],
    "055.bib": [
        ("Marks at the names", "Cy Hare; Bo Lund; Eve Tamm; Piet Moor", "2016", None, None, None),
    ],
    "056.bib": [
        ("Ties", "Jane Doe; R. K. Roe; Ann Poe; Charles Lee", "2016", None, None, None),
    ],
    "057.bib": [
        (
            "Graphs of the Fleet",
            "Tomas Olsen 0001; Wei Wang 0002",
            "2019",
            "Proc. 4${}^{\\mbox{th}}$ Fleet Days",
            None,
            None,
        ),
        ("Fleet Days 2019", "", "2019", None, None, None),
    ],
    "058.bib": [
        (
            'Warped "Z + Missing Mass" Signal at Ring Colliders',
            "Chi Chen; Ho Davis; Do Kim",
            "2014",
            None,
            None,
            "1403.9399",
        ),
    ],
    "059.bib": [
        ("One of one line", "Bo Lund", "2001", None, None, None),
        ("Two of one line", "Bo Lund", "2002", None, None, None),
        ("Three of one line", "", None, None, None, None),
    ],
    "060.bib": [
        ("Where files live: C:", "Bo Lund", "2024", None, None, None),
        ("The next entry", "Bo Lund", "2025", None, None, None),
    ],
    "061.ris": [
        ("Ropes and knots", "Ida Hale", "2020", None, None, None),
        ("Knots and ropes", "Piet Moor", "2021", None, None, None),
    ],
    "062.ris": [
        ("Ropes and knots", "Ida Hale", "2020", None, None, None),
        ("Knots and ropes", "Piet Moor", "2021", None, None, None),
    ],
    "063.ris": [
        ("Ropes and knots", "Ida Hale", "2020", None, None, None),
    ],
    "064.ris": [
        ("A quay programme for shy divers", "I. Hale", "2011", None, "10.9999/cc.1", None),
        ("Time to dive", "P. Moor", "2012", None, None, None),
    ],
    "065.ris": [
        ("Outcome of a shoulder for rowers", "I. Hale", "2020", None, "10.9999/ov.1", None),
        ("Outcome of a knee for rowers", "P. Moor", "2021", None, None, None),
    ],
    "066.ris": [
        ("Shoulders of rowers", "Ida Hale", "2020", "Journal of Rowing", "10.9999/em.1", None),
    ],
    "067.ris": [
        ("Ropes and knots", "Ida Hale", "2020", None, None, None),
    ],
    "068.ris": [
        ("Time lapse: a glimpse of old ropes", "Ida Hale", "2020-02", None, "10.9999/pm.1", None),
    ],
    "069.nbib": [
        ("The setting of knot size", "Al C Lloyd", "2013-09-12", None, "10.9999/pm.2", None),
    ],
    "070.ris": [
        ("Ropes and knots", "I. Hale; P. Moor", "2020", "ROPE LETTERS", "10.9999/wos.1", None),
    ],
    "071.ris": [
        ("Where divers rest", "A. J. Marais; L. R. Brown", "2006", None, None, None),
        ("Where divers sleep", "L. Barrett", "2007", None, None, None),
    ],
    "072.ris": [
        ("CINAHL date", "A. Luhn", "2020-11", None, None, None),
        ("Slashes at the end", "A. Luhn", "2010-05-12", None, None, None),
        ("Year and two slashes", "A. Luhn", "2021", None, None, None),
        ("Zero month and day", "A. Luhn", "2001", None, None, None),
        ("Season", "A. Luhn", "1999", None, None, None),
        ("Month in words", "A. Luhn", "2014-04-01", None, None, None),
        ("American date", "A. Luhn", "2015", None, None, None),
        ("Month alone in DA, year in PY", "A. Luhn", "2016", None, None, None),
    ],
    "073.ris": [
        ("A year of zeros", "A. Luhn", "2022", None, None, None),
        ("Zeros alone", "A. Luhn", None, None, None, None),
    ],
    "074.ris": [
        ("Standing under fog", "An Petko", "2014-04-01", "Journal of Fog", "10.9999/amj.2011.0651", None),
    ],
    "075.ris": [
        ("Skin of small divers", "Z. Yang", "2024", "Nat. Dive.", "10.9999/s41467-024-48499-3", None),
    ],
    "076.ris": [
        ("Who stands first", "Lina Lead; Sam Second; Tom Third", "2015", None, None, None),
    ],
    "077.ris": [
        ("Young birds of the quay", "C. D. Brownstone; D. A. Eberhard", "2024", None, "10.9999/eppi.1", None),
        ("Old birds of the quay", "C. D. Brownstone", "2023", None, None, None),
    ],
    "078.ris": [
        ("Links of the quay", "Ida Hale", "2020", None, "10.9999/ur.1", "2001.09999"),
    ],
    "079.ris": [
        ("One blank", "Ida Hale", "2020", None, None, None),
        ("No blank behind", "Piet Moor", "2021", None, None, None),
    ],
    "080.ris": [
        ("Small tags", "Ida Hale", "2020", None, None, None),
    ],
    "081.ris": [
        ("A title that goes on in the next line", "Ida Hale", "2020", None, None, None),
    ],
    "082.ris": [
        (
            "Check of an Image-based Subject-Specific Model - and its Use: Effects of Shape",
            "Vish Bala",
            None,
            None,
            "10.9999/ernk-6499",
            None,
        ),
    ],
    "083.ris": [
        ("Lumps of the pier", "A.D. Chang; G. Monti", "2025", "Journal of Lumps", None, None),
    ],
    "084.ris": [
        ("Ropes at a meeting", "I. Hale", "2020", "ROPE DAYS 2020", None, None),
        ("Ropes in a book", "Ida Hale", "2019", "The Book of Ropes", None, None),
    ],
    "085.ris": [
        ("Slopes of size", "L.N. Wils; J.D. Garde", "2024", "Nature of Slopes", "10.9999/scopus.1", None),
    ],
    "086.ris": [
        ("First file", "Ida Hale", "2020", None, None, None),
        ("Second file", "Piet Moor", "2021", None, None, None),
    ],
    "087.ris": [
        ("Größe und Maß – “so”", "Jürg Müller", "2019", None, None, None),
    ],
    "088.ris": [
        (
            "Names in a row",
            "John W. McKay Jr.; Suharto; Adlai E. Stone III; Walt de la Mare; J. Doe et al.",
            "2019",
            None,
            None,
            None,
        ),
    ],
    "089.ris": [
        ("Line ends of old", "Ida Hale", "2019", None, None, None),
    ],
    "090.jsonl": [
        (
            "Counting of knots in long ropes",
            "Ida Hale; Piet Moor; Bo Lund",
            "2007-04-02",
            "Rope Lett. 9 (2007) 12",
            "10.9999/rl.9.12",
            "0704.0999",
        ),
    ],
    "091.jsonl": [
        (
            "FLUID KELP ANALYZED IN ROUTINE",
            "O. Hansen; S. Palm",
            "2014-07-01",
            "Kelp & Dementia",
            "10.9999/jalz.301",
            None,
        ),
    ],
    "092.jsonl": [
        ("Tidal nets", "Ida Hale", "2021-03-04", "J Tides", "10.9999/oa.1", None),
    ],
    "093.jsonl": [
        ("Seals of the bay", "Ida Hale", "2019-05", "J Bay", "10.9999/cr.1", None),
    ],
    "094.jsonl": [
        ("Anchors for quays", "Ida Hale; Piet Moor", None, None, None, None),
        ("Nets for quays", "Bo Lund; Eve Tamm", "2020", "Proc. Quay", None, None),
    ],
    "095.jsonl": [
        ("Date with time", "Bo Lund", "2021-05-03", None, None, None),
        ("Date with slashes", "Bo Lund", "2021-05-03", None, None, None),
        ("Date null", "Bo Lund", None, None, None, None),
        ("Year as number", "Bo Lund", "2021", None, None, None),
        ("Date in words", "Bo Lund", "2021-05-03", None, None, None),
        ("Year in its own key", "Bo Lund", "2021", None, None, None),
    ],
    "097.jsonl": [
        ("Boats & Buoys: R&D at sea", "Ida Hale", "2020", None, None, None),
        ("O'Hara's theorem on n<5", "Pat O'Hara", "2020", None, None, None),
    ],
    "098.jsonl": [
        ("With a mark", "Bo Lund", "2020", None, None, None),
        ("And another", "Bo Lund", None, None, None, None),
    ],
    "176.bib": [
        ("KELPNET: Deep nets for kelp beds", "Piet Moor", "2022-05", "J Kelp", None, None),
    ],
    "178.bib": [
        ("Paper number 0 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 1 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 2 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 3 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 4 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 5 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 6 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 7 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 8 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 9 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 10 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 11 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 12 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 13 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 14 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 15 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 16 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 17 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 18 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 19 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 20 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 21 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 22 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 23 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 24 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 25 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 26 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 27 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 28 of the list", "Bo Lund", "2020", None, None, None),
        ("Paper number 29 of the list", "Bo Lund", "2020", None, None, None),
    ],
    "188.bib": [
        ("Rates of kelp", "B. Gold; P. Moor", "2006", None, "10.9999/kelp.18", None),
    ],
    "188.ris": [
        ("Rates of kelp", "Bernard Gold; Piet Moor", "2006", None, "10.9999/kelp.18", None),
    ],
    "190.bib": [
        ("Names with and inside", "Alexandre Lepetit; Sandy Anderson", "2013", None, None, None),
    ],
    "191.ris": [
        ("Twice in the list", "I. Hale", "2020", None, "10.9999/abc.9", None),
        ("Twice in the list", "Ida Hale", "2020", None, "10.9999/abc.9", None),
    ],
    "192.bib": [
        ("Authors with an s", "Bo Lund", "2015", None, None, None),
    ],
    "193.ris": [
        ("Ropes without a blank", "Piet Moor", "2021", None, "10.9999/nb.1", None),
    ],
    "194.ris": [
        ("Ropes with one blank", "Piet Moor", "2021", None, None, None),
    ],
    "198.ris": [
        ("Fever of the dunes", "Pedro J. Cordal; Maria Montoro; Ana Luisa Reiss", "2019", None, None, None),
    ],
    "199.ris": [
        ("How networks of harbours grow old", "Jörg Sydo", "2014-01-17", "Harbour Review", None, None),
        ("A second one", "Eve Tamm", "2015", None, None, None),
    ],
    "201.bib": [
        (
            "Ways to count breaths: a review",
            "F. Q. Al-Khal; R. Saat; D. Burk",
            "2011",
            "Pediatr. Breath",
            "10.9999/ppul.21499",
            None,
        ),
    ],
    "202.ris": [
        (
            "Toward a firm reading of skin of ropes",
            "Catarina Barat; MEmre Celeb",
            "2015-09-10",
            "Rope Image Analysis",
            "10.9999/b19107-2",
            None,
        ),
    ],
}
