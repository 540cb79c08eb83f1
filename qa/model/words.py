"""Words that people read: texts in both languages, and refusals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

STRICT: Mapping[str, str] = {"extra": "forbid"}
"""Read by the policy loader: an unknown key is refused."""


def N_(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is shown."""
    return message


class Refusal(Exception):
    """Something that cannot be done: what is wrong, where, and what to do about it.

    `what` and `remedy` are English message ids with `{named}` places filled from `values`;
    `place` is data (a file, a line, a key) and is shown as it is.
    """

    def __init__(self, what: str, remedy: str, *, place: str = "", **values: object) -> None:
        super().__init__(what)
        self.what, self.remedy, self.place, self.values = what, remedy, place, values

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """The refusal in one line: `place: what. remedy`."""
        what = translate(self.what).format(**self.values)
        remedy = translate(self.remedy).format(**self.values)
        return f"{self.place + ': ' if self.place else ''}{what} {remedy}".strip()

    def __str__(self) -> str:
        return self.sentence()


@dataclass(frozen=True)
class Text:
    """A name or sentence in both languages of the screens."""

    __pydantic_config__ = STRICT
    zh: str
    en: str

    def said(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh
