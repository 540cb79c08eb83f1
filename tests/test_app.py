"""The app as it is served: what a stranger gets, whose identity counts, and what each role can open."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from serving import Browser, run_page, served
from websockets.exceptions import InvalidStatus

from pages import _desk
from qa.accounts import Accounts, digest
from qa.model import Role
from qa.workspace import OWNER, Workspace

ROOT = Path(__file__).resolve().parent.parent
PERIOD = "2026-10"
PAGES = {role: [screen.path for screen in screens] for role, screens in _desk.SCREENS.items()}
ALL_PAGES = sorted({path for paths in PAGES.values() for path in paths})


@pytest.fixture(scope="module")
def port(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The app over a copy of the made-up month."""
    import shutil

    home = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(demo_home, home)
    with served(home) as number:
        yield number


@pytest.fixture
def stranger(port: int) -> Browser:
    return Browser(port)


def as_role(port: int, role: Role) -> Browser:
    return Browser(port).enter(role.value)


# ---------------------------------------------------------------- strangers


@pytest.mark.parametrize("path", ["/", *(f"/{p}" for p in ALL_PAGES), "/anything/else", "/pages/hr"])
def test_a_stranger_s_page_leads_to_the_sign_in_page(stranger, path):
    answer = stranger.get(path)
    assert answer.status == 303
    assert answer.headers["location"].startswith("/signin")


@pytest.mark.parametrize(
    "path",
    [
        "/media/0123.csv",
        "/_stcore/host-config",
        "/_stcore/upload_file/a/b",
        "/_stcore/bidi-components/x",
        "/download/report/bonus/2026-10.html",
        "/download/rejects/x",
    ],
)
def test_a_stranger_s_machine_paths_are_refused(stranger, path):
    assert stranger.get(path).status == 403
    assert stranger.ask("PUT", path, "x").status == 403


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/agent/mcp", "/auth/login", "/component/x"]
)
@pytest.mark.parametrize("role", [None, Role.ADMIN])
def test_what_nobody_needs_is_closed_to_everybody(port, path, role):
    browser = as_role(port, role) if role else Browser(port)
    assert browser.get(path).status == 404


def test_a_stranger_s_websocket_is_refused(stranger):
    with pytest.raises(InvalidStatus), stranger.socket():
        pass


@pytest.mark.parametrize("cookie", ["x", "0" * 64, "../../etc", "%00"])
def test_a_made_up_cookie_is_a_stranger_s(port, cookie):
    browser = Browser(port, {"qa_sid": cookie})
    assert browser.get("/").status == 303
    with pytest.raises(InvalidStatus), browser.socket():
        pass


def test_a_websocket_from_another_site_is_refused(port):
    browser = as_role(port, Role.SUPERVISOR)
    with pytest.raises(InvalidStatus), browser.socket() as opened:
        opened.close()
        from websockets.sync.client import connect

        connect(
            f"ws://localhost:{port}/_stcore/stream",
            origin="http://evil.example",
            additional_headers={"Cookie": f"qa_sid={browser.cookies['qa_sid']}"},
        )


# ---------------------------------------------------------------- signing in


def test_the_sign_in_page_is_chinese_first_and_english_on_request(stranger):
    page = stranger.get("/signin")
    assert page.status == 200 and 'lang="zh-CN"' in page.body and "质检台" in page.body
    assert 'lang="en"' in stranger.get("/signin?lang=en").body
    assert "QA Desk" in stranger.get("/signin").body, "the choice is remembered"


def test_the_sign_in_page_needs_no_script(stranger):
    page = stranger.get("/signin")
    assert "<script" not in page.body
    assert "script-src" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_a_form_that_is_long_or_hides_its_length_is_not_read(stranger):
    assert stranger.post("/signin", {"login": "x" * 20_000, "password": "y"}).status == 413
    assert stranger.ask("POST", "/signin", "", Transfer_Encoding="chunked").status in {400, 413}


def test_a_wrong_password_shows_the_page_again_with_the_reason_and_sets_no_cookie(stranger):
    answer = stranger.post("/signin", {"login": "<b>x</b>", "password": "wrong", "next": "/"})
    assert answer.status == 401 and "qa_sid" not in stranger.cookies
    assert 'role="alert"' in answer.body and "<b>x</b>" not in answer.body


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1", ""])
@pytest.mark.parametrize("path", ["/signin", "/demo-signin", "/welcome", "/signout"])
def test_forms_from_another_page_do_nothing(port, path, origin):
    browser = as_role(port, Role.HR) if path == "/signout" else Browser(port)
    answer = browser.post(path, {"role": "hr", "login": "x", "password": "y", "token": "z"}, Origin=origin)
    assert answer.status in {401, 403, 410}
    if path == "/signout":
        assert browser.get("/").status == 200


