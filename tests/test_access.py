"""Who may do what: every cell of role x action x ownership, against a table written out by hand."""

import pytest

from qa.access import TABLE, Action, Scope, allowed, may, require, scope
from qa.model import Actor, Refusal, Resource, Role

OWN = Resource(agent_id="a1", team="red")
SAME_TEAM = Resource(agent_id="a2", team="red")
OTHER_TEAM = Resource(agent_id="a3", team="blue")
EVIDENCE = Resource(agent_id="a3", team="blue", evidence_of_closed_case=True)
NOTHING = Resource()
PLACES = {"own": OWN, "same team": SAME_TEAM, "other team": OTHER_TEAM, "evidence": EVIDENCE, "says nothing": NOTHING}

ACTORS = {
    "agent": Actor("u1", "A", Role.AGENT, agent_id="a1"),
    "agent without a person": Actor("u2", "A", Role.AGENT),
    "supervisor": Actor("u3", "S", Role.SUPERVISOR, teams=frozenset({"red"})),
    "supervisor of all": Actor("u4", "S", Role.SUPERVISOR, teams=frozenset({"*"})),
    "supervisor of nobody": Actor("u5", "S", Role.SUPERVISOR),
    "hr": Actor("u6", "H", Role.HR),
    "admin": Actor("u7", "D", Role.ADMIN),
    "owner": Actor("owner", "O", Role.OWNER),
}

REACH = {
    Scope.NEVER: set(),
    Scope.OWN: {"own"},
    Scope.TEAM: {"own", "same team"},
    Scope.EVIDENCE: {"evidence"},
    Scope.ANY: set(PLACES),
}

A, T, E, X = Scope.OWN, Scope.TEAM, Scope.EVIDENCE, Scope.ANY
_ = Scope.NEVER
EXPECTED = {  # agent, supervisor, hr, admin: written by hand, so that a slip in the table is seen
    Action.TODAY_READ: (_, T, _, _),
    Action.METRIC_READ: (A, T, X, _),
    Action.CONVERSATION_READ: (A, T, E, _),
    Action.CONVERSATION_SEARCH: (_, T, _, _),
    Action.FINDING_READ: (A, T, E, _),
    Action.FINDING_JUDGE: (_, T, _, _),
    Action.SAMPLE_DRAW: (_, T, _, _),
    Action.WORKLIST_READ: (_, T, _, _),
    Action.REVIEW_SUBMIT: (_, T, _, _),
    Action.REVIEW_READ: (A, T, X, _),
    Action.SCORE_READ: (A, T, X, _),
    Action.SCORE_COMPUTE: (_, _, X, _),
    Action.BONUS_READ: (A, _, X, _),
    Action.BONUS_COMPUTE: (_, _, X, _),
    Action.MONTH_READ: (_, _, X, _),
    Action.MONTH_CLOSE: (_, _, X, _),
    Action.LOAD_READ: (_, _, _, X),
    Action.LOAD_IMPORT: (_, _, _, X),
    Action.ROSTER_IMPORT: (_, _, _, X),
    Action.CHECK_RUN: (_, _, _, X),
    Action.POLICY_READ: (X, X, X, X),
    Action.USER_READ: (_, _, _, X),
    Action.USER_WRITE: (_, _, _, X),
    Action.AUDIT_READ: (_, _, _, X),
    Action.REPORT_DAILY: (_, T, _, _),
    Action.REPORT_REVIEW: (A, T, X, _),
    Action.REPORT_APPRAISAL: (_, T, X, _),
    Action.REPORT_BONUS: (A, _, X, _),
    Action.REPORT_PAYROLL: (_, _, X, _),
    Action.REPORT_COMPLIANCE: (_, T, X, _),
}
ROLES = (Role.AGENT, Role.SUPERVISOR, Role.HR, Role.ADMIN)
WHO = {Role.AGENT: "agent", Role.SUPERVISOR: "supervisor", Role.HR: "hr", Role.ADMIN: "admin"}


def test_every_action_is_in_the_expected_table():
    assert set(EXPECTED) == set(Action)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", Action)
def test_each_cell_is_as_written_down(action, role, place):
    reach = EXPECTED[action][ROLES.index(role)]
    assert allowed(ACTORS[WHO[role]], action, PLACES[place]) == (place in REACH[reach])


@pytest.mark.parametrize("action", Action)
def test_the_owner_may_do_everything_to_everybody(action):
    assert all(allowed(ACTORS["owner"], action, place) for place in PLACES.values())


@pytest.mark.parametrize("action", Action)
def test_a_supervisor_of_nobody_reaches_nobody(action):
    if scope(ACTORS["supervisor"], action) is Scope.TEAM:
        assert not any(allowed(ACTORS["supervisor of nobody"], action, place) for place in PLACES.values())
        assert not may(ACTORS["supervisor of nobody"], action)


@pytest.mark.parametrize("action", [a for a in Action if EXPECTED[a][1] is Scope.TEAM])
def test_a_supervisor_of_all_teams_also_reaches_people_without_one(action):
    assert all(allowed(ACTORS["supervisor of all"], action, place) for place in PLACES.values())


@pytest.mark.parametrize("action", Action)
def test_an_agent_account_without_a_person_owns_nothing(action):
    if scope(ACTORS["agent"], action) is Scope.OWN:
        assert not any(allowed(ACTORS["agent without a person"], action, place) for place in PLACES.values())


@pytest.mark.parametrize("action", [Action.FINDING_JUDGE, Action.REVIEW_SUBMIT])
@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.OWNER])
def test_nobody_judges_the_own_work(action, role):
    both = Actor("u9", "B", role, agent_id="a1", teams=frozenset({"*"}))
    assert not allowed(both, action, OWN)
    assert allowed(both, action, SAME_TEAM)


def test_an_unknown_role_may_do_nothing(monkeypatch):
    monkeypatch.setattr("qa.access.TABLE", {role: cells for role, cells in TABLE.items() if role is not Role.HR})
    assert not any(allowed(ACTORS["hr"], action, EVIDENCE) for action in Action)


def test_a_refusal_does_not_say_whether_the_thing_exists():
    with pytest.raises(Refusal) as said:
        require(ACTORS["agent"], Action.CONVERSATION_READ, OTHER_TEAM)
    assert "a3" not in str(said.value) and "blue" not in str(said.value)


def test_may_opens_a_menu_only_where_something_can_be_reached():
    assert may(ACTORS["agent"], Action.BONUS_READ)
    assert not may(ACTORS["agent without a person"], Action.BONUS_READ)
    assert not may(ACTORS["admin"], Action.SCORE_READ)
