"""Masking: personal data in texts becomes a placeholder with a keyed token, before anything is stored."""

import polars as pl

from qa.chatlog.address import LEVEL
from qa.chatlog.keys import keyed
from qa.chatlog.spans import PLATES, SPOKEN_DIGITS, Span, find

MAYBE = (
    rf"(?:[\d{SPOKEN_DIGITS}][^\d\p{{Han}}]{{0,3}}){{7}}",
    r"[@＠﹫]|[(\[（【][aAＡａ][tTＴｔ]",
    "微信|薇信|威信|徽信|维信|[vV]信|加[微薇]|薇 ?[:：+＋❤♥➕ ]|支付宝|扣扣|企鹅|护照|通行证|港澳证|台胞证|证件",
    r"[加+＋][vV]|[vV] ?[:：+＋❤♥➕加]|[vV][xX]|[wW][xX]|(?i:wechat|weixin|alipay)|[qQ][qQ]|[qQ][号:：]|[Ａ-Ｚａ-ｚ]{2}",
    r"[\x{ad}\x{34f}\x{180e}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2064}\x{20e3}\x{fe00}-\x{fe0f}\x{feff}]",
    "收 ?[件货貨]|寄 ?件|发件|签收人|联 ?系 ?人|聯繫人|聯絡人|持卡人|开户人|姓 ?名|户名|我叫",
    rf"[{PLATES}] ?[A-Za-z][ ·•.\-]?[A-Za-z\d]{{5}}",
)
"""One of them holds for every text in which `find` finds something, but for addresses. Apart they are each a fast
search; as one pattern the engine is a hundred times slower."""


def mask(texts: pl.Series, scope: pl.Series, key: bytes) -> tuple[pl.Series, int]:
    """Texts with personal data replaced by placeholders such as [手机号·a1b2], and how many were replaced.

    The four hex digits are keyed by scope (who and when), kind and plain value: the same value in the same scope has
    the same token, in another scope another one. Null stays null; text without personal data stays as it is.
    """
    rows = pl.DataFrame({"text": texts, "scope": scope}).with_row_index("place").filter(_maybe("text"))
    spans = {text: find(text) for text in rows["text"].unique()}
    places, masked, count = [], [], 0
    for place, text, who in rows.filter(pl.col("text").is_in([t for t, s in spans.items() if s])).iter_rows():
        places.append(place)
        masked.append(_replace(text, spans[text], who or "", key))
        count += len(spans[text])
    return texts.clone().scatter(places, pl.Series(masked, dtype=pl.String)) if places else texts, count


def blank(text: str) -> str:
    """One text with placeholders without tokens, for messages to people."""
    return _replace(text, find(text), "", None)


def _maybe(name: str) -> pl.Expr:
    column = pl.col(name)
    signs = [column.str.contains(pattern) for pattern in MAYBE]
    return pl.any_horizontal(*signs, column.str.count_matches(LEVEL) >= 2).fill_null(False)


def _replace(text: str, spans: tuple[Span, ...], scope: str, key: bytes | None) -> str:
    parts, end = [], 0
    for span in spans:
        token = "" if key is None else "·" + keyed(key, "mask", scope, span.kind, span.value)[:4]
        parts += [text[end : span.start], f"[{span.kind}{token}]"]
        end = span.end
    return "".join((*parts, text[end:]))
