"""The main path of each role, driven in a real Chromium."""

import re
from pathlib import Path

import pytest

from qa import reads
from qa.accounts import Accounts
from qa.model import Actor, Role
from qa.workspace import Workspace

pytestmark = pytest.mark.browser

EVIL = "<img src=http://evil.example/x onerror=alert(1)><script>alert(2)</script> **bold** [go](http://evil.example) $x^2$ :red[x]"


def names(demo: Workspace) -> list[str]:
    return [row["name"] for row in demo.records.read("agent_now")]


def test_a_supervisor_reviews_by_keyboard_and_the_next_conversation_opens(enter):
    desk = enter("supervisor")
    page = desk.page
    page.get_by_role("button", name=re.compile("开始抽检")).click()
    page.wait_for_selector(".qa-talk")
    desk.settles()
    before = page.locator(".qa-talk").inner_text()
    done = re.search(r"已完成 (\d+)", desk.words)
    for _ in range(8):
        if page.locator('[class*="st-key-levels-"]').count() == 0:
            break
        page.keyboard.press("1")
        page.wait_for_timeout(900)
    save = page.locator(".st-key-submit button")
    assert save.is_enabled()
    page.keyboard.press("Control+Enter")
    page.wait_for_function("text => document.querySelector('.qa-talk')?.innerText !== text", arg=before, timeout=20_000)
    desk.settles()
    after = re.search(r"已完成 (\d+)", desk.words)
    assert done and after and int(after[1]) == int(done[1]) + 1


def test_a_finding_is_confirmed_by_a_key(enter, demo):
    user = Accounts(demo).demo_user(Role.SUPERVISOR)
    supervisor = Actor(user.user_id, user.name, user.role, user.agent_id, user.teams)
    finding = reads.findings(demo, supervisor, open_only=True, limit=1)[0]
    desk = enter("supervisor").goes(f"/conversations?id={finding.conversation_id}")
    desk.page.locator(f'[class*="st-key-yes-{finding.finding_id[:8]}"] button:enabled').wait_for()
    before = desk.page.locator(".qa-find.confirmed").count()
    desk.page.keyboard.press("y")
    desk.page.locator(".qa-find.confirmed").nth(before).wait_for(timeout=20_000)


def test_hr_opens_a_bonus_statement_down_to_a_message(enter):
    desk = enter("hr").goes("/bonus?period=2026-10")
    page = desk.page
    page.locator(".qa-statement summary").first.click()
    page.locator(".qa-steps li").first.wait_for()
    assert "¥" in page.locator(".qa-statement").inner_text()
    link = page.locator(".qa-statement .qa-evidence a").first
    link.wait_for()
    with page.context.expect_page() as opened:
        link.click()
    desk.listens(opened.value)
    opened.value.wait_for_selector(".qa-talk", timeout=30_000)
    assert opened.value.locator(".qa-say").count() > 1


def test_an_agent_reads_the_own_month_and_no_other_name(enter, demo):
    desk = enter("agent").goes("/?period=2026-10")
    mine = Accounts(demo).demo_user(Role.AGENT).name
    words = desk.words
    assert mine in words and "¥" in words
    assert [name for name in names(demo) if name != mine and name in words] == []


def test_an_administrator_imports_a_file_and_hostile_words_stay_words(enter, tmp_path: Path):
    head = "platform,shop,conversation_id,message_id,sent_at,speaker,agent,customer,text"
    quoted = '"' + EVIL.replace('"', '""') + '"'
    lines = [
        f"jd,{quoted},evil-1,evil-1-1,2026-10-20T10:00:00+08:00,customer,,c1,{quoted}",
        f"jd,{quoted},evil-1,evil-1-2,2026-10-20T10:00:20+08:00,agent,{quoted},c1,不清楚",
        "jd,shop,evil-2,evil-2-1,yesterday,customer,,c1,hello",
    ]
    file = tmp_path / "导出.csv"
    file.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    desk = enter("admin")
    desk.page.set_input_files('input[type="file"]', str(file))
    button = desk.page.locator('[data-testid="stMain"] .stButton button').first
    button.wait_for()
    desk.page.wait_for_timeout(1200)
    button.click()
    desk.sees("导出.csv")
    desk.settles()
    assert "2" in desk.page.locator('[data-testid="stMain"]').inner_text()
    reader = enter("supervisor").goes("/conversations?id=evil-1")
    shown = reader.page.locator(".qa-talk").inner_text()
    assert "<script>alert(2)</script>" in shown and "**bold**" in shown and "$x^2$" in shown


def test_an_administrator_adds_a_person_with_a_one_time_link(enter):
    desk = enter("admin").goes("/users")
    page = desk.page
    page.locator(".st-key-add button").click()
    page.get_by_role("dialog").wait_for()
    page.locator('[class*="st-key-name-"] input').fill("郑新")
    page.locator(".st-key-login input").fill("zheng")
    page.locator(".st-key-login input").press("Tab")
    page.wait_for_timeout(800)
    page.locator(".st-key-make button").click()
    page.locator(".qa-link").wait_for(timeout=20_000)
    link = page.locator(".qa-link").inner_text()
    assert "/welcome?token=u-" in link
    page.context.clear_cookies()
    page.goto(desk.address + "/welcome" + link.partition("/welcome")[2])
    for name in ("password", "again"):
        page.locator(f"input[name={name}]").fill("月亮在鱼缸里散步了一整夜")
    page.locator("form button").click()
    desk.settles()
    assert "郑新" in desk.words


def test_signing_out_leads_back_to_the_sign_in_page(enter):
    desk = enter("hr")
    desk.page.locator(".qa-signout button").click()
    desk.page.wait_for_url("**/signin")
    desk.page.goto(desk.address + "/bonus")
    assert "/signin" in desk.page.url


def test_a_deep_link_opens_its_conversation_after_signing_in(enter, demo):
    contact = demo.lake.read("conversations", demo.parts("conversations")[:1])["conversation_id"][0]
    desk = enter("supervisor").goes(f"/conversations?id={contact}")
    desk.page.locator(".qa-say").first.wait_for()
    assert desk.page.url.endswith(contact)
