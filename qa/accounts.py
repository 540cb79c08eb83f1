"""Accounts: who may sign in, how a password is proved, and which browser belongs to whom right now.

A sign-in is a random token in a cookie; the records hold its digest only. Who the token stands for is read again
at every act, so that a disabled person or a changed role is out at once.
"""

import hashlib
import hmac
import secrets
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from qa import passwords
from qa.access import Action, require
from qa.model import N_, Actor, Refusal, Role, User
from qa.records import Duplicate
from qa.workspace import Workspace

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=8)
TOUCH_EVERY = timedelta(seconds=60)
INVITATION = timedelta(days=3)
FREE_FAILURES = 4
LONGEST_DELAY = timedelta(minutes=15)

_HASHER = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
_TWO_AT_ONCE = threading.BoundedSemaphore(2)
_NOBODY = _HASHER.hash(secrets.token_hex(16))
"""What an unknown name is measured against, so that the answer takes as long as for a known one."""


class Accounts:
    """The sign-in accounts of one workspace."""

    def __init__(self, ws: Workspace) -> None:
        self.ws, self.records = ws, ws.records

    # ------------------------------------------------------------ people

    def list_users(self, actor: Actor) -> tuple[User, ...]:
        """Every account, also the disabled ones, by sign-in name."""
        require(actor, Action.USER_READ)
        return tuple(_user(row) for row in self.records.read("user_now", order="login"))

    def add_user(
        self,
        actor: Actor,
        login: str,
        name: str,
        role: Role,
        *,
        agent_id: str | None = None,
        teams: Iterable[str] = (),
        language: str = "zh",
    ) -> User:
        """Add an account without a password; `invite` makes the link with which the person sets one."""
        require(actor, Action.USER_WRITE)
        login, name = passwords.folded(login), name.strip()
        _check_login(login, name)
        if role is Role.OWNER:
            raise Refusal(N_("The owner works at the command line only."), N_("Choose another role."))
        if (role is Role.AGENT) != (agent_id is not None):
            raise Refusal(
                N_("An account of an agent, and only that, names the agent."), N_("Choose the agent, or another role.")
            )
        if self._by_login(login):
            raise _taken(login)
        row = {
            "user_id": "u-" + hashlib.sha256(f"user {login}".encode()).hexdigest()[:12],
            "login": login,
            "name": name,
            "role": role.value,
            "agent_id": agent_id,
            "teams": sorted(set(teams)),
            "language": language,
            "password_hash": "",
            "disabled": False,
        }
        return self._write(actor, "user.add", row, ends=False)

    def disable(self, actor: Actor, user_id: str) -> None:
        """Close an account; every browser of it is signed out at once."""
        require(actor, Action.USER_WRITE)
        if actor.user_id == user_id:
            raise Refusal(N_("You cannot close your own account."), N_("Ask another administrator."))
        self._write(actor, "user.disable", {**self._row(user_id), "disabled": True})

    def enable(self, actor: Actor, user_id: str) -> None:
        """Open a closed account again; the old password is gone, a new link is needed."""
        require(actor, Action.USER_WRITE)
        self._write(actor, "user.enable", {**self._row(user_id), "disabled": False, "password_hash": ""})

    def set_role(self, actor: Actor, user_id: str, role: Role, *, teams: Iterable[str] = ()) -> None:
        """Give another role or other teams; every browser of the account is signed out at once."""
        require(actor, Action.USER_WRITE)
        row = self._row(user_id)
        if actor.user_id == user_id or role is Role.OWNER or (role is Role.AGENT) != (row["agent_id"] is not None):
            raise Refusal(N_("This role cannot be given here."), N_("Add an account of its own for it."))
        self._write(actor, "user.role", {**row, "role": role.value, "teams": sorted(set(teams))})

    def set_language(self, actor: Actor, language: str) -> None:
        """The language of the actor's own screens: zh or en."""
        if language not in {"zh", "en"}:
            raise Refusal(N_("There is no such language."), N_("Choose Chinese or English."))
        self._write(actor, "user.language", {**self._row(actor.user_id), "language": language}, ends=False)

    # ------------------------------------------------------------ passwords

    def set_password(self, actor: Actor, user_id: str, password: str) -> None:
        """Set the own password, or anybody's as the owner at the command line."""
        if actor.user_id != user_id and actor.role is not Role.OWNER:
            raise Refusal(N_("Only the person sets the password."), N_("Make a one-time link and hand it over."))
        self._set_password(actor, self._row(user_id), password)

    def verify(self, login: str, password: str) -> User:
        """The account that this name and password open; refused with one sentence whatever is wrong.

        From the fifth wrong try in a row a growing delay holds the name, at most 15 minutes; tries in between are
        not counted, so nobody can hold a name for ever.
        """
        login = passwords.folded(login)
        with _TWO_AT_ONCE:
            key = self._hold(login)
            row = self._by_login(login)
            stored = row["password_hash"] if row and not row["disabled"] else ""
            good = _matches(stored or _NOBODY, passwords.normal(password)) and stored != ""
            with self.records.act(row["user_id"] if row else "nobody", "signin.try", key) as act:
                act.append("signin_attempt", [{"login": key, "ok": good, "at": self.ws.now()}])
        if not good or row is None:
            raise Refusal(N_("Name or password is wrong."), N_("Try again, or ask your administrator for a new link."))
        if _HASHER.check_needs_rehash(stored):
            fresh = {**row, "password_hash": _HASHER.hash(passwords.normal(password))}
            self._write(_actor(row), "user.rehash", fresh, ends=False)
        return _user(row)

    def invite(self, actor: Actor, user_id: str) -> str:
        """A one-time token that lets this person set a password within three days.

        It is signed, not stored: it names the version of the account it was made for, and dies with it.
        """
        require(actor, Action.USER_WRITE)
        row = self._row(user_id)
        self.records.see(actor.user_id, "user.invite", user_id)
        return self._token(row, int((self.ws.now() + INVITATION).timestamp()))

    def first_link(self, actor: Actor) -> str | None:
        """A token for the first administrator, made when no administrator can sign in yet; else None."""
        require(actor, Action.USER_WRITE)
        admins = self.records.read("user_now", role=Role.ADMIN.value, disabled=False, order="login")
        if any(row["password_hash"] for row in admins):
            return None
        user_id = admins[0]["user_id"] if admins else self.add_user(actor, "admin", "admin", Role.ADMIN).user_id
        return self.invite(actor, user_id)

    def invited(self, token: str) -> User:
        """The account that a one-time token is for; refused when it is used, too old or not ours."""
        user_id, _, rest = token.partition(".")
        until, _, _ = rest.partition(".")
        rows = self.records.read("user_now", user_id=user_id, disabled=False)
        fresh = until.isdecimal() and len(until) < 12 and int(until) >= self.ws.now().timestamp()
        if not rows or not fresh or not hmac.compare_digest(token.encode(), self._token(rows[0], int(until)).encode()):
            raise Refusal(N_("This link is used up or too old."), N_("Ask your administrator for a new one."))
        return _user(rows[0])

    def redeem(self, token: str, password: str) -> User:
        """Set the password with a one-time token."""
        user = self.invited(token)
        row = self._row(user.user_id)
        self._set_password(_actor(row), row, password)
        return user

    # ------------------------------------------------------------ browsers

    def start_signin(self, user_id: str) -> str:
        """Sign a browser in and return the token for its cookie. Only the token's digest is stored."""
        token, now = secrets.token_urlsafe(32), self.ws.now()
        self.records.see(user_id, "signin", user_id)
        self.records.start_signin({"token_hash": digest(token), "user_id": user_id, "started_at": now, "seen_at": now})
        return token

    def actor_for(self, token: str) -> Actor | None:
        """Who this cookie's token stands for now, or None when the sign-in has ended."""
        return self.actor_of(digest(token)) if token else None

    def actor_of(self, token_hash: str) -> Actor | None:
        """Like actor_for, by the token's digest."""
        rows = self.records.read("signin", token_hash=token_hash)
        if not rows or rows[0]["ended_at"] is not None:
            return None
        signin, now = rows[0], self.ws.now()
        seen = _instant(signin["seen_at"])
        if now - seen > IDLE or now - _instant(signin["started_at"]) > ABSOLUTE:
            self.records.end_signins(token_hash=token_hash)
            return None
        users = self.records.read("user_now", user_id=signin["user_id"], disabled=False)
        if not users:
            return None
        if now - seen >= TOUCH_EVERY:
            self.records.touch_signin(token_hash, now)
        return _actor(users[0])

    def end_signin(self, token: str) -> None:
        """Sign this browser out."""
        self.records.end_signins(token_hash=digest(token))

    def demo_user(self, role: Role) -> User:
        """The made-up person of a role, who needs no password; refused where anything is real."""
        known = self.records.read("user_now", role=role.value, disabled=False, order="login") if self.ws.made_up else []
        rows = [row for row in known if not row["password_hash"]]
        if not rows:
            raise Refusal(N_("There is no demonstration here."), N_("Sign in with your name and password."))
        return _user(rows[0])

    # ------------------------------------------------------------ inside

    def _row(self, user_id: str) -> dict[str, Any]:
        rows = self.records.read("user_now", user_id=user_id)
        if not rows:
            raise Refusal(N_("There is no such account."), N_("Look it up in the list of people."))
        return rows[0]

    def _by_login(self, login: str) -> dict[str, Any] | None:
        rows = self.records.read("user_now", login=login)
        return rows[0] if rows else None

    def _write(self, actor: Actor, action: str, row: Mapping[str, Any], *, ends: bool = True) -> User:
        """Append a version of the account and, unless told otherwise, sign all its browsers out."""
        version = {key: row[key] for key in _COLUMNS}
        detail = {"role": row["role"], "disabled": bool(row["disabled"])}
        try:
            with self.records.act(actor.user_id, action, row["user_id"], detail) as act:
                act.append("user_version", [version])
        except Duplicate:
            raise _taken(row["login"]) from None
        if ends:
            self.records.end_signins(user_id=row["user_id"])
        return _user(version)

    def _set_password(self, actor: Actor, row: Mapping[str, Any], password: str) -> None:
        passwords.check(password, login=row["login"], name=row["name"])
        with _TWO_AT_ONCE:
            hashed = _HASHER.hash(passwords.normal(password))
        self._write(actor, "user.password", {**row, "password_hash": hashed})

    def _hold(self, login: str) -> str:
        """Refuse while the name is held back; return the key under which tries are counted.

        A name that nobody has may be a password typed into the wrong field: only its digest is kept.
        """
        key = login if self._by_login(login) else "? " + hashlib.sha256(login.encode()).hexdigest()[:24]
        wrong: list[datetime] = []
        for row in self.records.read("signin_attempt", login=key, order="-seq"):
            if row["ok"]:
                break
            wrong.append(_instant(row["at"]))
        if len(wrong) > FREE_FAILURES:
            wait = wrong[0] + delay(len(wrong)) - self.ws.now()
            if wait > timedelta(0):
                raise Refusal(
                    N_("Too many wrong tries."),
                    N_("Try again in {seconds} seconds."),
                    seconds=max(1, round(wait.total_seconds())),
                )
        return key

    def _token(self, row: Mapping[str, Any], until: int) -> str:
        said = f"{row['user_id']}.{until}"
        key = hmac.digest(self.ws.key, b"invitation", "sha256")
        signed = hmac.new(key, f"{said}.{row['seq']}".encode(), "sha256").hexdigest()
        return f"{said}.{signed}"


