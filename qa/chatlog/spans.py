"""Personal data in one text: where it stands, of what kind it is, and the value without its dress.

Rules are tried in the order of `RULES`; the first that claims a place keeps it. They see the text folded one
character to one (full-width to half-width, odd digits and dashes to plain ones) and without invisible characters.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from qa.chatlog.address import LEVEL, addresses
from qa.chatlog.names import labelled_names, names_beside


class Span(NamedTuple):
    """Characters start to end of the text as it was given, the kind (shown in the placeholder), the plain value."""

    start: int
    end: int
    kind: str
    value: str


Claim = tuple[int, int, str]
Rule = Callable[[str], Iterator[Claim]]

PHONE, LANDLINE, ID_CARD, BANK_CARD, PAPER = "手机号", "电话", "身份证号", "银行卡号", "证件号"
EMAIL, WECHAT, QQ, ALIPAY, PLATE = "邮箱", "微信号", "QQ号", "支付宝", "车牌号"
ADDRESS, NAME, ORDER, PARCEL = "地址", "姓名", "订单号", "运单号"

ODD_DIGITS = (0x0660, 0x06F0, 0x0966, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6)
FOLD = (
    {0xFF01 + i: 0x21 + i for i in range(94)}
    | {zero + digit: 0x30 + digit for zero in ODD_DIGITS for digit in range(10)}
    | dict.fromkeys(map(ord, "‐‑‒–—―−﹣ー"), "-")
    | dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2009\u3000\t"), " ")
    | {ord("﹫"): "@"}
)
UNSEEN = re.compile("[\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u20e3\ufe00-\ufe0f\ufeff]")
SPOKEN_DIGITS = "零〇一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖"
SPOKEN = str.maketrans(SPOKEN_DIGITS, "0011223456789123456789")

KEPT = re.compile(r"\[(?:[\u4e00-\u9fffA-Za-z]{1,8}(?:·[0-9a-f]{4})?|[A-Za-z]+_\d+)\]")
"""A placeholder that stands already: never masked again."""
GOODS = re.compile(
    r"(?:(?:商品|货品|产品|宝贝|规格|款式|型)(?:编号|编码|号码|id|号|码)|货号|款号|条形码|条码|sku(?:id)?)[ ]{0,2}(?:[:=#]|是|为)?[ ]{0,2}[0-9A-Za-z-]{4,30}",
    re.I,
)
"""A number that names goods and nobody."""
LINK = re.compile(r"(?:https?://|www\.)[^\s\u4e00-\u9fff，。）)]+", re.I)

G = r"[ .\-·•_()]{0,3}"  # between groups of digits
IS = r"(?:号码|号)?[ ]{0,2}(?:[:=#]|是|为)?[ ]{0,2}"
MOBILE = re.compile(
    rf"(?<!\d)(?:(?:\+|00)?86{G})?(?:1[ -]?[3-9][ -]?\d{G}\d{{4}}{G}\d{{4}}|1[3-9]\d\d{G}\d{{3}}{G}\d{{4}}|1[3-9]\d\d{G}\d{{4}}{G}\d{{3}}"
    rf"|1[3-9]\d{G}\d{{3}}{G}\d{{5}}|1[3-9]\d(?:{G}\d\d){{4}}|1(?P<gap>[ .\-·•_]{{1,2}})\d(?:(?P=gap)\d){{9}})(?!\d)"
)
WHOLE_MOBILE = re.compile(r"(?:86)?1[3-9]\d{9}")
AREA = r"0(?:10|2\d|3[1-9]\d|4[1-9]\d|5[1-9]\d|6[36]\d|7[1-9]\d|8[1-9]\d|9[0-9]\d)"
LINE = re.compile(
    rf"(?<![\d-])(?:\({AREA}\)[ -]?|{AREA}[ -]{{0,3}})[2-8]\d{{6,7}}(?:[ ]?(?:转|ext\.?|-)[ ]?\d{{1,6}})?(?!\d)", re.I
)
NEAR_LINE = re.compile(rf"(?:座机|固话|固定电话|家庭电话){IS}([2-8]\d{{2,3}}[ -]?\d{{4}})(?!\d)")
ID18 = re.compile(rf"(?<![0-9A-Za-z])[1-9]\d{{5}}{G}(?:19|20)\d\d{G}\d{{4}}{G}\d{{3}}[\dXx](?![0-9A-Za-z])")
ID15 = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{14}(?![0-9A-Za-z])")
CARD = re.compile(
    r"(?<![0-9A-Za-z])(?:\d{16,19}|\d{4}(?:[ -]\d{4}){3}(?:[ -]?\d{1,3})?|\d{6}[ -]\d{10,13})(?![0-9A-Za-z])"
)
CARD_SAID = re.compile("银行卡|卡号|储蓄卡|信用卡|借记卡|账号|帐号|打款|转账|卡[号是为: ]{0,3}$")
PASSPORT = re.compile(r"(?:护照|通行证|港澳证|台胞证|证件号?)" + IS + r"([A-Z]{1,2}\d{7,9})(?![0-9A-Za-z])", re.I)
MAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}"
    r"(?:(?:@|[(\[]at[)\]])[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{2,30}){1,3}"
    r"| ?(?:@|[(\[]at[)\]]) ?(?:qq|vip ?\. ?qq|163|126|gmail|foxmail|sina|sohu|hotmail|outlook|139|189|yeah|icloud) ?\. ?(?:com|cn|net)(?: ?\. ?cn)?)"
    r"(?![A-Za-z])",
    re.A | re.I,
)
WX_NAMED = re.compile(r"(?<![A-Za-z0-9_])wxid_[a-z0-9]{6,30}", re.I)
WX = re.compile(
    r"(?:(?P<han>微信|薇信|威信|徽信|维信|v信|加v|\+v|加[微薇]|薇(?=[ :+❤♥➕]))|(?<![A-Za-z])(?:vx|wx|wechat|weixin|v(?=[ ]?[:+❤♥➕加])))"
    r"[ ]?(?:号码|账号|帐号|号|id)?[ ]{0,2}(?P<is>[:=+❤♥➕]{1,2}|是|为|加)?[ ]{0,2}"
    r"(?P<value>[A-Za-z][-_A-Za-z0-9]{5,19}|\d{6,12})(?![-_A-Za-z0-9])",
    re.I,
)
NO_WX = frozenset(["weixin", "wechat", "alipay", "official", "applet", "public", "service", "payment", "taobao"])
QQ_ = re.compile(
    r"(?:(?<![A-Za-z])(?:[qQ]{2}|[qQ](?=[号:]))|扣扣|企鹅)[ ]?(?:群|账号|帐号)?" + IS + r"([1-9]\d{4,11})(?!\d)"
)
PAY = re.compile(
    r"(?:支付宝|alipay)[ ]?(?:(?:账号|帐号|账户|账|号)[ ]{0,2}(?:[:=]|是|为)?|[:=]|是|为)[ ]{0,2}"
    r"((?=[-_A-Za-z]*\d)[A-Za-z0-9][-_A-Za-z0-9]{4,29})(?![-_A-Za-z0-9@])",
    re.I,
)
PLATES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
CAR = re.compile(
    rf"(?P<p>[{PLATES}])[ ]?[A-HJ-NP-Z](?P<dot>[ ·•.-]?)"
    r"(?:[A-HJ-NP-Z0-9]{5}|[DF][A-HJ-NP-Z0-9]\d{4}|\d{5}[DF])(?![A-Za-z0-9])",
    re.I,
)
ORDER_NAMED = re.compile(
    r"(?P<said>订单(?:编号|号码|号)?|(?<![运递流包面])单号|交易(?:单号|编号|号)|流水号|(?<![A-Za-z])order[ ]?(?:id|no\.?|number)?)"
    r"[ ]{0,2}(?:[:=#]|是|为)?[ ]{0,2}(?P<value>\d{6}-\d{12,18}|[A-Za-z]{0,5}\d{8,32})(?![0-9A-Za-z])",
    re.I,
)
PARCEL_NAMED = re.compile(
    r"(?P<said>(?:运|快递|物流|面|包裹|邮政|顺丰|圆通|中通|申通|韵达|极兔|京东|EMS)(?:单号|编号|号码|单|号)+)"
    r"[ ]{0,2}(?:[:=#]|是|为)?[ ]{0,2}(?P<value>[A-Za-z]{0,5}\d{8,24})(?![0-9A-Za-z])",
    re.I,
)
PARCEL_CODE = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z]{2,5}\d{9,20}|[A-Z]{2}\d{9}[A-Z]{2})(?![A-Za-z0-9])", re.I)
LONG = re.compile(r"(?<![\dA-Za-z.])(?:\d{6}-\d{12,18}|\d{10,40})(?![\dA-Za-z]|\.\d)")
DAY_TIME = re.compile(r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?")
DAY = re.compile(r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
UNIT = re.compile(r"[ ]?(?:元|块|件|个|斤|米|人|毫|条|次)")


def find(text: str) -> tuple[Span, ...]:
    """All personal data in a text, in order, without overlaps."""
    seen = [place for place, c in enumerate(text) if not UNSEEN.match(c)] if UNSEEN.search(text) else None
    plain = (text if seen is None else "".join(text[place] for place in seen)).translate(FOLD)
    taken: list[Span] = [Span(*m.span(), "", "") for kept in (KEPT, GOODS) for m in kept.finditer(plain)]
    signs: dict[object, object] = {}
    for kind, sign, rule in RULES:
        if sign not in signs:
            signs[sign] = sign(plain)
        if not signs[sign]:
            continue
        for start, end, value in rule(plain):
            if end > start and all(end <= span.start or start >= span.end for span in taken):
                taken.append(Span(start, end, kind, value))
    anchors = [span for span in taken if span.kind in (PHONE, LANDLINE, ID_CARD, BANK_CARD, ADDRESS)]
    for start, end, value in names_beside(plain, [(span.start, span.end) for span in anchors]):
        if all(end <= span.start or start >= span.end for span in taken):
            taken.append(Span(start, end, NAME, value))
    found = sorted(span for span in taken if span.kind)
    if seen is None:
        return tuple(found)
    ends = [*seen, len(text)]
    return tuple(span._replace(start=seen[span.start], end=ends[span.end]) for span in found)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _mobiles(text: str) -> Iterator[Claim]:
    for m in MOBILE.finditer(text):
        if (number := _number(m.group())) is not None:
            yield (*m.span(), number)


def _spoken_mobiles(text: str) -> Iterator[Claim]:
    yield from _mobiles(text.translate(SPOKEN))


def _number(dressed: str) -> str | None:
    """The eleven digits of a mobile number: the same with and without +86, blanks and dashes."""
    digits = _digits(dressed)
    return digits[-11:] if re.fullmatch(r"(?:00)?(?:86)?1[3-9]\d{9}", digits) else None


def _whole(pattern: re.Pattern[str], fold: Callable[[str], str] = str.casefold) -> Rule:
    def rule(text: str) -> Iterator[Claim]:
        for m in pattern.finditer(text):
            yield (*m.span(), fold(m.group()))

    return rule


def _inner(pattern: re.Pattern[str], fold: Callable[[str], str] = str.casefold) -> Rule:
    def rule(text: str) -> Iterator[Claim]:
        for m in pattern.finditer(text):
            yield (*m.span(1), fold(m.group(1)))

    return rule


def _mails(text: str) -> Iterator[Claim]:
    for m in MAIL.finditer(text):
        plain = re.sub(r"\(at\)|\[at\]", "@", m.group().replace(" ", ""), flags=re.I)
        yield (*m.span(), plain.casefold())


def _wechats(text: str) -> Iterator[Claim]:
    for m in WX.finditer(text):
        value = m.group("value").casefold()
        said = m.group("han") or m.group("is") or not value.isalpha()
        if said and value not in NO_WX and not WHOLE_MOBILE.fullmatch(value):
            yield (*m.span("value"), value)


def _accounts(text: str) -> Iterator[Claim]:
    for m in PAY.finditer(text):
        if not WHOLE_MOBILE.fullmatch(m.group(1)):
            yield (*m.span(1), m.group(1).casefold())


def _id_cards(text: str) -> Iterator[Claim]:
    for m in ID18.finditer(text):
        digits = re.sub(r"[^0-9Xx]", "", m.group()).upper()
        named = "身份证" in text[max(0, m.start() - 12) : m.start()]
        if _is_day(digits[6:14]) and (named or _checked(digits)):
            yield (*m.span(), digits)
    for m in ID15.finditer(text):
        digits = m.group()
        named = "身份证" in text[max(0, m.start() - 12) : m.start()]
        if named or (digits[0] in "12345678" and digits[1] in "123456" and _is_day("19" + digits[6:12])):
            yield (*m.span(), digits)


def _checked(digits: str) -> bool:
    """The check character of GB 11643 (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * (1 << (17 - place)) for place, digit in enumerate(digits[:17]))
    return "10X98765432"[total % 11] == digits[17]


