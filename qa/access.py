"""Who may do what on which resource: one table, deny by default.

The table says for each role and action how far it reaches; what is not in it is refused. Reads and acts of the
library ask here with the actor they have just read from the records, never with one kept in a browser.
"""

from collections.abc import Mapping
from enum import StrEnum

from qa.model import N_, Actor, Refusal, Resource, Role

ALL_TEAMS = "*"
"""A supervisor whose teams hold this sees every team, also people without one. No teams at all means nobody."""


class Action(StrEnum):
    """What can be asked for. The first word is the noun, the second the verb."""

    TODAY_READ = "today.read"
    METRIC_READ = "metric.read"
    CONVERSATION_READ = "conversation.read"
    CONVERSATION_SEARCH = "conversation.search"
    FINDING_READ = "finding.read"
    FINDING_JUDGE = "finding.judge"
    SAMPLE_DRAW = "sample.draw"
    WORKLIST_READ = "worklist.read"
    REVIEW_SUBMIT = "review.submit"
    REVIEW_READ = "review.read"
    SCORE_READ = "score.read"
    SCORE_COMPUTE = "score.compute"
    BONUS_READ = "bonus.read"
    BONUS_COMPUTE = "bonus.compute"
    MONTH_READ = "month.read"
    MONTH_CLOSE = "month.close"
    LOAD_READ = "load.read"
    LOAD_IMPORT = "load.import"
    ROSTER_IMPORT = "roster.import"
    CHECK_RUN = "check.run"
    POLICY_READ = "policy.read"
    USER_READ = "user.read"
    USER_WRITE = "user.write"
    AUDIT_READ = "audit.read"
    REPORT_DAILY = "report.daily"
    REPORT_REVIEW = "report.review"
    REPORT_APPRAISAL = "report.appraisal"
    REPORT_BONUS = "report.bonus"
    REPORT_PAYROLL = "report.payroll"
    REPORT_COMPLIANCE = "report.compliance"


class Scope(StrEnum):
    """How far a permission reaches."""

    NEVER = "never"
    OWN = "own"  # rows of the agent that the actor is
    TEAM = "team"  # rows of the actor's teams
    EVIDENCE = "evidence"  # conversations that carry a review or a confirmed finding of a scored period
    ANY = "any"


A, S, O = Action, Scope, Scope.OWN  # noqa: E741 - the table below reads better with short names

TABLE: Mapping[Role, Mapping[Action, Scope]] = {
    Role.AGENT: {
        A.METRIC_READ: O,
        A.CONVERSATION_READ: O,
        A.FINDING_READ: O,
        A.REVIEW_READ: O,
        A.SCORE_READ: O,
        A.BONUS_READ: O,
        A.POLICY_READ: S.ANY,
        A.REPORT_REVIEW: O,
        A.REPORT_BONUS: O,
    },
    Role.SUPERVISOR: {
        A.TODAY_READ: S.TEAM,
        A.METRIC_READ: S.TEAM,
        A.CONVERSATION_READ: S.TEAM,
        A.CONVERSATION_SEARCH: S.TEAM,
        A.FINDING_READ: S.TEAM,
        A.FINDING_JUDGE: S.TEAM,
        A.SAMPLE_DRAW: S.TEAM,
        A.WORKLIST_READ: S.TEAM,
        A.REVIEW_SUBMIT: S.TEAM,
        A.REVIEW_READ: S.TEAM,
        A.SCORE_READ: S.TEAM,
        A.POLICY_READ: S.ANY,
        A.REPORT_DAILY: S.TEAM,
        A.REPORT_REVIEW: S.TEAM,
        A.REPORT_APPRAISAL: S.TEAM,
        A.REPORT_COMPLIANCE: S.TEAM,
    },
    Role.HR: {
        A.METRIC_READ: S.ANY,
        A.CONVERSATION_READ: S.EVIDENCE,
        A.FINDING_READ: S.EVIDENCE,
        A.REVIEW_READ: S.ANY,
        A.SCORE_READ: S.ANY,
        A.SCORE_COMPUTE: S.ANY,
        A.BONUS_READ: S.ANY,
        A.BONUS_COMPUTE: S.ANY,
        A.MONTH_READ: S.ANY,
        A.MONTH_CLOSE: S.ANY,
        A.POLICY_READ: S.ANY,
        A.REPORT_REVIEW: S.ANY,
        A.REPORT_APPRAISAL: S.ANY,
        A.REPORT_BONUS: S.ANY,
        A.REPORT_PAYROLL: S.ANY,
        A.REPORT_COMPLIANCE: S.ANY,
    },
    Role.ADMIN: {
        A.LOAD_READ: S.ANY,
        A.LOAD_IMPORT: S.ANY,
        A.ROSTER_IMPORT: S.ANY,
        A.CHECK_RUN: S.ANY,
        A.POLICY_READ: S.ANY,
        A.USER_READ: S.ANY,
        A.USER_WRITE: S.ANY,
        A.AUDIT_READ: S.ANY,
    },
    Role.OWNER: dict.fromkeys(Action, S.ANY),
}

NOT_ON_ONESELF = frozenset({A.FINDING_JUDGE, A.REVIEW_SUBMIT})
"""Nobody judges the own work, however far the permission reaches."""


def scope(actor: Actor, action: Action) -> Scope:
    """How far the actor may do this; NEVER where the table says nothing."""
    return TABLE.get(actor.role, {}).get(action, Scope.NEVER)


def allowed(actor: Actor, action: Action, resource: Resource = Resource()) -> bool:  # noqa: B008 - frozen, never changed
    """May this actor do this on this resource? A resource that says nothing of itself is nobody's own and in no team."""
    if action in NOT_ON_ONESELF and actor.agent_id is not None and resource.agent_id == actor.agent_id:
        return False
    match scope(actor, action):
        case Scope.ANY:
            return True
        case Scope.OWN:
            return actor.agent_id is not None and resource.agent_id == actor.agent_id
        case Scope.TEAM:
            return ALL_TEAMS in actor.teams or (resource.team is not None and resource.team in actor.teams)
        case Scope.EVIDENCE:
            return resource.evidence_of_closed_case
        case Scope.NEVER:
            return False


def may(actor: Actor, action: Action) -> bool:
    """May this actor do this on anything at all? For menus; never instead of `allowed`."""
    match scope(actor, action):
        case Scope.NEVER:
            return False
        case Scope.OWN:
            return actor.agent_id is not None
        case Scope.TEAM:
            return bool(actor.teams)
        case _:
            return True


def require(actor: Actor, action: Action, resource: Resource = Resource()) -> None:  # noqa: B008 - frozen
    """Refuse unless allowed. The sentence does not say whether the resource exists."""
    if not allowed(actor, action, resource):
        raise Refusal(
            N_("This is not open to you."),
            N_("Sign in as somebody who may see it, or ask your administrator."),
        )
