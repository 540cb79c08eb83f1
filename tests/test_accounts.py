"""Accounts: passwords, throttling, one-time links and browser sign-ins, with a clock that the test moves."""

import threading
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from qa import accounts as module
from qa.accounts import ABSOLUTE, IDLE, Accounts, delay, digest
from qa.model import Actor, Refusal, Role
from qa.workspace import OWNER, Workspace

GOOD = "蓝鲸在三楼晒太阳 2026"
OTHER = "a heron reads the weather"


class Clock:
    def __init__(self):
        self.at = datetime(2026, 10, 31, 1, 0, tzinfo=UTC)

    def __call__(self):
        return self.at

    def moves(self, **by):
        self.at += timedelta(**by)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def desk(tmp_path, clock):
    return Accounts(replace(Workspace.create(tmp_path / "home"), now=clock))


@pytest.fixture
def li(desk):
    """A supervisor with a password."""
    user = desk.add_user(OWNER, "lina", "李娜", Role.SUPERVISOR, teams={"red"})
    desk.set_password(OWNER, user.user_id, GOOD)
    return user


def admin(desk):
    user = desk.add_user(OWNER, "boss", "石泉", Role.ADMIN)
    return Actor(user.user_id, user.name, user.role)


# ---------------------------------------------------------------- people


def test_a_new_account_has_no_password_and_cannot_be_entered(desk):
    desk.add_user(OWNER, "lina", "李娜", Role.SUPERVISOR, teams={"red"})
    for guess in ("", "lina", "password1234", GOOD):
        with pytest.raises(Refusal):
            desk.verify("lina", guess)


def test_the_name_is_found_whatever_its_case_and_width(desk, li):
    assert desk.verify("  ＬｉＮａ ", GOOD).user_id == li.user_id


def test_a_sign_in_name_belongs_to_one_person(desk, li):
    with pytest.raises(Refusal, match="taken"):
        desk.add_user(OWNER, "LINA", "another", Role.HR)


def test_only_an_administrator_changes_accounts(desk, li):
    agent = Actor("u", "x", Role.AGENT, "a1")
    for act in (
        lambda: desk.add_user(agent, "new", "new", Role.ADMIN),
        lambda: desk.disable(agent, li.user_id),
        lambda: desk.enable(agent, li.user_id),
        lambda: desk.set_role(agent, li.user_id, Role.HR),
        lambda: desk.invite(agent, li.user_id),
        lambda: desk.list_users(agent),
        lambda: desk.first_link(agent),
    ):
        with pytest.raises(Refusal):
            act()


def test_nobody_is_made_owner_and_agents_name_their_person(desk):
    with pytest.raises(Refusal):
        desk.add_user(OWNER, "root2", "root", Role.OWNER)
    with pytest.raises(Refusal):
        desk.add_user(OWNER, "kefu", "客服", Role.AGENT)
    with pytest.raises(Refusal):
        desk.add_user(OWNER, "hr", "人事", Role.HR, agent_id="a1")


def test_an_administrator_cannot_lock_out_or_promote_oneself(desk):
    boss = admin(desk)
    with pytest.raises(Refusal):
        desk.disable(boss, boss.user_id)
    with pytest.raises(Refusal):
        desk.set_role(boss, boss.user_id, Role.HR)


def test_every_change_is_in_the_audit(desk, li):
    actions = [row["action"] for row in desk.records.read("audit", subject=li.user_id, order="seq")]
    assert actions == ["user.add", "user.password"]
    assert desk.records.chain_faults() == []


# ---------------------------------------------------------------- passwords


@pytest.mark.parametrize(
    "bad",
    [
        "short",
        "十一个字的密码还是太短",
        "password1234",
        "Password!1234",
        "123456789012",
        "qwertyuiop12",
        "woaini5201314",
        "aaaaaaaaaaaaaaaa",
        "lina12345678",
        "李娜1234567890",
        "Admin@2026-10",
        "x" * 300 + "yzabc",
    ],
)
def test_what_is_short_or_guessed_first_is_refused(desk, li, bad):
    with pytest.raises(Refusal):
        desk.set_password(OWNER, li.user_id, bad)
    assert desk.verify("lina", GOOD).user_id == li.user_id


