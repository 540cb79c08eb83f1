"""What a customer says out of courtesy, which asks for nothing: thanks, assent, goodbye, a picture of a smile."""

import polars as pl

from qa.scoring.kinds.batch import Texts

ASSENT = "好的?|好[滴嘞]|嗯+|恩|哦|噢|行|可以|是的?|对的?|ok|在|88"
THANKS = "谢谢|感谢|多谢|谢了|辛苦了?|麻烦了?|不客气|没关系|再见|拜拜|你好"
UNDERSTOOD = "我?知道了|明白了?|了解了?|收到|懂了|没事了?|没有?了|没有|不用了?|先这样"
COURTESY = rf"^(?:{ASSENT})?(?:{THANKS}|{UNDERSTOOD})?(?:{THANKS})?(?:你|亲)?(?:了)?$"
"""Of a whole message as folded, without trailing particles."""

LONGEST = 60
"""Characters of a courtesy with its emoticon codes."""


def courteous(texts: Texts) -> pl.Series:
    """The texts that are courtesies. Signs alone are one unless they ask."""
    short = Texts(texts.said.filter(pl.col("text").str.len_chars() <= LONGEST))
    asks = (pl.col("words") == "") & pl.col("text").str.contains("[?？]")
    return short.wording.filter(pl.col("words").str.contains(COURTESY) & ~asks)["text"]
