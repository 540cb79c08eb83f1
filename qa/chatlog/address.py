"""Addresses: at least three levels, one after the other, from the large to the small (province … room)."""

import re
from collections.abc import Iterator

LEVELS = ("province", "city", "district", "town", "place", "road", "number", "building", "unit", "floor", "room")
RANK = {level: rank for rank, level in enumerate(LEVELS)}

ENDINGS = {
    "自治州": "city",
    "地区": "city",
    "市": "city",
    "盟": "city",
    "自治县": "district",
    "自治旗": "district",
    "开发区": "district",
    "区": "district",
    "區": "district",
    "县": "district",
    "縣": "district",
    "旗": "district",
    "街道": "town",
    "办事处": "town",
    "镇": "town",
    "鎮": "town",
    "乡": "town",
    "鄉": "town",
    **dict.fromkeys(
        [
            "小区",
            "小區",
            "社区",
            "社區",
            "园区",
            "园區",
            "花园",
            "花園",
            "公寓",
            "大厦",
            "大廈",
            "广场",
            "廣場",
            "家园",
            "新村",
            "宿舍",
            "大学",
            "学院",
            "中学",
            "小学",
            "医院",
        ],
        "place",
    ),
    **dict.fromkeys(["国际", "中心", "嘉园", "雅苑", "名苑", "村", "苑"], "place"),
    **dict.fromkeys(["大道", "大街", "公路", "路", "街", "巷", "胡同"], "road"),
}
NOT_ENDING = {
    "市": "场|面|价|民|值",
    "区": "别|分|域|间|号",
    "镇": "静|痛|定|市",
    "乡": "市|下",
    "路": "口|上|过|由|线|费|途|径",
    "街": "道|上|口|拍",
    "村": "里",
    "小区": "里|门",
    "中心": "仓|店",
}
"""What may not stand behind an ending: 市场 is no city, 路上 no road."""

PROVINCE = (
    "(?:北京|天津|上海|重庆|重慶|河北|山西|辽宁|吉林|黑龙江|江苏|江蘇|浙江|安徽|福建|江西|山东|山東|河南|湖北|湖南|广东|廣東"
    "|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|臺灣|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|澳門)(?!中?[路街]|大[道街厦])"
)
LETTER = "[^\\W\\d_A-Za-z的了吗呢吧啊呀哦嗯我你您他她它们這这那在到是给給把被请請谢謝寄送址为為往去号號省室栋幢层]"
COUNT = "[0-9一二三四五六七八九十百零〇]"
ending = "|".join(
    f"{word}(?!{NOT_ENDING[word]})" if word in NOT_ENDING else word for word in sorted(ENDINGS, key=len, reverse=True)
)
PART = re.compile(
    "|".join(
        (
            rf"(?P<province>{PROVINCE}(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)?)",
            rf"(?P<number>附?(?:\d{{1,5}}(?:-\d{{1,4}}){{0,2}}|{COUNT}{{1,6}})[号號](?!楼|樓|线|前|后|下|上|到|发|店|仓)院?)",
            rf"(?P<building>(?:(?<![\dA-Za-z])[A-Za-z]?\d{{1,4}}|{COUNT}{{1,4}}|[A-Za-z甲乙丙丁东南西北])(?:[号號][楼樓]|栋|棟|幢|座|\#|(?<=\d)楼(?=\d)))",
            rf"(?P<unit>{COUNT}{{1,3}}[单單]元)",
            rf"(?P<floor>{COUNT}{{1,3}}(?:层|層|楼|樓))",
            r"(?P<room>(?<![\d.A-Za-z])[A-Za-z]?\d{1,5}(?:-\d{1,5}){0,2}(?:室|房|户|号房)|(?<![\d.A-Za-z])[A-Za-z]?\d{3,5}(?![\d元块件个天年月日.:%]|-\d))",
            rf"(?P<lane>{COUNT}{{1,5}}[弄巷])",
            rf"(?P<named>(?:(?!{PROVINCE}){LETTER}){{1,9}}?(?P<ending>{ending})(?:[东南西北中一二三]段)?)",
        )
    )
)
LEVEL = "[省市区區縣县旗盟州镇鎮乡鄉道路街巷弄号號栋棟幢座楼樓层層室房户元村苑园園厦廈场場寓舍学院同处际心]"
"""A sign of an address; one of three levels has at least two."""
GAP = re.compile(r"[ ,，、\-\n]{0,2}")
POSTCODE = re.compile(r"[ ,，]{1,2}(?:邮编[: ]?)?[1-8]\d{5}(?!\d)")
TAIL = re.compile(
    rf"(?:{LETTER}|[A-Za-z]){{0,8}}?(?:"
    rf"(?:(?<![\d-])\d{{1,4}}|[A-Za-z]|{COUNT}{{1,3}})(?:区|期|栋|幢|座|塔|单元|楼|层|室|房|组|队|舍|F(?![A-Za-z]))"
    r"|(?<![\d-])(?:\d{1,4}(?:-\d{1,4}){1,3}|\d{3,4})(?![-\d天元块件个点月日年岁分秒%.:])|交[汇叉][处口])",
    re.I,
)
"""What is left of an address behind its third level without being a level: 家属区12-3-501, A塔28楼, 三组."""
LEADING = re.compile(r".*(?:改成|改为|换成|发往|发货|收货|帮忙|帮|麻烦|地址|就|位于|改|换|住|填|写|成|下|发|从)(?=...)")
AGAIN = frozenset({"city", "district", "place", "road"})
"""Levels that may follow their own kind: 苏州市昆山市, 一村二小区."""

Part = tuple[str, int, int]


def addresses(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and the letters of each address of three or more levels."""
    chain: list[Part] = []
    for found in PART.finditer(text):
        level = _level(found)
        if chain and not _follows(text, chain[-1], level, found.start()):
            yield from _whole(text, chain)
            chain = []
        if chain:
            chain.append((level, found.start(), found.end()))
        elif level != "room":
            before = LEADING.match(found.group())
            chain.append((level, found.start() + (before.end() if before else 0), found.end()))
    yield from _whole(text, chain)


def _level(found: re.Match[str]) -> str:
    kind = next(name for name in (*LEVELS, "lane", "named") if name in found.re.groupindex and found.group(name))
    return {"lane": "road", "named": ENDINGS.get(found.group("ending") or "", "")}.get(kind, kind)


def _follows(text: str, last: Part, level: str, start: int) -> bool:
    before, _, end = last
    further = RANK[level] > RANK[before] or (level == before and level in AGAIN)
    landmark = level in {"place", "road"} and RANK["district"] <= RANK[before] <= RANK["number"]
    if level == "room":
        further = RANK[before] >= RANK["number"]
    return (further or landmark) and GAP.fullmatch(text, end, start) is not None


def _whole(text: str, chain: list[Part]) -> Iterator[tuple[int, int, str]]:
    if len({level for level, _, _ in chain}) < 3:
        return
    start, end = chain[0][1], chain[-1][2]
    while tail := TAIL.match(text, end):
        end = tail.end()
    after = POSTCODE.match(text, end)
    end = after.end() if after else end
    yield start, end, re.sub(r"[ ,，、\-\n]", "", text[start:end])
