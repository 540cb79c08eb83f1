"""Keys that stay the same whatever the versions of the libraries: text hashes, message ids, tokens."""

import hmac

import numpy as np
import polars as pl
from numpy.typing import NDArray

GOLDEN = 0x9E3779B97F4A7C15
ROWS = 200_000  # at a time, so that memory stays flat
PLACE = ("platform", "shop", "conversation_id")


def text_hash(texts: pl.Series) -> pl.Series:
    """A 64-bit hash of each text (UInt64; null for null).

    Definition, modulo 2**64: hash = mix(n XOR sum over i of mix(c_i + (i + 1) * 0x9E3779B97F4A7C15)), where c_i is
    the code point at place i from 0, n the number of code points, and mix the finaliser of SplitMix64 (Steele, Lea,
    Flood 2014). Not meant against an adversary.
    """
    chunks = [_hash(texts.slice(start, ROWS)) for start in range(0, max(len(texts), 1), ROWS)]
    return pl.concat(chunks).alias(texts.name)


def hexadecimal(numbers: pl.Series) -> pl.Series:
    """UInt64 without nulls as 16 hex digits."""
    digits = numbers.to_numpy().astype(">u8").tobytes().hex().encode()
    return pl.Series(numbers.name, np.frombuffer(digits, dtype="S16").astype("U16"), dtype=pl.String)


def message_ids(messages: pl.DataFrame) -> pl.Series:
    """Ids of messages: the given one, else "h" and 16 hex digits over time, speaker and masked words.

    Tokens inside the words are left out of the hash, so that an export without customer names gives the same ids as
    one with them. The k-th message of a conversation that is the same as an earlier one gets "-k".
    """
    words = pl.col("text").str.replace_all(r"·[0-9a-f]{4}\]", "]")
    said = pl.concat_str(pl.col("sent_at").dt.epoch("ms"), "speaker", words, separator="\x1f")
    made = "h" + hexadecimal(text_hash(messages.select(said).to_series()))
    ids = messages.select(*PLACE, given="message_id", own=made)
    again = pl.int_range(1, pl.len() + 1).over(*PLACE, "own")
    repeated = pl.when(again > 1).then(pl.format("{}-{}", "own", again)).otherwise("own")
    lone = pl.col("given").is_null()
    numbered = ids.with_row_index().filter(lone).select("index", own=repeated)
    return (
        ids.with_row_index()
        .join(numbered, on="index", how="left", maintain_order="left")
        .select(pl.coalesce("given", "own_right").alias("message_id"))["message_id"]
    )


def tokens(values: pl.Series, scope: pl.Series, key: bytes, prefix: str) -> pl.Series:
    """Keyed tokens: prefix, "-" and 12 hex digits of HMAC-SHA256 over scope and value; null for null."""
    pairs = pl.DataFrame({"scope": scope, "value": values})
    known = pairs.drop_nulls().unique(maintain_order=True)
    made = [f"{prefix}-{keyed(key, prefix, s, v)[:12]}" for s, v in known.iter_rows()]
    known = known.with_columns(pl.Series("token", made, dtype=pl.String))
    return pairs.join(known, on=["scope", "value"], how="left", maintain_order="left")["token"]


def keyed(key: bytes, *parts: str) -> str:
    """HMAC-SHA256 of the parts, in hex."""
    return hmac.digest(key, "\x1f".join(parts).encode("utf-8", "surrogatepass"), "sha256").hex()


def _hash(texts: pl.Series) -> pl.Series:
    points = np.frombuffer("".join(texts.drop_nulls()).encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    lengths = texts.str.len_chars().fill_null(0).to_numpy().astype(np.int64)
    ends = np.cumsum(lengths)
    place = np.arange(1, len(points) + 1, dtype=np.uint64)
    place -= np.repeat((ends - lengths).astype(np.uint64), lengths)
    place *= np.uint64(GOLDEN)
    points += place
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(_mix(points))])
    whole = _mix((sums[ends] - sums[ends - lengths]) ^ lengths.astype(np.uint64))
    mask = texts.is_null()
    return pl.select(pl.when(~mask).then(pl.Series(whole))).to_series()


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x ^= x >> np.uint64(shift)
        x *= np.uint64(factor)
    x ^= x >> np.uint64(31)
    return x
