"""The pages in themselves: each opens for its role, shows what it may, and does what its buttons say."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages import _desk
from qa import lookup, reads
from qa.accounts import Accounts, digest
from qa.model import Actor, Role
from qa.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
PERIOD = "2026-10"
PAGES = {role: [screen.path for screen in screens] for role, screens in _desk.SCREENS.items()}


def people(demo: Workspace) -> dict[str, str]:
    return {row["agent_id"]: row["name"] for row in demo.records.read("agent_now")}


def demo_agent(demo: Workspace) -> str:
    found = Accounts(demo).demo_user(Role.AGENT).agent_id
    assert found
    return found


@pytest.fixture
def page(demo_copy: Workspace, monkeypatch: pytest.MonkeyPatch):
    """Open the app in a role, at an address; gives the AppTest."""
    monkeypatch.setenv("QA_HOME", str(demo_copy.home))
    for cached in (_desk.workspace, _desk.accounts):
        cached.cache_clear()
    accounts = Accounts(demo_copy)

    def open_page(role: Role, path: str = "", **query: str) -> AppTest:
        user = accounts.demo_user(role)
        test = AppTest.from_file(str(ROOT / "pages" / "frame.py"), default_timeout=60)
        test.user = {"user_id": user.user_id, "signin": digest(accounts.start_signin(user.user_id))}
        test.run()
        for name, value in query.items():
            test.query_params[name] = value
        screen = next((s for s in _desk.SCREENS[role] if s.path == path), None)
        return test.switch_page(screen.file).run() if screen else test.run()

    yield open_page
    for cached in (_desk.workspace, _desk.accounts):
        if cached.cache_info().currsize:
            _desk.workspace().records.close()
        cached.cache_clear()


def shown(test: AppTest) -> str:
    """All text that is on the page."""
    parts = [str(getattr(element, "body", "") or getattr(element, "value", "") or "") for element in test.main]
    parts += [e.proto.body for e in test.get("html") if not e.proto.body.startswith("<style")]
    parts += [str(getattr(b, "label", "")) for b in test.button]
    return re.sub(r"<[^>]+>", " ", " ".join(parts))


def visible(test: AppTest) -> str:
    assert not test.exception, test.exception[0].value
    return shown(test)


def actor_of(demo: Workspace, role: Role) -> Actor:
    user = Accounts(demo).demo_user(role)
    return Actor(user.user_id, user.name, user.role, user.agent_id, user.teams)


@pytest.mark.parametrize(("role", "path"), [(role, path) for role, paths in PAGES.items() for path in paths])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_every_role_opens(page, demo_copy, role, path, language):
    Accounts(demo_copy).set_language(actor_of(demo_copy, role), language)
    test = page(role, path)
    assert visible(test).strip()
    assert not test.error, test.error[0].value


def test_without_a_sign_in_a_page_shows_the_way_back_and_nothing_else(page):
    test = page(Role.HR)
    test.user = {"user_id": "u-x", "signin": "0" * 64}
    test.run()
    assert "/signin" in "".join(e.proto.body for e in test.get("html"))
    assert not test.button and not test.selectbox


def test_an_agent_s_month_holds_nobody_else_s_name(page, demo_copy):
    mine = demo_agent(demo_copy)
    seen = visible(page(Role.AGENT))
    others = [name for agent, name in people(demo_copy).items() if agent != mine]
    assert [name for name in others if name in seen] == []
    staff = [row["name"] for row in demo_copy.records.read("user_now") if row["role"] != "agent"]
    assert [name for name in staff if name in seen] == []


def test_an_agent_who_asks_for_another_s_conversation_is_refused(page, demo_copy):
    mine = demo_agent(demo_copy)
    supervisor = actor_of(demo_copy, Role.SUPERVISOR)
    found = reads.conversations(demo_copy, supervisor, limit=200)
    placed = {item.conversation_id: lookup.contact(demo_copy, item.conversation_id).agent_id for item in found}
    foreign = next(c for c, agent in placed.items() if agent not in {mine, None})
    test = page(Role.AGENT, "conversations", id=foreign)
    assert test.error and not any('class="qa-talk"' in e.proto.body for e in test.get("html"))


def test_chat_text_is_shown_literally(page, demo_copy, monkeypatch):
    evil = "<img src=x onerror=alert(1)><script>alert(1)</script> **bold** [link](http://evil.example) :red[x] $x^2$"
    supervisor = actor_of(demo_copy, Role.SUPERVISOR)
    item = reads.worklist(demo_copy, supervisor)[0]
    view = reads.conversation(demo_copy, supervisor, item.conversation_id)
    message = replace(view.messages[0], text=evil, findings=())
    monkeypatch.setattr(
        reads, "conversation", lambda *_: replace(view, messages=(message,), rating_comment=evil, whole_findings=())
    )
    test = page(Role.SUPERVISOR, "conversations", id=item.conversation_id)
    bodies = "".join(e.proto.body for e in test.get("html"))
    assert "&lt;script&gt;" in bodies and "<script" not in bodies and "<img src=x" not in bodies
    assert not any(evil in str(m.value) for m in test.markdown)


def test_a_reviewer_answers_submits_and_the_next_one_opens(page, demo_copy):
    supervisor = actor_of(demo_copy, Role.SUPERVISOR)
    todo = [i for i in reads.worklist(demo_copy, supervisor) if not i.done]
    assert len(todo) > 1, "the made-up month leaves something to do"
    test = page(Role.SUPERVISOR, "review")
    first = todo[0].conversation_id
    card = reads.conversation(demo_copy, supervisor, first).scorecard
    assert test.button(key="submit").disabled
    for criterion in card.criteria:
        test.button(key=f"form/{first}/set/{criterion.id}/{criterion.top}").click().run()
    test.button(key="submit").click().run()
    assert not test.exception
    assert demo_copy.records.read("review", conversation_id=first, reviewer=supervisor.user_id)
    assert test.query_params["id"] in (todo[1].conversation_id, [todo[1].conversation_id])


def test_what_a_reviewer_filled_in_is_there_again(page, demo_copy):
    supervisor = actor_of(demo_copy, Role.SUPERVISOR)
    first = next(i for i in reads.worklist(demo_copy, supervisor) if not i.done).conversation_id
    criterion = reads.conversation(demo_copy, supervisor, first).scorecard.criteria[0]
    test = page(Role.SUPERVISOR, "review")
    test.button(key=f"form/{first}/set/{criterion.id}/{criterion.top}").click().run()
    test.text_area(key=f"form/{first}/note").set_value("先问清楚").run()
    again = page(Role.SUPERVISOR, "review")
    assert again.session_state[f"form/{first}/level/{criterion.id}"] == str(criterion.top)
    assert again.text_area(key=f"form/{first}/note").value == "先问清楚"


def test_verdicts_are_written_at_once(page, demo_copy):
    supervisor = actor_of(demo_copy, Role.SUPERVISOR)
    finding = reads.findings(demo_copy, supervisor, open_only=True, limit=1)[0]
    test = page(Role.SUPERVISOR, "conversations", id=finding.conversation_id)
    test.button(key=f"no/{finding.finding_id}").click().run()
    assert demo_copy.records.read("verdict_now", finding_id=finding.finding_id)[0]["verdict"] == "rejected"


def test_a_callback_after_signing_out_does_nothing(page, demo_copy):
    supervisor = actor_of(demo_copy, Role.SUPERVISOR)
    finding = reads.findings(demo_copy, supervisor, open_only=True, limit=1)[0]
    test = page(Role.SUPERVISOR, "conversations", id=finding.conversation_id)
    demo_copy.records.end_signins(user_id=supervisor.user_id)
    test.button(key=f"yes/{finding.finding_id}").click().run()
    assert demo_copy.records.read("verdict_now", finding_id=finding.finding_id) == []


def test_hr_opens_a_statement_whose_lines_lead_to_their_reasons(page, demo_copy):
    hr = actor_of(demo_copy, Role.HR)
    statement = reads.bonuses(demo_copy, hr, PERIOD)[0]
    test = page(Role.HR, "bonus", agent=statement.agent_id)
    seen = visible(test)
    assert statement.name in seen
    for line in statement.bonus.lines:
        assert line.label.zh in seen
    assert f"{statement.bonus.amount:,.2f}" in seen


def test_an_administrator_sees_no_score_and_no_chat(page, demo_copy):
    for path in PAGES[Role.ADMIN]:
        seen = visible(page(Role.ADMIN, path))
        assert "¥" not in seen and "qa-say" not in seen and " 档" not in seen


def test_a_page_of_another_role_is_not_there(page):
    with pytest.raises(ValueError, match="bonus"):
        page(Role.AGENT).switch_page("bonus.py")


def test_no_message_stands_inside_an_f_string_where_the_extraction_does_not_see_it():
    hidden = []
    for file in [ROOT / "qa_app.py", *(ROOT / "pages").glob("*.py")]:
        for text in (n for n in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(n, ast.JoinedStr)):
            for call in (n for n in ast.walk(text) if isinstance(n, ast.Call)):
                name = getattr(call.func, "id", getattr(call.func, "attr", ""))
                if name in {"_", "gettext", "ngettext", "N_"} and call.args and isinstance(call.args[0], ast.Constant):
                    hidden.append(f"{file.name}:{text.lineno}")
    assert hidden == []


def test_pages_hold_no_sql_and_import_no_other_page():
    pages = {path.stem for path in (ROOT / "pages").glob("[a-z]*.py")}
    for file in (ROOT / "pages").glob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(
            r"\b(select|insert|update|delete)\b.+\b(from|into|set)\b", text, re.I
        ) or file.stem.startswith("_"), file
        assert not re.search(r"^import (duckdb|polars|sqlalchemy)", text, re.M), file
        assert [p for p in pages if re.search(rf"from pages(\.{p} | import .*\b{p}\b)", text)] == [], file
