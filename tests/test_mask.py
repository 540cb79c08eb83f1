"""Masking: personal data never comes through, and what is no personal data stays as it is."""

import itertools
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.chatlog import mask
from qa.chatlog.mask import blank
from qa.chatlog.spans import find

KEY = b"test key of thirty-two bytes....."
PLACEHOLDER = re.compile(r"\[[^\[\]·]{2,5}·[0-9a-f]{4}\]")

Random = random.Random


def masked(*texts: str, scope: str = "c-1 2026 10") -> list[str]:
    series, _ = mask(pl.Series("text", texts), pl.Series("scope", [scope] * len(texts)), KEY)
    return series.to_list()


# ---------------------------------------------------------------- made-up people


def digits(rnd: Random, count: int) -> str:
    return "".join(rnd.choice("0123456789") for _ in range(count))


def wide(text: str) -> str:
    return text.translate({0x30 + i: 0xFF10 + i for i in range(10)})


def mobile(rnd: Random) -> str:
    n = rnd.choice(["13", "15", "17", "18", "19"]) + digits(rnd, 9)
    spoken = n.translate(str.maketrans("0123456789", rnd.choice(["零一二三四五六七八九", "〇幺二三四五六七八九"])))
    forms = [
        n, n, n, f"+86{n}", f"+86 {n}", f"86-{n}", f"{n[:3]} {n[3:7]} {n[7:]}", f"{n[:3]}-{n[3:7]}-{n[7:]}", wide(n),
        f"{n[:3]}.{n[3:7]}.{n[7:]}", " ".join(n), spoken, "\u200b".join(n), "".join(d + "\ufe0f\u20e3" for d in n),
    ]  # fmt: skip
    return rnd.choice(forms)


def landline(rnd: Random) -> str:
    area, local = rnd.choice(["010", "021", "0571", "0755", "028", "0512"]), rnd.choice("2345678") + digits(rnd, 7)
    return rnd.choice(
        [f"{area}-{local}", f"({area}){local}", f"{area}{local}", f"{area} {local}", f"{area}-{local}-801"]
    )


def id_card(rnd: Random) -> str:
    body = rnd.choice(["330106", "110105", "440305", "510107"])
    body += f"{rnd.randint(1955, 2007)}{rnd.randint(1, 12):02}{rnd.randint(1, 28):02}{digits(rnd, 3)}"
    check = "10X98765432"[sum(int(d) * 2 ** (17 - i) for i, d in enumerate(body)) % 11]
    return rnd.choice(
        [body + check, body + check.lower(), wide(body + check), f"{body[:6]} {body[6:14]} {body[14:]}{check}"]
    )


def bank_card(rnd: Random) -> str:
    body = rnd.choice(["622202", "621700", "622848", "621483"]) + digits(rnd, rnd.choice([9, 12]))
    total = sum(sum(divmod(int(d) * (2 if i % 2 == 0 else 1), 10)) for i, d in enumerate(reversed(body)))
    card = body + str(-total % 10)
    return rnd.choice([card, " ".join(card[i : i + 4] for i in range(0, len(card), 4))])


def email(rnd: Random) -> str:
    name = rnd.choice(["liwei", "zhao.min", "sun_88", "amy-chen"]) + digits(rnd, rnd.randint(0, 4))
    return rnd.choice([f"{name}@163.com", f"{name}@example.com.cn", f"{name}＠qq.com", f"{digits(rnd, 9)}@qq.com"])


def wechat(rnd: Random) -> str:
    return rnd.choice(["fish", "moon_", "Tom-", "xiaohe"]) + digits(rnd, rnd.randint(3, 6))


def qq(rnd: Random) -> str:
    return rnd.choice("123456789") + digits(rnd, rnd.randint(6, 9))


def plate(rnd: Random) -> str:
    place = rnd.choice(["浙A", "苏E", "沪B", "粤Z", "鲁Q"])
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    return place + rnd.choice(
        [digits(rnd, 5), rnd.choice(letters) + digits(rnd, 4), "D" + digits(rnd, 5), "·" + digits(rnd, 5)]
    )


