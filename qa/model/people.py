"""People: roles, actors, agents, users."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    HR = "hr"
    ADMIN = "admin"
    OWNER = "owner"  # the person at the command line of this machine


@dataclass(frozen=True)
class Actor:
    """Who acts: read from the records again at every act, never kept in a browser session."""

    user_id: str
    name: str
    role: Role
    agent_id: str | None = None
    teams: frozenset[str] = frozenset()
    language: str = "zh"


@dataclass(frozen=True)
class Resource:
    """What is acted on, by what matters for permission. None means: does not apply."""

    agent_id: str | None = None
    team: str | None = None
    evidence_of_closed_case: bool = False


@dataclass(frozen=True)
class Agent:
    agent_id: str
    name: str
    team: str | None = None


@dataclass(frozen=True)
class User:
    """A sign-in account. `login` is what the person types."""

    user_id: str
    login: str
    name: str
    role: Role
    agent_id: str | None
    teams: frozenset[str]
    language: str
    disabled: bool
