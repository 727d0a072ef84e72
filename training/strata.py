"""Kinds of statement that are scored apart: by genre and by length."""

from collections.abc import Callable
from enum import StrEnum

from training.corpus import LabelledStatement


class Genre(StrEnum):
    """Kinds of document that read alike."""

    UNITED_NATIONS = "speech at the United Nations"
    SPEECH = "other speech"
    JOINT = "communiqué or joint statement"
    AGREEMENT = "agreement"
    RELEASE = "press release or readout"
    CONFERENCE = "press conference"
    NEWS = "news report"
    OTHER = "another kind"


_GENRES = {
    "un_speech": Genre.UNITED_NATIONS,
    "speech": Genre.SPEECH,
    "joint_statement": Genre.JOINT,
    "communique": Genre.JOINT,
    "mou": Genre.AGREEMENT,
    "press_release": Genre.RELEASE,
    "readout": Genre.RELEASE,
    "press_conference": Genre.CONFERENCE,
    "news_report": Genre.NEWS,
}
"""The genre of each `kind` of the corpus."""


class Length(StrEnum):
    """Bands of words."""

    SHORT = "up to 40 words"
    MIDDLE = "41 to 80 words"
    LONG = "81 to 120 words"
    LONGEST = "over 120 words"


Stratum = Callable[[LabelledStatement], StrEnum]


def genre(statement: LabelledStatement) -> Genre:
    """The genre of a statement, by its `kind`."""
    return _GENRES.get(statement.kind, Genre.OTHER)


def length(statement: LabelledStatement) -> Length:
    """The band of a statement's words."""
    words = len(statement.text.split())
    limits = {Length.SHORT: 40, Length.MIDDLE: 80, Length.LONG: 120}
    return next((band for band, limit in limits.items() if words <= limit), Length.LONGEST)