def order(rnd: Random) -> str:
    return rnd.choice("23456789") + digits(rnd, rnd.choice([11, 14, 17, 18]))


def parcel(rnd: Random) -> str:
    return rnd.choice(["SF", "YT", "JT", "STO", "ZT"]) + digits(rnd, 13)


def name(rnd: Random) -> str:
    given = rnd.choice(["建国", "秀英", "磊", "思远", "晓梅", "伟", "雨桐", "志强", "静"])
    return rnd.choice(["李", "王", "赵", "孙", "周", "吴", "郑", "林", "欧阳", "诸葛", "許", "陳"]) + given


def address(rnd: Random) -> str:
    region = rnd.choice(
        [
            "山东省济南市历下区", "湖南长沙市岳麓区", "重庆市渝中区", "河北省石家庄市桥西区", "江苏省苏州市昆山市", "福建省厦门市思明区",
            "四川省成都市金牛区", "云南省大理白族自治州大理市", "内蒙古自治区呼和浩特市赛罕区", "辽宁省大连市中山区", "南昌市青山湖区",
            "贵州省遵义市播州区", "上海闵行区", "安徽省合肥市肥西县", "新疆维吾尔自治区乌鲁木齐市天山区",
        ]
    )  # fmt: skip
    town = rnd.choice(["", "", "七宝镇", "花桥镇", "城关街道", "上派乡"])
    road = rnd.choice(["解放东路", "人民南路二段", "龙井街", "学院大道", "梧桐巷", "北辰西路", "建设大街"])
    number = rnd.choice(["18号", "256号", "6-2号", "一百零八号"])
    home = rnd.choice(["", "翠湖花园", "金地小区", "国贸大厦", "锦绣公寓"])
    flat = rnd.choice(["", "5栋2单元301室", "12幢1204", "3号楼二单元502", "A座1806室", "7层703"])
    return region + town + rnd.choice(["", " "]) + road + number + home + flat


PEOPLE: dict[str, tuple[Callable[[Random], str], tuple[str, ...]]] = {
    "手机号": (mobile, ("麻烦打这个{}联系", "我换号了，{}", "电话{}谢谢", "call me {} ok", "收货手机 {}，别打旧的")),
    "电话": (landline, ("家里是{}", "公司座机 {} 找小刘", "打{}没人接")),
    "身份证号": (id_card, ("身份证{}", "清关要用，证件是{}麻烦填", "我的是 {} ，对吗")),
    "银行卡号": (bank_card, ("退到银行卡{}", "卡号：{}，工行的", "请打款到 {} 谢谢")),
    "邮箱": (email, ("发票发到{}", "我的邮箱 {} 收不到", "mail: {}")),
    "微信号": (wechat, ("加我微信{}", "微信号：{}", "vx {}", "WeChat: {}，备注订单")),
    "QQ号": (qq, ("QQ{}", "我的qq号是{}", "扣扣：{}")),
    "车牌号": (plate, ("车牌{}", "进小区报车号 {} 就行", "我的车是 {}")),
    "订单号": (order, ("订单号{}", "订单编号：{} 怎么还没到", "这个 {} 帮查一下", "我的单号是{}")),
    "运单号": (parcel, ("快递单号{}", "运单号：{}", "这个 {} 两天没动了")),
    "姓名": (name, ("收件人：{}", "收货人 {}，麻烦改一下", "联系人叫{}", "姓名：{}，电话没变", "寄件人是{}的")),
    "地址": (address, ("地址：{}", "寄到{}", "麻烦改成 {} 吧", "我住在{}，几天能到", "收货地址是{}。")),
}

