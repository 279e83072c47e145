"""Words around a question that papers need not have: what asks for papers, in several languages."""

from __future__ import annotations

import re

from bot.text.stop_words import stop_words_of

_WORD = re.compile(r"[^\W_]+")
_PAPERS = r"(?:papers?|articles?|publications?|preprints?|works?)"
_SEVERAL = r"(?:papers|articles|publications|preprints)"
_WROTE = r"(?:wrote|(?:has|have|had)\s+(?:written|published))"
_GROUP = r"(?:(?:research\s+)?(?:group|lab|laborator(?:y|ies)|team)s?)"
_BESIDE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # "the LeCun paper on cheques", "the convolutional paper of LeCun"
        rf"\b(?P<one>{_PAPERS})\s+(?:on|about|by|of|from)\s+(?=\w)",
        # "graph papers", "Yann LeCun publications", "the AlphaFold paper"
        rf"(?<=\w)\s+(?P<one>{_SEVERAL})\W*$",
        r"^\W*(?:the|that)\s.*\s(?P<one>paper)\W*$",
        rf"^\W*(?:anything|everything|something|stuff|{_SEVERAL})\s+(?:by|on|about|from|of)\s+(?=\w)",
        rf"\b(?:(?:(?:co-?)?(?:written|authored)|published)\s+by|(?:from|by|of)\s+(?:the\s+)?{_GROUP}\s+(?:of|around))\s+(?=\w)",
        rf"(?<=[^\W\d_]['’]s)\s+(?P<one>{_GROUP}|{_PAPERS}|research)(?:\s+(?:on|about)\b|\W*$)",
        rf"^\W*(?P<one>{_SEVERAL})\s+(?:that\s+)?(?:[^\W\d_][\w.'’-]*\s+){{1,4}}(?P<other>{_WROTE})\b",
        rf"^\W*(?:all\s+)?(?P<one>{_PAPERS})\s+(?:(?:co-?)?(?:written|authored)|published)\b",
        r"^\W*(?P<one>what)\s+(?:did|do|does|has|have)\s+(?:[^\W\d_][\w.'’-]*\s+){1,6}"
        r"(?P<other>writ(?:e|ten)|publish(?:ed)?)\b",
        r"^\W*(?P<one>who)\s+(?P<other>wrote|writes|published)\b",
        r"^\W*(?:hey|hi|hello|yo)\b(?=\W+\w)",
        r"(?<=\w)\W+(?P<one>pls|plz|please|thx|thanks|thank\s+you)\W*$",
    )
)
"""Where there are groups, the words in them alone are meant."""
_LIKELY = re.compile(
    r"papers?\b|articles?\b|publications?\b|preprints?\b|\bworks?\b|['’]s\b|\b(?:anything|everything|something|stuff)\b"
    r"|written|authored|\bgroup|\blab|\bteam|^\W*(?:hey|hi|hello|yo|who|what)\b|pl(?:s|z|ease)\W*$|th(?:x|anks|ank\s+you)\W*$",
    re.IGNORECASE,
)
"""Without any of these none of the patterns fits."""
_MOST_WORDS = 16
"""Of a question: hardly a paper has all words of a longer one, where these rank at least (long questions
.890 of nDCG@10, and .885 without this bound)."""


def words_beside(text: str) -> list[int]:
    """Where the words begin that no paper needs, though they count where it has them.

    "Papers" in "graph papers", "group" in "from the group of LeCun", and whom one greets.
    """
    if _LIKELY.search(text) is None or len(_WORD.findall(text)) > _MOST_WORDS:
        return []
    spans = [
        found.span(group)
        for pattern in _BESIDE
        if (found := pattern.search(text)) is not None
        for group in (found.re.groupindex or (0,))
        if found[group] is not None
    ]
    return [word.start() for start, end in spans for word in _WORD.finditer(text, start, end)]


