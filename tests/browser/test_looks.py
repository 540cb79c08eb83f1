"""How the screens look: nothing overflows, Chinese screens speak Chinese, English ones English, in light and dark."""

import re

import pytest

from pages._desk import SCREENS
from qa.model import Role

pytestmark = pytest.mark.browser

HOME = {role: screens[0].path for role, screens in SCREENS.items()}
QUERY = {"today": "?day=2026-10-30", "conversations": "?day=2026-10-30"}
KNOWN_LATIN = re.compile(
    r"\[[^\]]*·[0-9a-f]{4}\]|\b(English|QA|KPI|PDF|CSV|Excel|JSON|Lines|Ctrl|Enter|XLSX|kefu-\w+|zhuguan-\w+|renshi-\w+|guanli-\w+|made-up\S*|http\S*|evil\S*|[A-Z]{2}-\d{8}-\d+|\w+\.(?:csv|jsonl|xlsx))",
)
RAW = re.compile(r"\b(None|nan|null|undefined|Traceback|gettext|msgid|\{\w+\}|%\(\w+\)s)\b")


def paths_of(role: Role) -> list[str]:
    """The addresses of a role's pages, with a day or month that holds something."""
    queries = [(screen.path, QUERY.get(screen.path, "?period=2026-10")) for screen in SCREENS[role]]
    return [f"/{query}" if HOME[role] == path else f"/{path}{query}" for path, query in queries]


@pytest.mark.parametrize("role", list(SCREENS))
def test_chinese_screens_speak_chinese_and_do_not_overflow(enter, role):
    desk = enter(role.value)
    for path in paths_of(role):
        words = KNOWN_LATIN.sub("", desk.goes(path).words)
        assert re.findall(r"[A-Za-z]{3,}", words) == [], path
        assert not RAW.search(words), path
        assert overflow(desk) == 0, path


@pytest.mark.parametrize("role", list(SCREENS))
def test_a_phone_shows_every_page_without_sideways_scrolling(enter, role):
    desk = enter(role.value, width=390, height=844, scheme="dark")
    for path in paths_of(role):
        assert overflow(desk.goes(path)) == 0, path


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
    desk.page.wait_for_function(
        """() => {
            const stations = document.querySelector('[data-testid="stMain"] .qa-stations');
            return stations && !/[\u4e00-\u9fff]/.test(stations.innerText.replace(/[（(].*?[）)]/g, ""));
        }""",
        timeout=30_000,
    )
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