HARMLESS = (
    "10月31日晚上8点下单的，11月3日还没到", "2026-10-01 10:30:05 付款", "2026/10/1 9:05", "20261001", "20261001103000 的记录",
    "一共 1,299.00 元，优惠 300 减 50", "¥88.88 包邮", "满199减100，再叠加20元券", "尺码 165/88A 170/92A 175/96A", "身高172体重130穿什么码",
    "38 39 40 41 42 43 44 码都有吗", "3 到 5 天发货", "7天无理由，15天包换", "买2件，再送1件", "我要 12 个 500ml 的", "电池 5000mAh，功率 1200W",
    "退款 24 小时到账", "13:05 到 15:30 没人回", "客服热线 400-820-8820", "拨打 95555 查询", "手机尾号 5678", "订单尾号 1234",
    "第 3 次问了", "99.9% 好评", "温度 36.5", "4K 120Hz HDR10", "8GB+256GB", "iPhone 17 Pro", "型号 XR-5500T", "货号 A100200300",
    "商品编号 100012043978", "商品ID：13812345678", "https://item.jd.com/100012043978.html", "https://detail.tmall.com/item.htm?id=698123456789",
    "什么时候发货呀", "不知道！", "您要哪个颜色呢", "这个号码的鞋还有吗", "小区门口放快递柜就行", "三号楼下面有超市", "下单成功后几号能到市区",
    "道路施工，区域停发", "街道办通知", "省内次日达，市内当日达", "北京上海广州都有仓库", "浙江仓发货", "发货地是浙江金华", "江苏浙江上海包邮",
    "收件人是谁", "收货人电话填错了", "联系人写谁都行", "姓名可以改吗", "谢谢 您", "高兴为您服务", "微信支付失败", "支付宝付款可以吗", "微信小程序里下的单",
    "wechat pay works", "QQ音乐会员", "QQ空间分享", "@客服 在吗", "你好@小二", "加微信群有优惠吗", "新款A12345有货吗", "全新B5码", "云南白药", "川贝枇杷膏",
    "一二三四五六七八", "第一百二十三条", "二〇二六年十月", "六六六，七七八八", "1 2 3 4 5 6 7", "111", "6666666", "hahahaha",
    "[数字x]和[订单x]", "[手机号·a1b2]", "[图片]", "价格区间 100-200", "编号1到12都行", "满1000000积分", "销量10000000件", "库存 1234567890 件",
    "3.1415926535897", "1.5 1.6 1.7 1.8 1.9 2.0 的都有", "我叫了三次客服", "加薇娅直播间", "支付宝扣了200", "卡住了", "版本 1.2.3.4", "比例 16:9", "房间大小 20 平", "两室一厅", "二单元的快递", "这条路上堵车", "高速路口自提",
)  # fmt: skip


def corpus(seed: int, per_kind: int) -> Iterator[tuple[str, str, str]]:
    """Kind, sentence and the planted value."""
    rnd = random.Random(seed)
    for kind, (make, sentences) in PEOPLE.items():
        for _ in range(per_kind):
            value = make(rnd)
            yield kind, rnd.choice(sentences).format(value), value


def left_of(value: str, text: str) -> bool:
    """Whether a telling part of a value (four characters in a row) still stands in a masked text."""
    rest = PLACEHOLDER.sub("\0", text)
    return any(value[i : i + 4] in rest for i in range(max(1, len(value) - 3)))


CORPUS = list(corpus(seed=20261001, per_kind=60))


def test_made_up_people_are_masked_at_least_at_99_in_100_and_addresses_at_90() -> None:
    texts = masked(*(text for _, text, _ in CORPUS))
    planted, missed = Counter(kind for kind, _, _ in CORPUS), Counter[str]()
    for (kind, _, value), text in zip(CORPUS, texts, strict=True):
        missed[kind] += left_of(value, text)
    assert len(CORPUS) >= 300
    for kind, count in planted.items():
        assert missed[kind] <= count * (0.1 if kind == "地址" else 0.01), (kind, missed[kind], count)
    others = {kind for kind in planted if kind != "地址"}
    assert sum(missed[k] for k in others) <= 0.01 * sum(planted[k] for k in others)


def test_what_is_masked_is_a_planted_value_of_that_kind_at_least_98_times_in_100() -> None:
    right = wrong = 0
    for kind, text, value in CORPUS:
        start = text.index(value)
        for span in find(text):
            inside = span.start >= start - 1 and span.end <= start + len(value) + 1
            right, wrong = right + (inside and span.kind == kind), wrong + (not inside or span.kind != kind)
    wrong += sum(len(find(text)) for text in HARMLESS)
    assert right / (right + wrong) >= 0.98, (right, wrong)