def test_the_cookie_is_not_for_scripts_and_not_for_other_sites(stranger):
    answer = stranger.post("/demo-signin", {"role": "hr"})
    assert answer.status == 303
    said = answer.headers["set-cookie"].lower()
    assert "httponly" in said and "samesite=strict" in said and "path=/" in said and "max-age" not in said


def test_behind_https_the_cookie_is_bound_to_the_host_and_secure(port):
    browser = Browser(port)
    answer = browser.post("/demo-signin", {"role": "hr"}, X_Forwarded_Proto="https", X_Forwarded_For="1.2.3.4")
    assert answer.headers["set-cookie"].startswith("__Host-qa_sid=") and "Secure" in answer.headers["set-cookie"]
    assert "strict-transport-security" in answer.headers


def test_in_the_clear_from_another_machine_nobody_signs_in(port):
    browser = Browser(port)
    answer = browser.post("/demo-signin", {"role": "hr"}, Host="192.168.1.9:8501", Origin="http://192.168.1.9:8501")
    assert answer.status == 401 and not browser.cookies


def test_signing_in_again_gives_a_new_token_and_ends_the_old(port):
    browser = as_role(port, Role.HR)
    old = browser.cookies["qa_sid"]
    browser.enter("hr")
    assert browser.cookies["qa_sid"] != old
    assert Browser(port, {"qa_sid": old}).get("/").status == 303


def test_signing_out_ends_the_token_everywhere(port):
    browser = as_role(port, Role.HR)
    copy = Browser(port, dict(browser.cookies))
    assert copy.get("/").status == 200
    assert browser.post("/signout", {}).status == 303
    assert copy.get("/").status == 303


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/signout",
        "\r\nSet-Cookie: a=b",
    ],
)
def test_after_signing_in_only_our_own_pages_are_next(port, wanted):
    browser = as_role(port, Role.HR)
    assert browser.get(f"/signin?next={quote(wanted)}").headers["location"] == "/"


def test_a_deep_link_survives_signing_in(stranger):
    first = stranger.get("/conversations?id=a%26b")
    assert first.headers["location"] == "/signin?next=/conversations%3Fid%3Da%2526b"
    stranger.enter("supervisor")
    assert stranger.get(first.headers["location"]).headers["location"] == "/conversations?id=a%26b"


def test_a_link_followed_from_another_program_asks_again_from_our_own_page(port):
    answer = Browser(port).get('/review?id="><script>', Sec_Fetch_Site="cross-site")
    assert answer.status == 200 and 'http-equiv="refresh"' in answer.body and "<script" not in answer.body


def test_a_one_time_link_leads_to_a_password_and_in(demo_copy: Workspace):
    accounts = Accounts(demo_copy)
    user = accounts.add_user(OWNER, "xinren", "新人", Role.HR)
    token = accounts.invite(OWNER, user.user_id)
    demo_copy.records.close()
    with served(demo_copy.home) as number:
        browser = Browser(number)
        assert "新人" in browser.get(f"/welcome?token={token}").body
        words = "月亮在鱼缸里散步"
        assert browser.post("/welcome", {"token": token, "password": "short", "again": "short"}).status == 400
        words += "一整夜都没停"
        assert browser.post("/welcome", {"token": token, "password": words, "again": words + "x"}).status == 400
        assert browser.post("/welcome", {"token": token, "password": words, "again": words}).status == 303
        assert browser.get("/").status == 200
        assert Browser(number).post("/welcome", {"token": token, "password": words, "again": words}).status == 410
        assert Browser(number).post("/signin", {"login": "XinRen", "password": words}).status == 303


def test_a_real_workspace_has_no_door_without_a_password(ws: Workspace):
    Accounts(ws).add_user(OWNER, "boss", "石泉", Role.ADMIN)
    home = ws.home
    ws.records.close()
    with served(home) as number:
        assert "demo-signin" not in Browser(number).get("/signin").body
        assert Browser(number).post("/demo-signin", {"role": "admin"}).status == 401


# ---------------------------------------------------------------- identity


def test_identity_headers_of_a_client_are_dropped(port):
    victim = as_role(port, Role.HR).cookies["qa_sid"]
    forged = {"X_QA_User": "u-x", "X_QA_Signin": digest(victim)}
    assert Browser(port).get("/", **forged).status == 303
    assert Browser(port).get("/", X_Qa_Signin=digest(victim)).status == 303
    supervisor = as_role(port, Role.SUPERVISOR)
    with supervisor.socket(**forged) as opened:
        _, shown = run_page(opened)
    assert "林岚" in shown and "方禾" not in shown


def test_a_stolen_streamlit_session_is_not_resumed(port):
    victim, thief = as_role(port, Role.HR), as_role(port, Role.AGENT)
    with victim.socket() as opened:
        session, _ = run_page(opened)
    with thief.socket(resume=session) as opened:
        other, shown = run_page(opened)
    assert other and other != session
    assert "方禾" not in shown


