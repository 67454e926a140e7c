"""Words that people have for sex, as it matters here: how many copies of a gene on chromosome X there are."""

from __future__ import annotations

import re

from lupus_pgx.errors import UsageError, unknown_name
from lupus_pgx.terms import Sex

_WORDS = {
    **dict.fromkeys(("female", "f", "woman", "girl", "xx", "46,xx", "w", "weiblich", "frau", "femme"), Sex.FEMALE),
    **dict.fromkeys(("f\u00e9minin", "mujer", "femenino", "hembra", "donna", "femmina", "feminino"), Sex.FEMALE),
    **dict.fromkeys(("male", "m", "man", "boy", "xy", "46,xy", "m\u00e4nnlich", "mann", "homme"), Sex.MALE),
    **dict.fromkeys(("masculin", "hombre", "var\u00f3n", "masculino", "uomo", "maschio", "maschile"), Sex.MALE),
}
_NOTHING = frozenset({"", ".", "na", "n/a", "u", "unknown", "unspecified", "not reported", "not known"})
_CODE = re.compile(r"-?\d+")
_OTHER = re.compile(r"x|y|[xy0]{2,}|4[4-9],?[xy]+|other|intersex|diverse?|divers|non ?binary|ambiguous|mixed|both|d")


def find_sex(word: str) -> Sex | None:
    """Return the sex of a word; None where it says that nothing is known.

    Case, hyphens and underscores make no difference.

    Raises
    ------
    UsageError
        If the word stands for neither, with the reason, or is not known.

    Examples
    --------
    >>> find_sex("F"), find_sex("XY"), find_sex("unknown")
    (<Sex.FEMALE: 'female'>, <Sex.MALE: 'male'>, None)
    """
    name = re.sub(r"[\s_-]+", " ", word).strip().casefold()
    if name in _NOTHING:
        return None
    if name in _WORDS:
        return _WORDS[name]
    if _CODE.fullmatch(name):
        raise UsageError(f"sex {word!r}: numbers mean different things in different tables: write female or male")
    if _OTHER.fullmatch(name):
        raise UsageError(
            f"sex {word!r}: it is asked for the copies of chromosome X, two (female) or one (male): where there are "
            "others leave it out, then both stay possible"
        )
    raise unknown_name("sex", word, [sex.value for sex in Sex])
