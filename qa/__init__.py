"""QA Desk: chat logs in, scores and bonus statements out, in one direction.

`pipeline` holds what the machine does (import, check, draw, score, close), `casework` what people
do (review, judge, appeal), `reads` what each person may see. Everything below them is pure or a store.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