def _is_day(digits: str) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return 1900 <= born.year <= 2100


def _bank_cards(text: str) -> Iterator[Claim]:
    for m in CARD.finditer(text):
        digits = _digits(m.group())
        before = text[max(0, m.start() - 12) : m.start()]
        named = CARD_SAID.search(before)
        issued = digits.startswith(("62", "81")) or (len(digits) == 16 and digits[0] in "45")
        if 16 <= len(digits) <= 19 and (named or (issued and _luhn(digits))):
            yield (*m.span(), digits)


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _plates(text: str) -> Iterator[Claim]:
    for m in CAR.finditer(text):
        body = m.group()[2:]
        near = text[max(0, m.start() - 8) : m.start()] + text[m.end() : m.end() + 4]
        alone = not (m.start() and "\u4e00" <= text[m.start() - 1] <= "\u9fff") and m.group("p") not in "新云青黑"
        if sum(c.isdigit() for c in body) >= 2 and ("车" in near or m.group("dot") in {"·", "•"} or alone):
            yield (*m.span(), re.sub(r"[ ·•.-]", "", m.group()).upper())


def _named_numbers(pattern: re.Pattern[str]) -> Rule:
    def rule(text: str) -> Iterator[Claim]:
        for m in pattern.finditer(text):
            value = m.group("value")
            sure = m.group("said").endswith(("号", "码"))
            if sure or not (WHOLE_MOBILE.fullmatch(value) or DAY.fullmatch(value) or DAY_TIME.fullmatch(value)):
                yield (*m.span("value"), value.upper())

    return rule


