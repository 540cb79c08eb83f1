"""Commands over chats: import, roster, watch, check, findings, rules."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from qa import ROOT, pipeline, policy, reads
from qa.commands.base import Answer, Asked, open_workspace, progress
from qa.model import N_, Policy, Refusal
from qa.scoring import check as checks
from qa.workspace import OWNER


def import_(asked: Asked) -> Answer:
    mapping = _mapping(asked.map) if asked.map else None
    result = pipeline.import_logs(
        open_workspace(asked),
        OWNER,
        asked.paths,
        source=asked.source,
        mapping=mapping,
        zone=asked.tz,
        progress=progress(asked),
    )
    files = []
    for file in result.files:
        counts = {k: getattr(file, k) for k in ("rows_in", "accepted", "duplicate", "rejected", "masked")}
        refused = file.refused.sentence() if file.refused else None
        if refused:
            asked.say(refused)
        files.append({"file": file.file, **counts, "rejects_file": file.rejects_file, "refused": refused})
    totals = {k: result.total(k) for k in ("rows_in", "accepted", "duplicate", "rejected", "masked")}
    rejects = [f["rejects_file"] for f in files if f["rejects_file"]]
    return {
        "files": files,
        **totals,
        "rejects_file": rejects[0] if rejects else None,
        "new_accounts": list(result.new_accounts),
        "_exit": 1 if any(f["refused"] for f in files) else 0,
    }


def _mapping(path: Path) -> Mapping[str, str]:
    try:
        columns = tomllib.loads(path.read_text(encoding="utf-8")).get("columns", {})
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refusal(
            N_("The mapping cannot be read: {error}."), N_("It is TOML; see the README."), place=str(path), error=error
        ) from None
    if not columns or not all(isinstance(v, str) for v in columns.values()):
        raise Refusal(
            N_("The mapping names no column."),
            N_('Write a table [columns] with lines such as text = "内容".'),
            place=str(path),
        )
    return dict(columns)


def roster(asked: Asked) -> Answer:
    return {"agents": pipeline.import_roster(open_workspace(asked), OWNER, asked.file)}


def watch(asked: Asked) -> Answer:
    files = []
    for file in pipeline.watch(
        open_workspace(asked), OWNER, asked.folder, every=asked.every, rounds=2 if asked.once else None
    ):
        asked.say(file.refused.sentence() if file.refused else f"{file.file}: {file.accepted} accepted")
        files.append({"file": file.file, "accepted": file.accepted, "rejected": file.rejected})
    return {"files": files}


def check(asked: Asked) -> Answer:
    result = pipeline.check(
        open_workspace(asked), OWNER, asked.first, asked.last, again=asked.again, progress=progress(asked)
    )
    return {"messages": result.messages, "findings": result.findings, "by_rule": result.by_rule}


def findings(asked: Asked) -> Answer:
    found = reads.findings(
        open_workspace(asked), OWNER, first=asked.first, last=asked.last, rule=asked.rule, limit=asked.limit
    )
    rows = [
        {
            "conversation_id": f.conversation_id,
            "message_id": f.message_id,
            "agent": f.agent_name,
            "rule": f.rule,
            "category": f.category,
            "start": f.start,
            "end": f.end,
            "text": f.text,
            "matched": f.matched,
            "verdict": f.verdict.value if f.verdict else None,
        }
        for f in found
    ]
    return {"rows": rows}


def rules_test(asked: Asked) -> Answer:
    results = [r for rule in _policy(asked).rules for r in checks.examples(rule)]
    failed = [r for r in results if not r.as_written]
    for r in failed:
        asked.say(f"{r.rule}, {r.list}: {r.example}  (marked {r.marked}, found {r.found})")
    return {"passed": len(results) - len(failed), "failed": len(failed), "_exit": 1 if failed else 0}


def rules_try(asked: Asked) -> Answer:
    return {"findings": checks.try_sentence(_policy(asked).rules, asked.text, asked.speaker).to_dicts()}


def _policy(asked: Asked) -> Policy:
    own = asked.home / "policy"
    return policy.load(own if own.is_dir() else ROOT / "policy")
