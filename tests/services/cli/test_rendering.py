"""What a person sees of a labelled statement."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from models.classifier import Labels, ReviewReason, SectorLabel, Span, StanceLabel
from models.taxonomy import Sector, Stance
from services.classifier.events import ClassifiedStatement, Model, Statement
from services.cli.rendering import SECTOR_STYLE, STANCE_STYLE, render
from services.cli.screen import harmless

TEXT = "We will extend the railway to the port.\n\nWe regret the war in Ukraine."
HOSTILE = "\x1b[2J\x1b]0;owned\x07 \x9b31m [red]bold[/red] :boom: \u202etxt.exe"


def span(text: str, word: str) -> Span:
    start = text.index(word)
    return Span(start, start + len(word), word)


def labelled(text: str, sector_word: str, stance_word: str, **particulars: str) -> ClassifiedStatement:
    probabilities = dict.fromkeys(Stance, 0.06) | {Stance.BALANCED: 0.82}
    labels = Labels(
        (SectorLabel(Sector.RAIL_TRANSPORT, 0.97, (span(text, sector_word),)), SectorLabel(Sector.TRANSPORT, 0.98, ())),
        StanceLabel(Stance.BALANCED, probabilities, (span(text, stance_word),)),
        (ReviewReason.STANCE_MARGIN, ReviewReason.TOO_SHORT),
    )
    statement = Statement(**{"statement_id": "s-1", "text": text} | particulars)  # type: ignore[arg-type]
    return ClassifiedStatement.of(statement, labels, model=Model(version="1", sha256="0"), at=datetime.now(UTC))


def shown(event: ClassifiedStatement, text: str | None, width: int = 80, *, colour: bool = False) -> str:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=colour, color_system="standard" if colour else None,
        markup=False, highlight=False, emoji=False,
    )  # fmt: skip
    console.print(render(event, text))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_every_label_is_shown_with_its_probability_and_its_words() -> None:
    screen = shown(labelled(TEXT, "railway", "war in Ukraine", title="Talks", issued_on="2025-01-02"), TEXT)
    rows = [line.split() for line in screen.splitlines()]
    assert rows[:2] == [["s-1", "2025-01-02"], ["Talks"]]
    assert ["sectors", "transport", "0.98"] in rows
    assert ["rail_transport", "0.97", "“railway”"] in rows
    assert ["stance", "balanced", "0.82", "“war", "in", "Ukraine”"] in rows
    assert ["review", "needed", "stance_margin,", "too_short"] in rows


def test_the_words_that_made_a_sector_and_the_stance_look_different() -> None:
    screen = shown(labelled(TEXT, "railway", "war in Ukraine"), TEXT, colour=True)
    console = Console(color_system="standard")
    for style, word in ((SECTOR_STYLE, "railway"), (STANCE_STYLE, "war in Ukraine")):
        codes = console.get_style(style).render(word, color_system=console._color_system)
        assert codes in screen
    assert SECTOR_STYLE != STANCE_STYLE


def test_a_hostile_text_neither_moves_the_cursor_nor_is_read_as_markup() -> None:
    text = f"{HOSTILE} railway, the war in Ukraine"
    event = labelled(text, f"{HOSTILE} railway", "war in Ukraine", title=HOSTILE, statement_id=HOSTILE)
    screen = shown(event, text, width=200)
    assert not set(screen) & set("\x1b\x07\x9b\u202e")
    assert "[red]bold[/red]" in screen
    assert ":boom:" in screen


def test_making_a_text_harmless_moves_no_word() -> None:
    text = "".join(map(chr, range(0x2100)))
    assert len(harmless(text)) == len(text)
    assert not set(harmless(text)) & set(map(chr, [*range(10), *range(11, 32), *range(0x7F, 0xA0), 0x202E]))


@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    text = TEXT * 10 + "x" * 300
    screen = shown(labelled(text, "railway", "war in Ukraine", title="Title " * 40), text, width)
    assert max(map(len, screen.splitlines())) <= width


def test_of_a_long_text_the_surroundings_of_the_deciding_words_are_shown() -> None:
    text = "It begins here. " + "Filler words go on. " * 200 + TEXT + " More filler." * 200
    screen = " ".join(shown(labelled(text, "railway", "war in Ukraine"), text).split())
    assert "It begins here." in screen
    assert "extend the railway to the port. We regret the war in Ukraine." in screen
    assert screen.count("[…]") == 2
    assert len(screen) < 1_200


def test_a_statement_without_its_text_shows_its_labels() -> None:
    assert "rail_transport" in shown(labelled(TEXT, "railway", "war in Ukraine"), None)