def test_the_same_person_in_another_browser_does_not_resume_either(port):
    one, two = as_role(port, Role.HR), as_role(port, Role.HR)
    with one.socket() as opened:
        session, _ = run_page(opened)
    with two.socket(resume=session) as opened:
        assert run_page(opened)[0] != session


def test_an_open_websocket_shows_nothing_after_signing_out(port):
    browser = as_role(port, Role.HR)
    with browser.socket() as opened:
        assert "方禾" in run_page(opened)[1]
        browser.post("/signout", {})
        after = run_page(opened)[1]
    assert "方禾" not in after and "¥" not in after and "/signin" in after


def test_a_change_of_role_closes_an_open_websocket_s_pages_at_once(demo_copy: Workspace):
    home = demo_copy.home
    demo_copy.records.close()
    with served(home) as number:
        browser = as_role(number, Role.HR)
        with browser.socket() as opened:
            assert "方禾" in run_page(opened)[1]
            other = Workspace.open(home)
            accounts = Accounts(other)
            accounts.set_role(OWNER, accounts.demo_user(Role.HR).user_id, Role.ADMIN)
            other.records.close()
            assert "方禾" not in run_page(opened)[1]
        assert browser.get("/").status == 303


# ---------------------------------------------------------------- pages by role


@pytest.mark.parametrize("path", ALL_PAGES)
@pytest.mark.parametrize("role", list(PAGES))
def test_a_page_runs_only_for_the_roles_that_have_it(port, role, path):
    with as_role(port, role).socket() as opened:
        _, shown = run_page(opened, page=path)
    first = path == PAGES[role][0]
    assert ("page_not_found" in shown) == (path not in PAGES[role] or first), shown[:400]


@pytest.mark.parametrize("path", ["review", "today", "pages/review", "..%2Fpages%2Fbonus", "bonus.py"])
def test_the_folder_of_pages_leaks_no_page(port, path):
    with as_role(port, Role.AGENT).socket() as opened:
        _, shown = run_page(opened, page=path)
    assert "page_not_found" in shown


@pytest.mark.parametrize("role", list(PAGES))
def test_the_first_page_of_a_role_lives_at_the_root(port, role):
    browser = as_role(port, role)
    answer = browser.get(f"/{PAGES[role][0]}?day=2026-10-30")
    assert answer.status == 303 and answer.headers["location"] == "/?day=2026-10-30"
    assert "质检台" in browser.get("/").body


def test_every_answer_carries_the_security_headers(port):
    browser = as_role(port, Role.HR)
    for path in ("/", "/signin", "/health", "/month", "/download/rejects/x", "/_stcore/metrics"):
        headers = browser.get(path).headers
        assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY", path
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe-eval" not in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


# ---------------------------------------------------------------- downloads


def people(demo: Workspace) -> dict[str, str]:
    return {row["agent_id"]: row["name"] for row in demo.records.read("agent_now")}


def demo_agent(demo: Workspace) -> str:
    found = Accounts(demo).demo_user(Role.AGENT).agent_id
    assert found
    return found


def test_an_agent_downloads_the_own_statement_and_nobody_else_s(port, demo):
    mine = demo_agent(demo)
    other = next(a for a in people(demo) if a != mine)
    browser = as_role(port, Role.AGENT)
    own = browser.get(f"/download/report/bonus/{PERIOD}.html?agent={quote(mine)}")
    assert own.status == 200 and people(demo)[mine] in own.body and people(demo)[other] not in own.body
    assert browser.get(f"/download/report/bonus/{PERIOD}.html?agent={quote(other)}").status == 403


@pytest.mark.parametrize(
    ("role", "kind", "status"),
    [
        (Role.HR, "payroll", 200),
        (Role.HR, "bonus", 200),
        (Role.SUPERVISOR, "bonus", 403),
        (Role.SUPERVISOR, "payroll", 403),
        (Role.ADMIN, "review", 403),
        (Role.ADMIN, "payroll", 403),
        (Role.AGENT, "payroll", 403),
        (Role.AGENT, "appraisal", 403),
        (Role.HR, "nonsense", 404),
    ],
)
def test_reports_are_made_only_for_those_who_may_have_them(port, demo, role, kind, status):
    path = f"/download/report/{kind}/{PERIOD}.html"
    if kind in {"bonus", "review"} and status == 200:
        path += f"?agent={quote(demo_agent(demo))}"
    assert as_role(port, role).get(path).status == status


@pytest.mark.parametrize(
    "path", ["rejects/..%2f..%2fkey", "rejects/nothing", "report/bonus/2026-10.exe", "report/bonus/..%2f..%2fkey.html"]
)
def test_a_download_names_a_thing_and_never_a_path(port, path):
    assert as_role(port, Role.ADMIN).get(f"/download/{path}").status in {400, 403, 404}
