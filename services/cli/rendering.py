"""A labelled statement as a person reads it: the deciding words, the sectors, the stance, what to check."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from models.classifier import Span
from models.taxonomy import Stance
from services.classifier.events import ClassifiedStatement
from services.cli.screen import harmless

SECTOR_STYLE = "bold cyan"
STANCE_STYLE = "bold underline magenta"
"""Underlined, so that it differs from a sector's words without colours too."""
REVIEW_STYLE = "bold yellow"
WHOLE_TEXT_CHARACTERS = 1_500
"""About 20 lines of 80 columns; of a longer text only the surroundings of the deciding words are shown."""
AROUND_CHARACTERS = 120
WORDS_SHOWN = 3
"""Deciding words shown beside a label; the event has all of them."""
LEGEND = Text.assemble(
    "Words that made a ", ("sector", SECTOR_STYLE), " and words that made the ", ("stance", STANCE_STYLE), "."
)


def render(statement: ClassifiedStatement, text: str | None) -> RenderableType:
    """A statement's heading, its text where that is known, and its labels."""
    parts: list[RenderableType] = [Text(_one_line(statement.title), style="bold")] if statement.title else []
    parts += [_marked(statement, text), ""] if text else []
    return Group(_heading(statement), Padding(Group(*parts, _labels(statement)), (0, 0, 1, 2), expand=False))


def _heading(statement: ClassifiedStatement) -> Text:
    """Which statement it is, who issued it and when."""
    facts = [", ".join(statement.issued_by or []), statement.issued_on]
    shown = " · ".join(_one_line(fact) for fact in facts if fact)
    return Text.assemble((f" {_one_line(statement.statement_id)} ", "bold reverse"), "  ", shown)


def _one_line(text: str) -> str:
    """Text that a terminal shows on one line, if it is wide enough."""
    return " ".join(harmless(text).split())


def _marked(statement: ClassifiedStatement, text: str) -> Text:
    """The text with its deciding words marked, shortened to their surroundings where it is long."""
    marked = Text(harmless(text.rstrip()))
    spans = [span for sector in statement.sectors for span in sector.evidence]
    for span in spans:
        marked.stylize(SECTOR_STYLE, span.start, span.end)
    for span in statement.stance.evidence:
        marked.stylize(STANCE_STYLE, span.start, span.end)
    if len(text) <= WHOLE_TEXT_CHARACTERS:
        return marked
    pieces = [marked[start:end] for start, end in _surroundings(text, [*spans, *statement.stance.evidence])]
    return Text.assemble(Text(" […] ", style="dim").join(pieces), (" […]", "dim"))


def _surroundings(text: str, spans: Iterable[Span]) -> Iterator[tuple[int, int]]:
    """Where the deciding words and what stands around them start and end, the text's beginning first."""
    start, end = 0, _word_end(text, AROUND_CHARACTERS)
    for span in sorted(spans, key=lambda span: span.start):
        left, right = _word_end(text, span.start - AROUND_CHARACTERS), _word_end(text, span.end + AROUND_CHARACTERS)
        if left > end:
            yield start, end
            start = left
        end = max(end, right)
    yield start, end


def _word_end(text: str, position: int) -> int:
    """The end of the word at a position."""
    found = text.find(" ", max(position, 0))
    return found if found >= 0 else len(text)


def _labels(statement: ClassifiedStatement) -> Table:
    """A row for each sector, one for the stance, and one for what to check."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(style="dim", overflow="ellipsis", ratio=1)
    for sector in sorted(statement.sectors, key=lambda sector: -sector.probability):
        name = Text(sector.sector, style=SECTOR_STYLE)
        table.add_row("" if table.row_count else "sectors", name, f"{sector.probability:.2f}", _words(sector.evidence))
    if not statement.sectors:
        table.add_row("sectors", Text("none", style="dim"), "", "")
    stance = statement.stance
    name = Text(stance.stance, style="dim" if stance.stance == Stance.NOT_ADDRESSED else STANCE_STYLE)
    table.add_row("stance", name, f"{stance.probability:.2f}", _words(stance.evidence))
    if statement.needs_review:
        reasons = harmless(", ".join(statement.review_reasons))
        table.add_row("review", Text("needed", style=REVIEW_STYLE), "", Text(reasons, style=REVIEW_STYLE))
    return table


def _words(evidence: Iterable[Span]) -> Text:
    """The first deciding words, each once."""
    words = list(dict.fromkeys(_one_line(span.text) for span in evidence))
    more = f" and {len(words) - WORDS_SHOWN} more" if len(words) > WORDS_SHOWN else ""
    return Text(", ".join(f"“{word}”" for word in words[:WORDS_SHOWN]) + more)