@pytest.mark.parametrize("text", HARMLESS)
def test_dates_prices_sizes_and_goods_stay(text: str) -> None:
    assert masked(text) == [text]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我的号码13800138000", "我的号码[手机号]"),
        ("订单号2026138001380001234", "订单号[订单号]"),
        ("快递SF1380013800012", "快递[运单号]"),
        ("商品ID 13800138000", "商品ID 13800138000"),
        ("王小明 13800138000 广东省深圳市南山区科技路1号", "[姓名] [手机号] [地址]"),
        ("发到杭州市西湖区文三路100号3栋2单元501室，李雷收", "发到[地址]，[姓名]收"),
        ("座机0571-88888888转801", "座机[电话]"),
        ("姓名：古丽·买买提 护照E12345678", "姓名：[姓名] 护照[证件号]"),
        ("支付宝账号 moon_2026", "支付宝账号 [支付宝]"),
        ("江苏省南京市江宁区将军大道29号家属区12-3-501 两件", "[地址] 两件"),
        ("发到浙江省杭州市西湖区文三路100号3天能到吗", "发到[地址]3天能到吗"),
        ("杭州市西湖区文三路100号2026年能送吗", "[地址]2026年能送吗"),
        ("我叫王建国，收 件 人: 张 三", "我叫[姓名]，收 件 人: [姓名]"),
        ("加薇 abc12345 或者QQ987654321", "加薇 [微信号] 或者QQ[QQ号]"),
        ("投诉[13800138000]", "投诉[[手机号]]"),
    ],
)
def test_each_kind_keeps_the_words_around_it(text: str, shown: str) -> None:
    assert blank(text) == shown


def test_eleven_digits_inside_a_longer_number_are_no_phone() -> None:
    for text in ("913800138000", "1380013800012", "0013800138000123"):
        assert "手机号" not in blank(f"编号 {text}")


def test_the_same_value_has_the_same_token_in_one_scope_and_another_in_the_next() -> None:
    forms = ("13800138000", "138 0013 8000", "１３８００１３８０００", "+86-138-0013-8000", "一三八零零一三八零零零")
    assert len(set(masked(*forms))) == 1
    one, two = masked(forms[0]), masked(forms[0], scope="c-2 2026 10")
    assert one != two
    assert masked("13800138001") != one


def test_masking_counts_spans_and_keeps_nulls_and_untouched_rows() -> None:
    texts = pl.Series("text", ["13800138000 或 13900139000", None, "好的"])
    result, count = mask(texts, pl.Series("scope", ["a", None, "a"]), KEY)
    assert count == 2
    assert result.to_list()[1:] == [None, "好的"]
    assert texts[0] == "13800138000 或 13900139000"


def test_masking_again_changes_nothing() -> None:
    once = masked(*(text for _, text, _ in CORPUS))
    assert masked(*once) == once


def test_the_search_over_whole_columns_misses_nothing_that_the_rules_find() -> None:
    texts = [text for _, text, _ in CORPUS]
    assert [bool(PLACEHOLDER.search(t)) for t in masked(*texts)] == [bool(find(t)) for t in texts]


ALPHABET = st.sampled_from(
    [
        *"0123456789 -.@:：，０１２一二三收件人张省市区路号栋室微信q浙A[]·x",
        "\u200b",
        "\ufe0f\u20e3",
        "13800138000",
        "😀",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ALPHABET, max_size=40).map("".join))
def test_spans_lie_in_the_text_apart_and_in_order_and_masking_is_stable(text: str) -> None:
    spans = find(text)
    assert all(0 <= s.start < s.end <= len(text) for s in spans)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    [once] = masked(text)
    assert bool(PLACEHOLDER.search(once)) >= bool(spans)
    assert "13800138000" not in masked(f"{text} 13800138000")[0].split(" ")[-1]
