"""The kinds of rules. A kind says what a rule of it must look like (`verify`) and makes claims (`find`).

A new kind is a dataclass in the model, a module here, and a line in KINDS; a new rule is neither.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from qa.model import Delay, Frame, Phrase, Regex, Repeat, Rule, RuleKind
from qa.scoring.kinds import delay, phrase, regex, repeat
from qa.scoring.kinds.batch import CLAIMS, Batch

__all__ = ["CLAIMS", "KINDS", "Batch", "Kind"]


class Kind(NamedTuple):
    """`verify` refuses a rule that cannot work; `find` makes the CLAIMS of all rules of the kind at once."""

    verify: Callable[[Rule, Any], None]
    find: Callable[[Batch, Sequence[tuple[int, Rule, Any]]], Frame]


KINDS: Mapping[type[RuleKind], Kind] = {
    Phrase: Kind(phrase.verify, phrase.find),
    Regex: Kind(regex.verify, regex.find),
    Repeat: Kind(repeat.verify, repeat.find),
    Delay: Kind(delay.verify, delay.find),
}
