"""What the machine does, in order: import, check, draw, score, close; and how a workspace is kept."""

from qa.pipeline.checking import CheckResult, check
from qa.pipeline.closing import Fault, audits, close, closed, verify
from qa.pipeline.drawing import Sample, draw
from qa.pipeline.importing import FileResult, ImportResult, import_logs
from qa.pipeline.keeping import backup, restore, watch
from qa.pipeline.roster import import_roster
from qa.pipeline.scoring import Figures, bonus, score

__all__ = [
    "CheckResult",
    "Fault",
    "Figures",
    "FileResult",
    "ImportResult",
    "Sample",
    "audits",
    "backup",
    "bonus",
    "check",
    "close",
    "closed",
    "draw",
    "import_logs",
    "import_roster",
    "restore",
    "score",
    "verify",
    "watch",
]