@pytest.mark.parametrize("good", [GOOD, OTHER, "all lower case words", "长一点的中文句子就可以了吧", "z9 heron " * 7])
def test_length_is_enough_no_kind_of_character_is_asked_for(desk, li, good):
    desk.set_password(OWNER, li.user_id, good)
    assert desk.verify("lina", good).user_id == li.user_id


def test_a_password_is_never_cut_off(desk, li):
    long = "heron " * 40
    desk.set_password(OWNER, li.user_id, long)
    with pytest.raises(Refusal):
        desk.verify("lina", long[:-1])
    assert desk.verify("lina", long).login == "lina"


def test_what_is_stored_is_argon2id_with_the_parameters_of_the_house(desk, li):
    stored = desk.records.read("user_now", user_id=li.user_id)[0]["password_hash"]
    assert stored.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert GOOD not in stored


def test_an_older_hash_is_renewed_at_sign_in(desk, li, monkeypatch):
    stronger = module.PasswordHasher(time_cost=2, memory_cost=47104, parallelism=1)
    monkeypatch.setattr(module, "_HASHER", stronger)
    token = desk.start_signin(li.user_id)
    desk.verify("lina", GOOD)
    assert ",t=2," in desk.records.read("user_now", user_id=li.user_id)[0]["password_hash"]
    assert desk.actor_for(token) is not None


def test_an_administrator_does_not_set_a_person_s_password(desk, li):
    with pytest.raises(Refusal):
        desk.set_password(admin(desk), li.user_id, OTHER)


def test_unknown_disabled_and_wrong_sound_the_same_and_cost_the_same(desk, li, monkeypatch):
    desk.add_user(OWNER, "gone", "走了", Role.HR)
    desk.set_password(OWNER, desk.list_users(OWNER)[0].user_id, OTHER)
    desk.disable(OWNER, desk.list_users(OWNER)[0].user_id)
    measured = []
    real = module._matches
    monkeypatch.setattr(module, "_matches", lambda stored, word: measured.append(stored[:30]) or real(stored, word))
    said = set()
    for login, word in (("nobody", OTHER), ("gone", OTHER), ("lina", OTHER)):
        with pytest.raises(Refusal) as refusal:
            desk.verify(login, word)
        said.add(str(refusal.value))
    assert len(said) == 1
    assert len(measured) == 3 and len(set(measured)) == 1


# ---------------------------------------------------------------- throttle


def wrong(desk, login="lina", times=1):
    for _ in range(times):
        with pytest.raises(Refusal):
            desk.verify(login, "not the password")


def test_the_delay_begins_at_the_fifth_failure_doubles_and_ends_at_15_minutes():
    assert [delay(n).total_seconds() for n in (0, 4, 5, 6, 7, 14, 15, 40)] == [0, 0, 1, 2, 4, 512, 900, 900]


def test_four_wrong_tries_hold_nobody(desk, li):
    wrong(desk, times=4)
    assert desk.verify("lina", GOOD)


def test_after_the_fifth_even_the_right_password_waits(desk, li, clock):
    wrong(desk, times=7)
    with pytest.raises(Refusal, match="Too many") as said:
        desk.verify("lina", GOOD)
    assert said.value.values["seconds"] <= 4
    clock.moves(seconds=5)
    assert desk.verify("lina", GOOD)
    wrong(desk, times=4)
    assert desk.verify("lina", GOOD), "a good sign-in starts the count anew"


def test_tries_while_held_are_not_counted(desk, li, clock):
    wrong(desk, times=5)
    before = len(desk.records.read("signin_attempt"))
    wrong(desk, times=20)
    assert len(desk.records.read("signin_attempt")) == before
    clock.moves(seconds=2)
    assert desk.verify("lina", GOOD)


