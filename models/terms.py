"""The lexicon: terms that a domain expert edits in text files, and their matching in one pass."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "lexicon"
"""The lexicon that training reads; its README says how a line is written."""

_PATTERN = re.compile(r"[\w*]+(?:['’][\w*]+)?|[^\w\s]")

_Known = tuple[tuple[str, ...], list["_Node"]]

MEMORY = 50_000
"""Distinct words whose lookups are remembered; cleared when full, so that odd input cannot fill the memory."""


@dataclass(frozen=True, slots=True)
class Term:
    """One line of the lexicon: `tier` is "strong", "weak" (needs context) or "mask" (hides what lies within)."""

    group: str
    label: str
    tier: str
    line: str


def read_lexicon(folder: Path = FOLDER) -> list[Term]:
    """The terms of every `<group>/<label>.txt`, in the order of the files."""
    return [
        _term(path.parent.name, path.stem, line)
        for path in sorted(folder.glob("*/*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]


def _term(group: str, label: str, line: str) -> Term:
    tier = {"?": "weak", "!": "mask"}.get(line[0], "strong")
    return Term(group, label, tier, line.lstrip("?! "))


def expand(line: str) -> list[str]:
    """The phrases that a line stands for: `(a|b)` is either, `[sz]` one of the letters, `u?` with or without."""
    phrases, end = _alternatives(line, 0)
    if end != len(line):
        raise ValueError(f"unbalanced bracket at character {end + 1} of {line!r}")
    return list(dict.fromkeys(phrases))


def _alternatives(line: str, at: int) -> tuple[list[str], int]:
    found: list[str] = []
    while True:
        phrases, at = _sequence(line, at)
        found += phrases
        if at == len(line) or line[at] != "|":
            return found, at
        at += 1


def _sequence(line: str, at: int) -> tuple[list[str], int]:
    phrases = [""]
    while at < len(line) and line[at] not in "|)":
        choices, at = _item(line, at)
        if at < len(line) and line[at] == "?":
            choices, at = [*choices, ""], at + 1
        phrases = [phrase + choice for phrase in phrases for choice in choices]
    return phrases, at


def _item(line: str, at: int) -> tuple[list[str], int]:
    if line[at] == "(":
        choices, at = _alternatives(line, at + 1)
        if at == len(line):
            raise ValueError(f"no closing bracket in {line!r}")
        return choices, at + 1
    if line[at] == "[":
        end = line.find("]", at)
        if end < 0:
            raise ValueError(f"no closing bracket in {line!r}")
        return list(line[at + 1 : end]), end + 1
    return [line[at]], at + 1


class _Node(dict[str, "_Node"]):
    """Where a phrase has got to: the words that may follow, and the terms that end here."""

    __slots__ = ("terms",)

    def __init__(self) -> None:
        super().__init__()
        self.terms: list[int] = []


class TermMatcher:
    """Finds all terms in a list of lower-case words, whatever their number, in one pass."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._root = _Node()
        self._patterns: set[str] = set()
        self._memory: dict[str, _Known] = {}
        for number, line in enumerate(lines):
            for phrase in expand(line):
                self._add(_PATTERN.findall(phrase), number)

    def _add(self, patterns: list[str], number: int) -> None:
        node = self._root
        for pattern in patterns:
            self._patterns.add(pattern)
            node = node.setdefault(pattern, _Node())
        if number not in node.terms:
            node.terms.append(number)

    def _recall(self, word: str) -> _Known:
        """What fits a word, itself or a beginning with `*`: the patterns, and where they begin a phrase."""
        if len(self._memory) >= MEMORY:
            self._memory.clear()
        candidates = [word, *(word[:end] + "*" for end in range(2, min(len(word), 20) + 1))]
        patterns = tuple(c for c in candidates if c in self._patterns)
        known = self._memory[word] = (patterns, [self._root[p] for p in patterns if p in self._root])
        return known

    def find(self, words: Sequence[str]) -> Iterator[tuple[int, int, int]]:
        """Each term found, as (first word, word after the last, number of its line)."""
        memory, recall = self._memory, self._recall
        known = [memory.get(word) or recall(word) for word in words]
        last = len(words)
        for start, (_, begun) in enumerate(known):
            nodes, end = begun, start + 1
            while nodes:
                for node in nodes:
                    for number in node.terms:
                        yield start, end, number
                if end == last:
                    break
                patterns = known[end][0]
                nodes = [node[pattern] for node in nodes for pattern in patterns if pattern in node]
                end += 1