_REQUESTS = {
    "german": (
        "was|welche|gibt|gibt's|es|ich|wir|suche|suchen|finde|finden|kennt|jemand|hat|haben|bitte|zeig|zeige|mir|nach"
        "|ein|eine|einen|einige|gute|guten|neue|neuen|neues|neueste|neuesten|aktuelle|wichtige|wichtigsten|die|den|dem|das",
        "(?:papers?|artikel|arbeiten?|veröffentlichung(?:en)?|veroeffentlichung(?:en)?|publikation(?:en)?|studien?|aufsätze"
        "|literatur|forschung)(?:\\s+gibt\\s+es)?|was\\s+gibt\\s+es(?:\\s+neues)?",
        "zum thema|zu|zum|zur|über|ueber|bezüglich|rund um|von",
    ),
    "french": (
        "je|j'|on|nous|cherche|cherchons|recherche|trouve|trouver|trouvez|moi|donne|montre|quels?|quelles?|sont|est|y|a-t-il"
        "|existe-t-il|il|des|les|le|la|un|une|de|derniers|dernières|récents|récentes|nouveaux|meilleurs|bons",
        "articles?|papiers?|papers?|publications?|travaux|études|etudes|recherches",
        "sur|à propos de|a propos de|concernant|portant sur|traitant de|de|par",
    ),
    "spanish": (
        "busco|buscar|busca|quiero|necesito|recomienda|recomiéndame|muestra|hay|existen|cuáles|cuales|qué|que|son|los|las"
        "|unos|unas|algún|algun|alguno|algunos|mejores|recientes|últimos|nuevos|me|puedes|recomendar",
        "artículos?|articulos?|trabajos?|papers?|publicaciones|estudios|investigaciones",
        "sobre|acerca de|de|en|por",
    ),
    "portuguese": (
        "procuro|busco|buscar|procurar|quero|preciso|recomende|mostre|há|ha|existem|quais|são|sao|os|as|uns|umas|alguns"
        "|algumas|algum|melhores|recentes|últimos|novos",
        "artigos?|trabalhos?|papers?|publicações|publicacoes|estudos|pesquisas",
        "sobre|acerca de|de|em|por",
    ),
    "italian": (
        "cerco|cerca|cercare|trova|trovami|mostra|ci|sono|quali|gli|degli|dei|i|alcuni|migliori|recenti|ultimi|nuovi",
        "articol[oi]|lavori|papers?|pubblicazioni|studi|ricerche",
        "su|sul|sulla|sui|sugli|sulle|di|del|riguardo a",
    ),
    "dutch": (
        "ik|wij|we|zoek|zoeken|vind|toon|geef|mij|me|zijn|er|welke|wat|de|het|een|enkele|goede|nieuwe|recente|beste|laatste",
        "artikelen|artikel|papers?|publicaties|onderzoek|studies",
        "over|van|betreffende|rond",
    ),
    "russian": (
        "есть|ли|я|мы|ищу|найди|найти|найдите|покажи|покажите|какие|подскажите|посоветуйте|посоветуй|дай|нужны|нужна"
        "|интересные|новые|последние|хорошие|научные",
        "стать[яиюе]|статей|работ[аыу]?|публикаци[ияй]|исследовани[яей]",
        "про|о|об|обо|на тему|по|по теме",
    ),
}
"""Of each language what one asks with, words for papers, and what stands before what they are about."""
_ASKED = {
    language: re.compile(
        rf"\W*(?:(?:{asked})(?!\w)\W*)*(?<!\w)(?:{papers})\W+(?:{about})(?!\w)(?=\W*\w)"
        rf"|\W*(?:(?:{asked})(?!\w)\W*)+(?<!\w)(?:{papers})(?=\W+\w)",
        re.IGNORECASE,
    )
    for language, (asked, papers, about) in _REQUESTS.items()
}
_PAPERS_ABROAD = re.compile("|".join(rf"(?:{papers})" for _, papers, _ in _REQUESTS.values()), re.IGNORECASE)


def words_abroad(text: str) -> list[int]:
    """Where the words begin that ask for papers in another language than English, and its stop words."""
    if _PAPERS_ABROAD.search(text) is None:
        return []
    for language, pattern in _ASKED.items():
        if asked := pattern.match(text):
            asking = [word.start() for word in _WORD.finditer(text, 0, asked.end())]
            return asking + stop_words_of(language, text)
    return []


_WITHOUT_BLANKS = tuple(
    re.compile(pattern)
    for pattern in (
        # Japanese
        r"^(?P<before>)(?P<about>.*?\S)(?P<behind>\s*(?:に関する|についての|に関連する|関連の|の)?\s*(?:最新の)?(?:論文|文献)"
        r"(?:を(?:探して(?:います|いる)?|教えて(?:ください)?|知りたい|検索)|は(?:ありますか|ある)?)?\W*)$",
        # Chinese
        r"^\s*(?P<before>(?:请问?|請問?|帮我|幫我|麻烦|我想|给我|給我|推荐|推薦|找一?下?|查找|搜索|检索|有没有|有沒有|有哪些|哪些"
        r"|一些|几篇|最新的?|最近的?|关于|關於|有关|\s)*)(?P<about>.*?\S)"
        r"(?P<behind>\s*(?:(?:方面|领域|領域|相关|相關|有关)?\s*的?\s*(?:最新|经典)?(?:论文|論文|文章|文献|文獻))"
        r"(?:有哪些|有吗|吗|嗎|推荐)?\W*)$",
        # Korean
        r"^(?P<before>)(?P<about>.*?\S)(?P<behind>\s+(?:에\s?대한|에\s?관한|관련(?:된)?)?\s*(?:논문|문헌)들?(?:을|를|은|는|이)?"
        r"\s*(?:찾아\s?(?:줘|주세요)|알려\s?(?:줘|주세요)|추천(?:해\s?(?:줘|주세요))?|있(?:나요|어요?|습니까))?\W*)$",
    )
)
_NOUNS_OF_PAPERS = ("论文", "論文", "文章", "文献", "文獻", "논문", "문헌")


def without_asking(text: str) -> str:
    """The text with blanks for what asks for papers in Chinese, Japanese and Korean, which have no blanks."""
    if text.isascii() or not any(noun in text for noun in _NOUNS_OF_PAPERS):
        return text
    for pattern in _WITHOUT_BLANKS:
        if asked := pattern.match(text):
            return " " * len(asked["before"]) + asked["about"] + " " * len(asked["behind"])
    return text
