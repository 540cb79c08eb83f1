"""What the kinds look at: whole conversations in order, and the distinct texts of each speaker, folded once."""

from functools import cached_property

import polars as pl

from qa.model import Frame
from qa.scoring.fold import Form, fold, shorten, unify, without_emoticons, wording

CLAIMS = pl.Schema(
    {
        "rule": pl.UInt32,  # place in the rules that were handed in
        "row": pl.UInt32,  # message of the batch
        "talk": pl.UInt32,  # conversation of the batch
        "start": pl.Int32,  # null: the conversation as a whole, since that message
        "end": pl.Int32,
        "value": pl.Float64,
    }
)
"""What a kind hands back: one row per claim."""

SPANS = pl.Schema({"rule": pl.UInt32, "text": pl.String, "start": pl.Int32, "end": pl.Int32})
"""A claim about a text, whoever said it and however often."""


class Texts:
    """The distinct texts of one speaker. Chats are canned, so each text is folded and scanned once a batch."""

    def __init__(self, said: Frame) -> None:
        """`said`: row, talk, text of every message of the speaker."""
        self.said = said
        self._forms: dict[tuple[Form, bool, bool], pl.Series] = {}

    @cached_property
    def distinct(self) -> Frame:
        """text, folded: one row per distinct text."""
        return self.said.select(pl.col("text").unique(maintain_order=True)).with_columns(folded=fold(pl.col("text")))

    def form(self, form: Form, *, pronouns: bool, particles: bool) -> pl.Series:
        """A form of every distinct text, in their order."""
        key = (form, pronouns, particles)
        if key not in self._forms:
            same = unify(pl.col("folded"), pronouns=pronouns, particles=particles)
            if form is Form.PLAIN:
                same = without_emoticons(same)  # a pattern may ask for the end of the message
            self._forms[key] = self.distinct.select(shorten(same, form)).to_series()
        return self._forms[key]

    @cached_property
    def wording(self) -> Frame:
        """text, words: each distinct text as a whole message is compared, in the widest fold."""
        same = self.distinct.select(unify(pl.col("folded"), pronouns=True, particles=True)).to_series()
        return self.distinct.select("text", words=wording(same, particles=True))

    def claims(self, spans: Frame) -> Frame:
        """SPANS of texts -> CLAIMS of the messages that say them."""
        said = self.said.join(spans, on="text", how="inner")
        return said.select("rule", "row", "talk", "start", "end", value=pl.lit(None, pl.Float64)).cast(CLAIMS)


class Batch:
    """Messages of whole conversations: `messages` is MESSAGES in order of conversation and position, with row and talk."""

    def __init__(self, messages: Frame) -> None:
        self.messages = (
            messages.sort("conversation_id", "position")
            .with_row_index("row")
            .with_columns(talk=pl.col("conversation_id").rle_id(), text=pl.col("text").fill_null(""))
        )
        self._texts: dict[str, Texts] = {}

    def texts(self, speaker: str) -> Texts:
        """The texts of one speaker and of nobody else."""
        if speaker not in self._texts:
            own = self.messages.filter(pl.col("speaker") == speaker)
            self._texts[speaker] = Texts(own.select("row", "talk", "text"))
        return self._texts[speaker]
