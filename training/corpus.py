"""The labelled corpus: JSON Lines under `training/data/`, checked against the taxonomy."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.taxonomy import Sector, Stance, with_parents

FOLDER = Path(__file__).parent / "data"
"""The corpus of this repository; all of it is invented."""


BATCHES = 2
"""Batches that must hold a label: one to learn it from while another is held out."""


class CorpusError(Exception):
    """A line of the corpus is not a labelled statement; the message says file, line and fault."""


@dataclass(frozen=True, slots=True)
class LabelledStatement:
    """A statement with its right labels; `sectors` is None where only the stance was labelled."""

    id: str
    text: str
    sectors: frozenset[Sector] | None
    stance: Stance
    sure: bool
    batch: str
    kind: str


def load(folder: Path = FOLDER) -> list[LabelledStatement]:
    """Every statement of the folder's `.jsonl` files, in the order of their names; ids are unique."""
    statements: list[LabelledStatement] = []
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for place, statement in _read(path):
            if statement.id in seen:
                raise CorpusError(f"{place}: id {statement.id!r} stands already in {seen[statement.id]}")
            seen[statement.id] = place
            statements.append(statement)
    if not statements:
        raise CorpusError(f"{folder}: found no statements, wanted .jsonl files of labelled statements")
    return statements


def about(folder: Path = FOLDER) -> str:
    """What the folder's `about.md` says of where the corpus is from."""
    path = folder / "about.md"
    return (
        path.read_text(encoding="utf-8")
        if path.exists()
        else "The corpus's folder has no `about.md` to say whence it is."
    )


def check_enough(statements: list[LabelledStatement]) -> None:
    """Raise CorpusError where a label stands in too few batches to be learned and tested."""
    batches: dict[str, set[str]] = {label: set() for label in [*Sector, *Stance]}
    for statement in statements:
        for label in [*(statement.sectors or ()), statement.stance]:
            batches[label].add(statement.batch)
    rare = sorted(label for label, found in batches.items() if len(found) < BATCHES)
    if rare:
        raise CorpusError(f"found too few batches with {', '.join(rare)}; wanted {BATCHES} at least for every label")


def read(path: Path) -> list[LabelledStatement]:
    """The statements of one labelled file."""
    return [statement for _, statement in _read(path)]


def _read(path: Path) -> Iterator[tuple[str, LabelledStatement]]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                place = f"{path.name}:{number}"
                yield place, _statement(line, place)


def _statement(line: bytes, place: str) -> LabelledStatement:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as fault:
        raise CorpusError(f"{place}: not JSON in UTF-8 ({fault})") from fault
    if not isinstance(fields, dict):
        raise CorpusError(f"{place}: found {type(fields).__name__}, wanted an object")
    for name in ("id", "text"):
        if not isinstance(fields.get(name), str) or not fields[name].strip():
            raise CorpusError(f"{place}: {name} is missing or empty, wanted a string")
    return LabelledStatement(
        id=fields["id"],
        text=fields["text"],
        sectors=_sectors(fields, place),
        stance=_stance(fields, place),
        sure=fields.get("sure", True) is True,
        batch=str(fields.get("batch", place)),
        kind=str(fields.get("kind", "unknown")),
    )


def _sectors(fields: dict[str, Any], place: str) -> frozenset[Sector] | None:
    names = fields.get("sectors")
    if names is None:
        return None
    known = [sector.value for sector in Sector]
    unknown = [name for name in names if name not in known] if isinstance(names, list) else [names]
    if unknown:
        raise CorpusError(f"{place}: found sector {unknown[0]!r}, wanted a list of: {', '.join(Sector)}")
    sectors = frozenset(Sector[name.upper()] for name in names)
    missing = with_parents(sectors) - sectors
    if missing:
        raise CorpusError(f"{place}: a child sector stands without its parent {', '.join(sorted(missing))}")
    return sectors


def _stance(fields: dict[str, Any], place: str) -> Stance:
    if fields.get("stance") not in [stance.value for stance in Stance]:
        raise CorpusError(f"{place}: found stance {fields.get('stance')!r}, wanted one of: {', '.join(Stance)}")
    return Stance(fields["stance"])
