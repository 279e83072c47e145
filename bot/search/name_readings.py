"""How names in Chinese, Japanese and Korean signs, and in other scripts, are written in Latin letters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice, product

from anyascii import anyascii

_LONG_VOWELS = {"ō": ("o", "ou", "oh"), "ū": ("u", "uu")}


def _pairs(table: str) -> dict[str, tuple[str, ...]]:
    entries = (entry.split() for entry in table.split(","))
    return {sign: tuple(written) for signs, *written in entries for sign in signs}


def _words(table: str) -> dict[str, tuple[str, ...]]:
    entries = (entry.split() for entry in table.split(","))
    return {signs: tuple(one for reading in written for one in _long(reading)) for signs, *written in entries}


def _long(reading: str) -> Iterator[str]:
    """A Japanese reading in the ways in which long vowels are written: "satō" is sato, satou, satoh."""
    yield from ("".join(one) for one in product(*(_LONG_VOWELS.get(sign, (sign,)) for sign in reading)))


FAMILY_NAMES = _pairs(
    """
    김 kim, 이 lee yi rhee, 박 park pak, 최 choi, 정 jung jeong chung, 강 kang, 조 cho jo, 윤 yoon yun,
    장 jang chang, 임 lim im, 오 oh, 서 seo suh, 신 shin, 권 kwon, 황 hwang, 안 ahn, 류유 yoo ryu you,
    전 jeon jun chun, 고 ko koh, 문 moon, 손 son sohn, 배 bae, 백 baek paik, 허 heo hur huh, 심 shim,
    노 noh roh, 곽 kwak, 성 sung seong, 주 joo ju, 우 woo, 구 koo, 민 min, 천 cheon chun, 공 kong gong,
    현 hyun, 변 byun, 염 yeom, 길 gil kil, 선 sun, 여 yeo, 추 choo, 엄 eom um, 원 won, 명 myung,
    금 keum, 李 lee, 王 wong, 张張 cheung chang, 陈陳 chan, 刘劉 lau, 杨楊 yeung young, 黄黃 wong,
    赵趙 chiu chao, 吴吳 ng wu, 周 chow chou, 徐 hsu tsui, 孙孫 suen, 朱 chu, 马馬 mah, 胡 woo,
    郭 kwok kuo, 林 lam lim, 何 ho, 高 ko kao, 梁 leung, 郑鄭 cheng chang, 罗羅 law lo, 宋 sung,
    谢謝 tse hsieh, 许許 hui hsu, 邓鄧 tang teng, 曹 tsao cho, 曾 tsang tseng, 彭 pang, 肖 xiao hsiao,
    萧蕭 siu hsiao, 蔡 choi tsai, 潘 poon pan, 吕呂 lyu lv lu, 叶葉 yip yeh, 余 yu yue, 江 kong chiang,
    蒋蔣 chiang, 钟鍾 chung, 姜 chiang, 卢盧 lo, 丁 ting, 邱 yau chiu, 廖 liu liao, 洪 hung,
    石 shek shih, 庄莊 chong chuang
    """
)
"""The character of a family name, and how it is also written in Latin letters."""
_KOREAN = _pairs(
    """
    수 su soo, 영 young yeong, 현 hyun hyeon, 정 jung jeong, 준 jun joon, 우 woo u, 경 kyung gyeong,
    은 eun un, 철 chul cheol, 성 sung seong, 연 yeon youn, 유 yoo yu, 주 ju joo, 희 hee hui,
    훈 hoon hun, 석 seok suk, 원 won, 선 sun seon, 지 ji jee, 승 seung sung, 용 yong, 숙 sook suk,
    순 soon sun, 기 ki gi, 규 kyu gyu, 건 kun geon, 광 kwang gwang, 근 keun geun, 구 koo gu,
    국 kook guk, 두 doo du, 명 myung myeong, 범 beom bum, 병 byung byeong, 섭 sup seop, 신 shin sin,
    아 ah a, 안 ahn an, 욱 wook uk, 운 woon un, 윤 yoon yun, 중 joong jung, 천 chun cheon,
    춘 choon chun, 혁 hyuk hyeok, 형 hyung hyeong, 후 hoo hu, 림 rim lim, 라 ra la, 리 ri lee,
    령 ryung young, 혜 hye hae, 식 sik shik, 균 kyun gyun, 권 kwon gwon, 길 kil gil, 강 kang gang
    """
)
"""Syllables of given names as their bearers write them."""
_JAPANESE_FAMILY = _words(
    """
    佐藤 satō, 鈴木 suzuki, 高橋 takahashi, 田中 tanaka, 伊藤 itō, 渡辺 watanabe, 渡邊 watanabe,
    渡部 watanabe watabe, 山本 yamamoto, 中村 nakamura, 小林 kobayashi, 加藤 katō, 吉田 yoshida,
    山田 yamada, 佐々木 sasaki, 山口 yamaguchi, 松本 matsumoto, 井上 inoue, 木村 kimura, 林 hayashi,
    斎藤 saitō, 斉藤 saitō, 齋藤 saitō, 清水 shimizu, 山崎 yamazaki yamasaki, 森 mori, 池田 ikeda,
    橋本 hashimoto, 阿部 abe, 石川 ishikawa, 山下 yamashita, 中島 nakajima nakashima, 石井 ishii,
    小川 ogawa, 前田 maeda, 岡田 okada, 長谷川 hasegawa, 藤田 fujita, 後藤 gotō, 近藤 kondō,
    村上 murakami, 遠藤 endō, 青木 aoki, 坂本 sakamoto, 福田 fukuda, 太田 ōta, 西村 nishimura,
    藤井 fujii, 金子 kaneko, 岡本 okamoto, 藤原 fujiwara, 三浦 miura, 中野 nakano, 中川 nakagawa,
    原田 harada, 松田 matsuda, 竹内 takeuchi, 小野 ono, 田村 tamura, 中山 nakayama, 和田 wada,
    石田 ishida, 森田 morita, 上田 ueda, 原 hara, 内田 uchida, 柴田 shibata, 酒井 sakai, 宮崎 miyazaki,
    横山 yokoyama, 高木 takagi takaki, 安藤 andō, 宮本 miyamoto, 大野 ōno, 小島 kojima, 谷口 taniguchi,
    工藤 kudō, 今井 imai, 高田 takada takata, 増田 masuda, 丸山 maruyama, 杉山 sugiyama, 村田 murata,
    大塚 ōtsuka, 新井 arai, 藤本 fujimoto, 小山 koyama oyama, 平野 hirano, 河野 kōno kawano, 上野 ueno,
    武田 takeda, 野口 noguchi, 松井 matsui, 千葉 chiba, 菅原 sugawara, 岩崎 iwasaki, 久保 kubo,
    木下 kinoshita, 佐野 sano, 野村 nomura, 松尾 matsuo, 市川 ichikawa, 菊地 kikuchi, 菊池 kikuchi,
    杉本 sugimoto, 古川 furukawa, 大西 ōnishi, 島田 shimada, 水野 mizuno, 桜井 sakurai, 高野 takano,
    吉川 yoshikawa, 山内 yamauchi yamanouchi, 西田 nishida, 飯田 iida, 菊川 kikukawa, 西川 nishikawa,
    小松 komatsu, 北村 kitamura, 安田 yasuda, 五十嵐 igarashi, 川口 kawaguchi, 平田 hirata, 関 seki,
    中田 nakata nakada, 久保田 kubota, 服部 hattori, 東 higashi azuma, 岩田 iwata, 土屋 tsuchiya,
    川崎 kawasaki, 福島 fukushima, 本田 honda, 辻 tsuji, 樋口 higuchi, 秋山 akiyama, 田口 taguchi,
    永井 nagai, 中西 nakanishi, 吉村 yoshimura, 川上 kawakami, 石原 ishihara, 大橋 ōhashi,
    松岡 matsuoka, 浜田 hamada, 馬場 baba, 森本 morimoto, 矢野 yano, 浅野 asano, 松下 matsushita,
    星野 hoshino, 大久保 ōkubo, 吉岡 yoshioka, 小池 koike, 野田 noda, 荒木 araki, 大谷 ōtani,
    松浦 matsuura, 熊谷 kumagai, 黒田 kuroda, 尾崎 ozaki, 永田 nagata, 川村 kawamura, 望月 mochizuki,
    松村 matsumura, 田辺 tanabe, 菅野 kanno sugano, 荒井 arai, 堀 hori, 平井 hirai, 大島 ōshima,
    西 nishi, 早川 hayakawa, 栗原 kurihara, 広瀬 hirose, 横田 yokota, 石橋 ishibashi, 岡崎 okazaki,
    萩原 hagiwara, 今村 imamura, 福井 fukui, 坂井 sakai, 片山 katayama, 須藤 sudō, 河合 kawai,
    内藤 naitō, 関口 sekiguchi, 小田 oda, 黒川 kurokawa, 大森 ōmori, 奥村 okumura, 徳田 tokuda, 乾 inui,
    関根 sekine, 鶴岡 tsuruoka, 宇野 uno, 真鍋 manabe, 湯川 yukawa, 朝永 tomonaga, 甘利 amari,
    長尾 nagao, 辻井 tsujii, 黒橋 kurohashi
    """
)
_JAPANESE_GIVEN = _words(
    """
    太郎 tarō, 一郎 ichirō, 次郎 jirō, 二郎 jirō, 三郎 saburō, 健一 kenichi, 健二 kenji, 健 ken takeshi,
    誠 makoto, 隆 takashi, 浩 hiroshi, 博 hiroshi, 修 osamu, 茂 shigeru, 実 minoru, 稔 minoru,
    清 kiyoshi, 進 susumu, 明 akira, 正 tadashi masashi, 学 manabu, 聡 satoshi, 智 satoshi tomo,
    豊 yutaka, 剛 tsuyoshi gō, 武 takeshi, 徹 tōru, 哲也 tetsuya, 達也 tatsuya, 和也 kazuya, 直樹 naoki,
    直人 naoto, 英樹 hideki, 秀樹 hideki, 正樹 masaki, 大輔 daisuke, 大介 daisuke, 健太 kenta,
    健太郎 kentarō, 翔太 shōta, 翔 shō, 拓也 takuya, 拓 taku hiraku, 雄一 yūichi, 裕一 yūichi,
    雄二 yūji, 裕二 yūji, 祐介 yūsuke, 雄介 yūsuke, 勇気 yūki, 祐樹 yūki, 浩二 kōji, 浩司 kōji,
    幸司 kōji, 光一 kōichi, 浩一 kōichi, 幸一 kōichi, 信一 shinichi, 真一 shinichi, 慎一 shinichi,
    純 jun, 淳 jun atsushi, 敦 atsushi, 潤 jun, 亮 ryō, 涼 ryō, 亮太 ryōta, 恵 megumi kei, 圭 kei,
    圭介 keisuke, 啓介 keisuke, 啓 kei, 慶太 keita, 洋 hiroshi yō, 洋一 yōichi, 陽一 yōichi, 洋平 yōhei,
    陽平 yōhei, 恭平 kyōhei, 正彦 masahiko, 和彦 kazuhiko, 克彦 katsuhiko, 義彦 yoshihiko,
    俊彦 toshihiko, 明彦 akihiko, 智彦 tomohiko, 和夫 kazuo, 正雄 masao, 隆夫 takao, 俊夫 toshio,
    義男 yoshio, 貴志 takashi, 孝 takashi, 崇 takashi, 大地 daichi, 悠太 yūta, 優 yū masaru,
    悠 yū haruka, 航 wataru kō, 渉 wataru, 翼 tsubasa, 亘 wataru, 匠 takumi, 樹 itsuki, 花子 hanako,
    恵子 keiko, 洋子 yōko, 陽子 yōko, 裕子 yūko hiroko, 優子 yūko, 幸子 sachiko, 和子 kazuko,
    智子 tomoko, 直子 naoko, 由美子 yumiko, 真理子 mariko, 京子 kyōko, 久美子 kumiko, 明美 akemi,
    由美 yumi, 真由美 mayumi, 美穂 miho, 美咲 misaki, 愛 ai, 彩 aya, 綾 aya, 舞 mai, 葵 aoi, 陽菜 hina,
    結衣 yui, 麻衣 mai, 香織 kaori, 由香 yuka, 理恵 rie, 理沙 risa, 里奈 rina, 奈々 nana, 千尋 chihiro,
    真 makoto shin, 薫 kaoru, 光 hikaru, 忍 shinobu, 望 nozomi, 歩 ayumu ayumi, 治 osamu, 登 noboru,
    昇 noboru, 勉 tsutomu, 努 tsutomu, 守 mamoru, 篤 atsushi, 勝 masaru, 弘 hiroshi, 宏 hiroshi,
    寛 hiroshi, 仁 hitoshi jin, 均 hitoshi, 等 hitoshi
    """
)
_LONGEST_FAMILY = 3
_JAPANESE = re.compile(r"[\u3400-\u9fff々]{2,7}")
_HANGUL = re.compile(r"[\uac00-\ud7a3]{2,4}")
_MOST = 24
"""Ways of writing one name that are kept."""
_SYLLABLES = re.compile(r"[A-Z]?[^A-Z\W]+|[A-Z]")
_BY_SOUND = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff\u0400-\u052f\u0590-\u06ff\u0750-\u077f]")
_SOUNDS = (
    *(
        ("shch", "s"),
        ("sch", "s"),
        ("sh", "s"),
        ("zh", "z"),
        ("kh", "k"),
        ("ch", "k"),
        ("gh", "g"),
        ("th", "t"),
    ),
    *(("dh", "d"), ("ph", "f"), ("ts", "c"), ("tz", "c"), ("ck", "k"), ("mp", "b"), ("mb", "b"), ("nt", "d")),
    *(("nd", "d"), ("x", "ks"), ("q", "k"), ("c", "k"), ("b", "v")),
)
"""How sounds are written that one script has and Latin has not, or that change from one to the other."""
_SILENT = re.compile(r"[aeiouyjhw'`\W\d]")
_TWICE = re.compile(r"(.)\1+")


def latin_parts(name_key: str) -> list[str]:
    """The parts of a name in Latin letters; each character of Chinese or Korean is a part of its own."""
    if name_key.isascii():
        return name_key.split()
    return [part.lower() for word in anyascii(name_key).split() for part in _SYLLABLES.findall(word)]


@lru_cache(maxsize=4096)
def latin_writings(name_key: str) -> tuple[list[str], ...]:
    """The parts of a name in Latin letters, in each way in which it is commonly written."""
    parts = latin_parts(name_key)
    if name_key.isascii() or not parts:
        return (parts,)
    families = (parts[0], *(one for one in FAMILY_NAMES.get(name_key[:1], ()) if one != parts[0]))
    signs = name_key.replace(" ", "")
    if _HANGUL.fullmatch(signs) and len(parts) == len(signs):
        given = [(part, *_KOREAN.get(sign, ())) for sign, part in zip(signs[1:], parts[1:], strict=True)]
        written = islice(product(families, *(tuple(dict.fromkeys(one)) for one in given)), _MOST)
        return tuple(list(one) for one in written)
    chinese = ([family, *parts[1:]] for family in families)
    return (*chinese, *(_japanese(signs) if _JAPANESE.fullmatch(signs) else ()))


def _japanese(signs: str) -> Iterator[list[str]]:
    """The readings of a Japanese name whose family name is known; an unknown given name stays in signs."""
    for length in range(min(_LONGEST_FAMILY, len(signs)), 0, -1):
        families = _JAPANESE_FAMILY.get(signs[:length])
        if families is not None:
            given = signs[length:]
            for family, first in product(families, _JAPANESE_GIVEN.get(given, (given,))):
                yield [family, first] if first else [family]
            return


def is_read_by_sound(name_key: str) -> bool:
    """Whether a name is in a script with many ways into Latin letters: Cyrillic, Greek, Arabic, Hebrew."""
    return not name_key.isascii() and _BY_SOUND.search(name_key) is not None


def sound_of(part: str) -> str:
    """The consonants of a part of a name as they sound, in whichever way it is written in Latin letters."""
    for written, plain in _SOUNDS:
        part = part.replace(written, plain)
    return _TWICE.sub(r"\1", _SILENT.sub("", part))


def sounds_of(parts: Sequence[str]) -> list[str]:
    """The sound of each part that has one."""
    return [sound for part in parts if (sound := sound_of(part))]
