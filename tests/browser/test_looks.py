"""How the screens look: nothing overflows, Chinese screens speak Chinese, English ones English, in light and dark."""

import re

import pytest

from pages._desk import SCREENS
from qa.model import Role

pytestmark = pytest.mark.browser

HOME = {role: screens[0].path for role, screens in SCREENS.items()}
EVERY = [(role.value, screen.path) for role, screens in SCREENS.items() for screen in screens]
QUERY = {"today": "?day=2026-10-30", "conversations": "?day=2026-10-30"}
KNOWN_LATIN = re.compile(
    r"\b(English|QA|KPI|PDF|CSV|Excel|JSON|Lines|Ctrl|Enter|XLSX|kefu-\w+|zhuguan-\w+|renshi-\w+|guanli-\w+|made-up\S*|http\S*|evil\S*|[A-Z]{2}-\d{8}-\d+|\w+\.(?:csv|jsonl|xlsx))",
)
RAW = re.compile(r"\b(None|nan|null|undefined|Traceback|gettext|msgid|\{\w+\}|%\(\w+\)s)\b")


def path_of(role: str, path: str) -> str:
    query = QUERY.get(path, "?period=2026-10")
    return f"/{query}" if HOME[Role(role)] == path else f"/{path}{query}"


@pytest.mark.parametrize(("role", "path"), EVERY)
def test_a_chinese_screen_speaks_chinese_and_does_not_overflow(enter, role, path):
    desk = enter(role).goes(path_of(role, path))
    words = KNOWN_LATIN.sub("", desk.words)
    assert re.findall(r"[A-Za-z]{3,}", words) == []
    assert not RAW.search(desk.words)
    assert overflow(desk) == 0


@pytest.mark.parametrize(("role", "path"), EVERY)
def test_a_phone_shows_it_without_sideways_scrolling(enter, role, path):
    desk = enter(role, width=390, height=844, scheme="dark").goes(path_of(role, path))
    assert overflow(desk) == 0


def overflow(desk) -> int:
    """How many pixels the page is wider than the window."""
    measure = """() => {
        const main = document.querySelector('[data-testid="stMain"]');
        return Math.max(document.documentElement.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth);
    }"""
    return int(desk.page.evaluate(measure))


def test_the_main_act_is_visible_without_scrolling(enter):
    desk = enter("supervisor").goes("/?day=2026-10-30")
    box = desk.page.get_by_role("button", name=re.compile("开始抽检")).bounding_box()
    assert box and box["y"] + box["height"] < 200
    desk.goes("/review")
    box = desk.page.locator(".st-key-submit button").bounding_box()
    assert box and box["y"] + box["height"] < 900


def test_a_conversation_of_twenty_messages_needs_no_page_scrolling(enter):
    desk = enter("supervisor").goes("/review")
    assert (
        desk.page.evaluate(
            "() => { const m = document.querySelector('[data-testid=\"stMain\"]'); return m.scrollHeight - m.clientHeight }"
        )
        <= 0
    )


def test_the_language_switch_changes_the_whole_screen(enter):
    desk = enter("hr").goes("/?period=2026-10")
    desk.page.get_by_role("radio", name="English").or_(desk.page.get_by_role("button", name="English")).first.click()
    desk.sees("Month")
    desk.settles()
    left = re.sub(r"[（(].*?[）)]", "", desk.page.locator('[data-testid="stMain"] .qa-stations').inner_text())
    assert not re.search(r"[\u4e00-\u9fff]", left)
    desk.page.get_by_role("radio", name="中文").or_(desk.page.get_by_role("button", name="中文")).first.click()
    desk.sees("月度")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sign_in_page_follows_the_colour_scheme(chromium, address, scheme):
    context = chromium.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(address + "/signin")
    ground = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(251, 251, 249)", "dark": "rgb(21, 23, 28)"}[scheme]
    context.close()
