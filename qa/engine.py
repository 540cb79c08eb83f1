"""Map a function over day parts: in this process, or in worker processes of this machine.

The function and its tasks must be picklable; results come back in the order of the tasks, so that the
outcome is the same whoever does the work.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

FEW = 4
"""Up to this many tasks, starting workers costs more than it gains."""


def each(work: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[tuple[Task, Result]]:
    """Yield (task, result) in order. An error in a worker is raised here."""
    workers = min(len(tasks), os.cpu_count() or 1)
    if len(tasks) <= FEW or workers == 1:
        yield from ((task, work(task)) for task in tasks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_single_threaded) as pool:
        yield from zip(tasks, pool.map(work, tasks), strict=True)


def _single_threaded() -> None:
    """Workers share the cores among themselves; polars reads this when it is first imported."""
    os.environ["POLARS_MAX_THREADS"] = "1"
