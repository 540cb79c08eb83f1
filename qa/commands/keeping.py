"""Commands that make, keep and open a workspace."""

from qa import pipeline, serving
from qa.commands.base import Answer, Asked, open_workspace, progress
from qa.rehearsal import rehearse
from qa.workspace import OWNER, Workspace


def init(asked: Asked) -> Answer:
    return {"home": str(Workspace.create(asked.home, zone=asked.tz, house=asked.name, records=asked.records).home)}


def demo(asked: Asked) -> Answer:
    ws, reports = rehearse(
        asked.home,
        seed=asked.seed,
        agents=asked.agents,
        days=asked.days,
        conversations=asked.conversations,
        progress=progress(asked),
    )
    answer: Answer = {"home": str(ws.home), "url": serving.url(asked.port), "reports": [str(p) for p in reports]}
    return answer if asked.no_serve else {**answer, "_then": lambda: serving.serve(asked.home, asked.port, asked.say)}


def serve(asked: Asked) -> Answer:
    open_workspace(asked).records.close()
    return {"url": serving.url(asked.port), "_then": lambda: serving.serve(asked.home, asked.port, asked.say)}


def backup(asked: Asked) -> Answer:
    return {"file": str(pipeline.backup(open_workspace(asked), OWNER, asked.file))}


def restore(asked: Asked) -> Answer:
    return {"home": str(pipeline.restore(asked.file, asked.home, OWNER).home)}


def verify(asked: Asked) -> Answer:
    faults = pipeline.verify(open_workspace(asked), OWNER)
    rows = [{"audit": f.audit, "subject": f.subject, "detail": f.detail} for f in faults]
    return {"faults": rows, "_exit": 1 if rows else 0}
