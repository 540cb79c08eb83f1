"""The audit's chain: every row holds a hash over itself and the row before."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

FIRST = "0" * 64


def link(seq: int, at: str, actor: str, action: str, subject: str, detail: str, prev_hash: str) -> str:
    """SHA-256, in hex, over one row of the audit; `detail` is its JSON text."""
    row = json.dumps([seq, at, actor, action, subject, detail, prev_hash], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(row.encode()).hexdigest()


def faults(rows: Iterable[tuple[Any, ...]]) -> list[str]:
    """What is wrong with a chain of rows (seq, at, actor, action, subject, detail, prev_hash, hash) in order of seq.

    Missing, changed and moved rows show. Rows cut off at the end do not: nothing after them remembers them.
    """
    found = []
    last, before, prev_hash = 0, "", FIRST
    for seq, at, actor, action, subject, detail, said_prev, said in rows:
        if seq != last + 1:
            found.append(f"audit {seq}: {seq - last - 1} rows before it are missing")
        elif said_prev != prev_hash:
            found.append(f"audit {seq}: does not follow the row before it")
        if said != link(seq, at, actor, action, subject, detail, said_prev):
            found.append(f"audit {seq}: changed since it was written")
        if at < before:
            found.append(f"audit {seq}: earlier than the row before it")
        last, before, prev_hash = seq, at, said
    return found
