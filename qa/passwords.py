"""Passwords: what is good enough. Length counts, composition does not; what everybody would guess is refused."""

import re
import unicodedata

from qa.model import N_, Refusal

SHORTEST, LONGEST = 12, 256

_GUESSABLE = re.compile(
    r"""(?:
    password|passwort|passw0rd|p@ssw0rd|passwd|pass|qwertyuiop|qwerty|asdfghjkl|asdfgh|asdf|zxcvbnm|zxcv|1qaz2wsx|1q2w3e4r
    |qazwsx|administrator|admin|root|user|guest|test|demo|letmein|welcome|iloveyou|dragon|monkey|football|baseball|sunshine
    |princess|superman|batman|trustno1|master|hello|changeme|default|secret|login|server|computer|internet|abcdefgh|abcdef
    |abcd|abc|woaini|woaiwojia|woshishui|mima|zhijiantai|zhijian|kefu|kehu|qadesk|taobao|tmall|kuaishou|douyin|jingdong
    |pinduoduo|alibaba|china|beijing|shanghai|[\d\W_]
    )*+""",
    re.VERBOSE,
)
"""Nothing but well-known words, digits and signs. Possessive, so that it cannot be made to backtrack."""


def folded(login: str) -> str:
    """A sign-in name as it is compared: NFKC, no case, no outer blanks."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def normal(password: str) -> str:
    """A password as it is hashed: NFKC, nothing cut off. What is far too long is cut only after it cannot match."""
    return unicodedata.normalize("NFKC", password[: LONGEST + 1])


def check(password: str, *, login: str, name: str) -> None:
    """Refuse a password that is too short, too long or that a guesser tries first."""
    plain = normal(password)
    if len(plain) < SHORTEST:
        raise Refusal(
            N_("The password is too short."),
            N_("Take at least {count} characters; a sentence is easy to remember."),
            count=SHORTEST,
        )
    if len(password) > LONGEST:
        raise Refusal(N_("The password is too long."), N_("Take at most {count} characters."), count=LONGEST)
    lower = plain.casefold()
    for own in (folded(login), folded(name)):
        if len(own) > 1:
            lower = lower.replace(own, "")
    if len(set(plain)) < 5 or _GUESSABLE.fullmatch(lower):
        raise Refusal(
            N_("This password is among those that are guessed first."),
            N_("Take words that only you would put together."),
        )
