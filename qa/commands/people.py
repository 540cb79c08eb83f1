"""Commands over accounts of the app."""

from qa.accounts import Accounts
from qa.commands.base import Answer, Asked, named, open_workspace
from qa.model import Role
from qa.workspace import OWNER


def user_add(asked: Asked) -> Answer:
    ws = open_workspace(asked)
    accounts = Accounts(ws)
    user = accounts.add_user(
        OWNER, asked.login, asked.name or asked.login, Role(asked.role), agent_id=asked.agent, teams=asked.team or ()
    )
    link = f"/welcome?token={accounts.invite(OWNER, user.user_id)}"
    asked.say(f"One-time link to set the password, valid for three days: {link}")
    return {"user": user.login, "role": user.role.value, "link": link}


def user_list(asked: Asked) -> Answer:
    rows = [
        {"login": u.login, "name": u.name, "role": u.role.value, "teams": sorted(u.teams), "disabled": u.disabled}
        for u in Accounts(open_workspace(asked)).list_users(OWNER)
    ]
    return {"rows": rows}


def user_disable(asked: Asked) -> Answer:
    ws = open_workspace(asked)
    Accounts(ws).disable(OWNER, named(ws, asked.login).user_id)
    return {"user": asked.login, "disabled": True}