def _codes(text: str) -> Iterator[Claim]:
    links = [m.span() for m in LINK.finditer(text)]
    for m in PARCEL_CODE.finditer(text):
        if not any(start <= m.start() < end for start, end in links):
            yield (*m.span(), m.group().upper())


def _long_numbers(text: str) -> Iterator[Claim]:
    links = [m.span() for m in LINK.finditer(text)]
    for m in LONG.finditer(text):
        plain = not (DAY_TIME.fullmatch(m.group()) or UNIT.match(text, m.end()))
        if plain and not any(start <= m.start() < end for start, end in links):
            yield (*m.span(), m.group())


DIGITS = re.compile(r"\d(?:[^\d]{0,3}\d){6}").search
LEVELS = re.compile(f"{LEVEL}.*?{LEVEL}", re.S).search
RULES: tuple[tuple[str, Callable[[str], object], Rule], ...] = (
    (EMAIL, re.compile(r"@|at[)\]]", re.I).search, _mails),
    (ORDER, DIGITS, _named_numbers(ORDER_NAMED)),
    (PARCEL, DIGITS, _named_numbers(PARCEL_NAMED)),
    (PAPER, DIGITS, _inner(PASSPORT, str.upper)),
    (ID_CARD, DIGITS, _id_cards),
    (BANK_CARD, DIGITS, _bank_cards),
    (PHONE, DIGITS, _mobiles),
    (PHONE, re.compile(rf"[{SPOKEN_DIGITS}]").search, _spoken_mobiles),
    (WECHAT, re.compile("wxid", re.I).search, _whole(WX_NAMED)),
    (WECHAT, re.compile("[vx信薇]|加微|wechat|weixin", re.I).search, _wechats),
    (QQ, re.compile("q|扣扣|企鹅", re.I).search, _inner(QQ_)),
    (ALIPAY, re.compile("支付宝|alipay", re.I).search, _accounts),
    (PARCEL, DIGITS, _codes),
    (LANDLINE, DIGITS, _whole(LINE, _digits)),
    (LANDLINE, DIGITS, _inner(NEAR_LINE, _digits)),
    (PLATE, re.compile(f"[{PLATES}] ?[A-Z]", re.I).search, _plates),
    (ADDRESS, LEVELS, addresses),
    (ORDER, DIGITS, _long_numbers),
    (NAME, re.compile("[人名叫]").search, labelled_names),
)
"""Kind, a cheap sign without which the rule cannot hold, and the rule."""
