"""What a customer says out of courtesy, which asks for nothing: thanks, assent, goodbye, a picture of a smile."""

import polars as pl

from qa.scoring.kinds.batch import Texts

WORDS = (
    *(
        "好",
        "好的",
        "好吧",
        "好滴",
        "好嘞",
        "行",
        "可以",
        "嗯",
        "嗯嗯",
        "恩",
        "哦",
        "噢",
        "是",
        "是的",
        "对",
        "对的",
        "ok",
        "在",
        "88",
    ),
    *(
        "没事",
        "没事了",
        "没有",
        "没有了",
        "没了",
        "不用",
        "不用了",
        "不客气",
        "你好",
        "再见",
        "拜拜",
        "辛苦",
        "辛苦了",
        "麻烦了",
    ),
    *(
        "谢谢",
        "谢谢你",
        "谢谢亲",
        "多谢",
        "谢了",
        "好的谢谢",
        "好的谢谢你",
        "嗯谢谢",
        "行谢谢",
        "嗯好的",
        "麻烦你了",
        "收到",
    ),
    *("知道了", "我知道了", "好的知道了", "明白", "明白了", "好的明白了", "了解", "了解了", "懂了"),
)
"""Whole messages as folded, without trailing particles."""

LONGEST = 60
"""Characters of a courtesy with its emoticon codes."""


def courteous(texts: Texts) -> pl.Series:
    """The texts that are courtesies. Signs alone are one unless they ask."""
    short = Texts(texts.said.filter(pl.col("text").str.len_chars() <= LONGEST))
    only_signs = (pl.col("words") == "") & ~pl.col("text").str.contains("[?？]")
    return short.wording.filter(pl.col("words").is_in(WORDS) | only_signs)["text"]
