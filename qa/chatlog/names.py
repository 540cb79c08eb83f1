"""Names of people where a text says that one follows: 收件人：张三, or beside a phone number or an address."""

import re
from collections.abc import Iterator, Sequence

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范"
    "方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦"
    "申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋甘景薄单包司"
    "柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫苟闫肖褚娄尚"
    "張劉陳楊趙黃吳孫馬羅鄭謝韓馮鄧許蕭呂盧蔣賈葉閻餘鍾譚鄒陸顧錢湯喬賀賴龔龐蘭顏嚴溫蘆韋畢聶叢齊莊塗時關費紀歐項陽衛車邊饒"
)
DOUBLE = "欧阳|歐陽|上官|司马|司馬|诸葛|諸葛|皇甫|尉迟|公孙|慕容|令狐|夏侯|东方|端木|司徒|南宫"
HAN = "[\u4e00-\u9fff]"
NAME = rf"(?:(?:{DOUBLE}){HAN}{{1,2}}?|[{SURNAMES}]{HAN}{{1,2}}?)"
FAR = rf"{HAN}{{1,8}}·{HAN}{{1,8}}"
STOP = r"(?=$|[^\u4e00-\u9fff]|电话|手机|号码|地址|联系|先生|女士|小姐|老师|收|住|的|就|吧|可以|谢谢|麻烦)"
LABEL = r"(?:(?:收 ?件|收 ?货|收貨|寄 ?件|发件|签收|联 ?系|聯繫|聯絡|持卡|开户) ?人(?:的)?(?:姓名|名字|名称|名)?|收货姓名|真实姓名|姓 ?名|户名|我叫)"
LABELLED = re.compile(
    rf"{LABEL}[ ]{{0,2}}(?P<sure>[:=]|是|叫|为|写|改成|改为|换成)?[ \n]{{0,2}}(?:(?P<far>{FAR})|(?P<name>{NAME}){STOP})"
)
COLON = re.compile(
    rf"{LABEL}[ ]{{0,2}}[:=][ \n]{{0,2}}(?P<name>(?:{DOUBLE}){HAN}{{1,2}}|[{SURNAMES}](?:[ ]{HAN}(?:[ ]{HAN})?|{HAN}{{1,2}}))"
)
BEFORE = re.compile(rf"(?:^|[\s,，;；。:：、!！])(?P<name>{NAME})[ ,，;；:：\n]{{1,3}}$")
AFTER = re.compile(rf"[ ,，;；\n]{{1,3}}(?P<name>{NAME})(?=$|[\s,，;；。!！]|收|先生|女士|小姐)")
WORDS = (
    "谢谢 谢谢你 谢谢您 方便 安排 时间 高兴 何时 何人 那个 平时 平常 常用 常规 空白 全部 任何 "
    "任何人 尚未 成功 应该 于是 向您 包裹 单号 黄色 白色 万一 文字 文件 关系 关于 关闭 关注 路上 "
    "路口 马上 强制 温馨 方式 明白 白天 安全 金额 金属 高级 时候 成都 成本 常见 解决 解释 查询 "
    "查看 查一下 包邮 包装 单子 单独 包括 程序 严格 严重 易碎 华为 项目 许多 位置 位数 强烈 左右 "
    "石头 雷同 游戏 施工 司机 车上 车牌 车子 房间 房子 房号 边上 尤其 毕竟 管理 管家 祝您 古怪 "
    "康复 孔子 白条 江苏 江西 安徽 宁夏 贺卡 龙头 牛奶 米饭 池子 景区 成员 成人 乔迁 田园 温度 "
    "童装 游客 游泳 解绑 单位 常住 万能 强调 房东 左边 任务 文本 何地 查到 尚可 华东 华南 华北 "
    "安装 安心 强势 盛夏 通知 甘肃 桂林 柳州 苏州 温州 杭州 贵州 兰州 武汉 洪水 严禁 申请 申诉 "
    "阳光 阳台 顾客 时效 左侧 成交 项链 金色 钱包 钱款 汤料 夏天 夏季 马桶 关门 包含 白班 易拉 "
    "常温 曲面 舒适 钟表 章程 万元 龙虾 牛肉 高度 高端 文具"
)
NOT_NAMES = frozenset(WORDS.split())
"""Common words that begin like a name."""


def labelled_names(text: str) -> Iterator[tuple[int, int, str]]:
    """Names after a label such as 收件人. After a colon a name may run into the next word."""
    for pattern in (LABELLED, COLON):
        for m in pattern.finditer(text):
            group = "far" if m.groupdict().get("far") else "name"
            if not _common(m.group(group)):
                yield (*m.span(group), m.group(group))


def names_beside(text: str, places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    """Names that stand alone just before or just after a phone number or an address."""
    for start, end in places:
        for m in (BEFORE.search(text, max(0, start - 8), start), AFTER.match(text, end)):
            if m and not _common(m.group("name")):
                yield (*m.span("name"), m.group("name"))


def _common(name: str) -> bool:
    return name in NOT_NAMES or name[:2] in NOT_NAMES