_COLUMNS = ("user_id", "login", "name", "role", "agent_id", "teams", "language", "password_hash", "disabled")


def delay(failures: int) -> timedelta:
    """How long a name is held after so many wrong tries in a row: 1 s at the fifth, doubling, 15 minutes at most."""
    if failures <= FREE_FAILURES:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - FREE_FAILURES - 1, 10)), LONGEST_DELAY)


def digest(token: str) -> str:
    """What is stored of a sign-in token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _taken(login: str) -> Refusal:
    return Refusal(N_("The sign-in name “{login}” is taken."), N_("Choose another one."), login=login)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _matches(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _check_login(login: str, name: str) -> None:
    if not 2 <= len(login) <= 64 or any(ch.isspace() or not ch.isprintable() for ch in login):
        raise Refusal(N_("A sign-in name has 2 to 64 characters and no blanks."), N_("Choose another one."))
    if not 1 <= len(name) <= 64 or not name.isprintable():
        raise Refusal(N_("A person's name has 1 to 64 characters."), N_("Write the name as colleagues know it."))


def _user(row: Mapping[str, Any]) -> User:
    return User(
        user_id=row["user_id"],
        login=row["login"],
        name=row["name"],
        role=Role(row["role"]),
        agent_id=row["agent_id"],
        teams=frozenset(row["teams"]),
        language=row["language"],
        disabled=bool(row["disabled"]),
    )


def _actor(row: Mapping[str, Any]) -> Actor:
    return Actor(
        row["user_id"], row["name"], Role(row["role"]), row["agent_id"], frozenset(row["teams"]), row["language"]
    )
