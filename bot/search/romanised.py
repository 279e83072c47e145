"""Family names of Korea and China as their bearers write them in Latin letters, beside the standard ways.

anyascii writes 김 "Gim" and 陳 "Chen", after the official romanisations; most Koreans called 김 write "Kim",
and in Hong Kong 陳 is "Chan". Only the commonest are here: they widen a pick list, and never answer.
"""

from __future__ import annotations


def _pairs(table: str) -> dict[str, tuple[str, ...]]:
    entries = (entry.split() for entry in table.split(","))
    return {sign: tuple(written) for signs, *written in entries for sign in signs}


FAMILY_NAMES = _pairs(
    """
    김 kim, 이 lee yi rhee, 박 park pak, 최 choi, 정 jung jeong chung, 강 kang, 조 cho jo, 윤 yoon yun,
    장 jang chang, 임 lim im, 오 oh, 서 seo suh, 신 shin, 권 kwon, 황 hwang, 안 ahn, 류유 yoo ryu you,
    전 jeon jun chun, 고 ko koh, 문 moon, 손 son sohn, 배 bae, 백 baek paik, 허 heo hur huh, 심 shim,
    노 noh roh, 곽 kwak, 성 sung seong, 주 joo ju, 우 woo, 구 koo, 민 min, 천 cheon chun, 공 kong gong,
    현 hyun, 변 byun, 염 yeom, 길 gil kil, 선 sun, 여 yeo, 추 choo, 엄 eom um, 원 won, 명 myung, 금 keum,
    李 lee, 王 wong, 张張 cheung chang, 陈陳 chan, 刘劉 lau, 杨楊 yeung young, 黄黃 wong, 赵趙 chiu chao,
    吴吳 ng wu, 周 chow chou, 徐 hsu tsui, 孙孫 suen, 朱 chu, 马馬 mah, 胡 woo, 郭 kwok kuo, 林 lam lim,
    何 ho, 高 ko kao, 梁 leung, 郑鄭 cheng chang, 罗羅 law lo, 宋 sung, 谢謝 tse hsieh, 许許 hui hsu,
    邓鄧 tang teng, 曹 tsao cho, 曾 tsang tseng, 彭 pang, 肖 xiao hsiao, 萧蕭 siu hsiao, 蔡 choi tsai,
    潘 poon pan, 吕呂 lyu lv lu, 叶葉 yip yeh, 余 yu yue, 江 kong chiang, 蒋蔣 chiang, 钟鍾 chung,
    姜 chiang, 卢盧 lo, 丁 ting, 邱 yau chiu, 廖 liu liao, 洪 hung, 石 shek shih, 庄莊 chong chuang
    """
)
"""The sign of a family name, and how it is also written."""