def test_one_name_held_does_not_hold_another(desk, li):
    desk.set_password(OWNER, desk.add_user(OWNER, "wang", "王", Role.HR).user_id, OTHER)
    wrong(desk, times=9)
    assert desk.verify("wang", OTHER)


def test_unknown_names_are_held_as_well_and_are_not_kept_in_the_clear(desk):
    typed = "my secret typed in the wrong field"
    for _ in range(6):
        with pytest.raises(Refusal) as said:
            desk.verify(typed, "whatever it is")
    assert "Too many" in str(said.value)
    kept = str(desk.records.read("signin_attempt")) + str(desk.records.read("audit"))
    assert typed not in kept


def test_ten_people_at_once_get_through(desk, li):
    for n in range(3):
        desk.set_password(OWNER, desk.add_user(OWNER, f"p{n}", f"人{n}", Role.HR).user_id, OTHER)
    entered, held = [], threading.Barrier(10)

    def attempt(n):
        held.wait()
        with suppress(Refusal):
            entered.append(desk.verify(f"p{n}" if n < 3 else "lina", OTHER if n < 3 else "wrong every time").login)

    threads = [threading.Thread(target=attempt, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(entered) == ["p0", "p1", "p2"]


# ---------------------------------------------------------------- one-time links


def test_a_link_sets_the_password_once(desk):
    user = desk.add_user(OWNER, "lina", "李娜", Role.SUPERVISOR)
    token = desk.invite(OWNER, user.user_id)
    assert desk.invited(token).user_id == user.user_id
    desk.redeem(token, GOOD)
    assert desk.verify("lina", GOOD)
    with pytest.raises(Refusal, match="used up"):
        desk.redeem(token, OTHER)


def test_a_link_ends_after_three_days(desk, clock):
    token = desk.invite(OWNER, desk.add_user(OWNER, "lina", "李娜", Role.SUPERVISOR).user_id)
    clock.moves(days=3, seconds=1)
    with pytest.raises(Refusal):
        desk.invited(token)


def test_a_link_dies_when_the_account_changes(desk):
    user = desk.add_user(OWNER, "lina", "李娜", Role.SUPERVISOR)
    token = desk.invite(OWNER, user.user_id)
    desk.set_role(OWNER, user.user_id, Role.HR)
    with pytest.raises(Refusal):
        desk.redeem(token, GOOD)


@pytest.mark.parametrize(
    "forge", [lambda t: t[:-1] + ("0" if t[-1] != "0" else "1"), lambda t: "", lambda t: "a.b.c", lambda t: t + "."]
)
def test_a_forged_link_opens_nothing(desk, forge):
    token = desk.invite(OWNER, desk.add_user(OWNER, "lina", "李娜", Role.SUPERVISOR).user_id)
    with pytest.raises(Refusal):
        desk.invited(forge(token))


def test_a_link_cannot_be_made_to_last_or_to_name_another(desk):
    one, two = (desk.add_user(OWNER, login, login, Role.HR) for login in ("one", "two"))
    user_id, until, signed = desk.invite(OWNER, one.user_id).split(".")
    for forged in (f"{user_id}.{int(until) + 999}.{signed}", f"{two.user_id}.{until}.{signed}"):
        with pytest.raises(Refusal):
            desk.invited(forged)


def test_the_first_start_makes_a_link_for_an_administrator_and_no_default_password(desk):
    token = desk.first_link(OWNER)
    assert desk.invited(token).role is Role.ADMIN
    desk.redeem(token, GOOD)
    assert desk.first_link(OWNER) is None
    assert desk.verify("admin", GOOD).role is Role.ADMIN


# ---------------------------------------------------------------- browsers


def test_a_sign_in_is_known_by_its_token_and_only_the_digest_is_kept(desk, li):
    token = desk.start_signin(li.user_id)
    assert desk.actor_for(token) == Actor(li.user_id, "李娜", Role.SUPERVISOR, None, frozenset({"red"}), "zh")
    assert token not in str(desk.records.read("signin")) + str(desk.records.read("audit"))
    assert desk.records.read("signin")[0]["token_hash"] == digest(token)


@pytest.mark.parametrize("token", ["", "x", "0" * 64])
def test_an_unknown_token_is_nobody(desk, li, token):
    assert desk.actor_for(token) is None


def test_each_sign_in_has_a_new_token(desk, li):
    assert len({desk.start_signin(li.user_id) for _ in range(5)}) == 5


def test_half_an_hour_without_a_request_ends_it(desk, li, clock):
    token = desk.start_signin(li.user_id)
    clock.moves(seconds=IDLE.total_seconds() - 1)
    assert desk.actor_for(token)
    clock.moves(seconds=IDLE.total_seconds() + 1)
    assert desk.actor_for(token) is None
    clock.moves(seconds=-IDLE.total_seconds())
    assert desk.actor_for(token) is None, "what has ended stays ended"


def test_eight_hours_end_it_however_busy(desk, li, clock):
    token = desk.start_signin(li.user_id)
    start = clock.at
    while clock.at - start < ABSOLUTE - timedelta(minutes=20):
        clock.moves(minutes=20)
        assert desk.actor_for(token)
    clock.moves(minutes=21)
    assert desk.actor_for(token) is None


def test_signing_out_ends_this_browser_only(desk, li):
    here, there = desk.start_signin(li.user_id), desk.start_signin(li.user_id)
    desk.end_signin(here)
    assert desk.actor_for(here) is None
    assert desk.actor_for(there)


@pytest.mark.parametrize(
    "change",
    [
        lambda desk, user: desk.disable(OWNER, user.user_id),
        lambda desk, user: desk.set_role(OWNER, user.user_id, Role.HR),
        lambda desk, user: desk.set_role(OWNER, user.user_id, Role.SUPERVISOR, teams={"blue"}),
        lambda desk, user: desk.set_password(OWNER, user.user_id, OTHER),
    ],
    ids=["disabled", "role", "teams", "password"],
)
def test_a_change_of_the_account_ends_every_browser_at_once(desk, li, change):
    tokens = [desk.start_signin(li.user_id) for _ in range(3)]
    change(desk, li)
    assert [desk.actor_for(token) for token in tokens] == [None, None, None]


def test_a_disabled_person_is_out_even_where_a_sign_in_was_left_open(desk, li):
    token = desk.start_signin(li.user_id)
    with desk.records.act("owner", "user.disable", li.user_id) as act:
        row = act.read("user_now", user_id=li.user_id)[0]
        act.append(
            "user_version", [{**{k: v for k, v in row.items() if k not in {"seq", "at", "by"}}, "disabled": True}]
        )
    assert desk.actor_for(token) is None


def test_opening_an_account_again_asks_for_a_new_password(desk, li):
    desk.disable(OWNER, li.user_id)
    desk.enable(OWNER, li.user_id)
    with pytest.raises(Refusal):
        desk.verify("lina", GOOD)


def test_the_language_changes_without_signing_anybody_out(desk, li):
    token = desk.start_signin(li.user_id)
    desk.set_language(desk.actor_for(token), "en")
    assert desk.actor_for(token).language == "en"
    with pytest.raises(Refusal):
        desk.set_language(desk.actor_for(token), "../../etc")


# ---------------------------------------------------------------- the demonstration


def test_real_workspaces_have_no_demonstration_door(desk, li):
    for role in Role:
        with pytest.raises(Refusal):
            desk.demo_user(role)


def test_a_made_up_workspace_has_one_for_roles_that_exist(tmp_path):
    made_up = Accounts(Workspace.create(tmp_path / "demo", made_up=True))
    made_up.add_user(OWNER, "zhuguan", "林岚", Role.SUPERVISOR, teams={"*"})
    visitor = made_up.add_user(OWNER, "aaa", "来访", Role.SUPERVISOR)
    made_up.set_password(OWNER, visitor.user_id, GOOD)
    assert made_up.demo_user(Role.SUPERVISOR).name == "林岚", "who has a password uses it"
    with pytest.raises(Refusal):
        made_up.demo_user(Role.HR)
    with pytest.raises(Refusal):
        made_up.demo_user(Role.OWNER)
