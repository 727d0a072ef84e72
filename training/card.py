"""The model card: a page of Markdown and its plots, filled with what the training found."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from models.pipeline import STANCES
from models.reading import PASSAGE_WORDS
from training import plots, reliability, resampling, strata, tables
from training.corpus import LabelledStatement
from training.failures import Outcome
from training.fitting import FOLDS
from training.held_out import HeldOut
from training.reliability import Reliability
from training.resampling import Intervals

TEMPLATE = Path(__file__).parent / "card.template.md"


def pages(
    version: str, about: str, statements: Sequence[LabelledStatement], held_out: HeldOut, outcomes: Sequence[Outcome]
) -> dict[str, str]:
    """The files of the card by name: `card.md` and the plots that it shows; `about` says where the corpus is from."""
    panels = {"Sectors": reliability.of_sectors(held_out), "Stance": reliability.of_stances(held_out)}
    sectors = resampling.of_sectors(held_out)
    words = _data(statements) | _scores(held_out, sectors) | _failures(outcomes) | {"errors": _errors(panels)}
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    page = template.substitute(words, version=version, about=about.strip())
    return {"card.md": page, "reliability.svg": plots.reliability(panels), **_plots(held_out, sectors)}


def _data(statements: Sequence[LabelledStatement]) -> dict[str, str]:
    labelled = [statement.sectors for statement in statements if statement.sectors is not None]
    return {
        "statements": f"{len(statements):,}",
        "batches": str(len({statement.batch for statement in statements})),
        "with_sectors": f"{len(labelled):,}",
        "without": f"{sum(not sectors for sectors in labelled):,}",
        "stance_only": f"{len(statements) - len(labelled):,}",
    }


def _scores(held_out: HeldOut, sectors: Intervals) -> dict[str, str]:
    evaluation, stances = held_out.evaluation, resampling.of_stances(held_out)
    unproposed = held_out.wanted & (held_out.chances == 0)
    return {
        "folds": str(FOLDS),
        "passage": str(PASSAGE_WORDS),
        "rounds": f"{resampling.ROUNDS:,}",
        "few": str(tables.FEW),
        "scored": f"{evaluation.statements:,}",
        "sectors_macro": tables.figure(evaluation.sectors.macro, sectors.macro),
        "sectors_micro": tables.figure(evaluation.sectors.micro, sectors.micro),
        "stance_macro": tables.figure(evaluation.stances.macro, stances.macro),
        "stance_micro": tables.figure(evaluation.stances.micro, stances.micro),
        "sectors": tables.labels("sector", evaluation.sectors, sectors),
        "stances": tables.labels("stance", evaluation.stances, stances),
        "genres": tables.by_stratum("genre", held_out, strata.genre, strata.Genre),
        "lengths": tables.by_stratum("length", held_out, strata.length, strata.Length),
        "unproposed": f"{100 * unproposed.sum() / held_out.wanted.sum():.1f} %",
    }


def _failures(outcomes: Sequence[Outcome]) -> dict[str, str]:
    failed = [outcome for outcome in outcomes if not outcome.mended]
    return {
        "failures": tables.failures(failed),
        "failed": str(len(failed)),
        "unmarked": str(sum(not outcome.needs_review for outcome in failed)),
    }


def _errors(panels: Mapping[str, Mapping[str, Reliability]]) -> str:
    series = [(title, name, found) for title, panel in panels.items() for name, found in panel.items()]
    return ", ".join(f"{title.lower()} {name} {found.error:.3f}" for title, name, found in series)


def _plots(held_out: HeldOut, sectors: Intervals) -> dict[str, str]:
    confusion = held_out.wanted_stance.T.astype(int) @ held_out.found_stance
    return {
        "sectors.svg": plots.scores(held_out.evaluation.sectors, sectors, "F1 of each sector on held-out batches"),
        "confusion.svg": plots.confusion(confusion, [stance.value for stance in STANCES]),
    }
