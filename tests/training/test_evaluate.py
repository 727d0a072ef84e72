"""`communique-evaluate`: scores printed and stored, and a clear word for what it cannot read."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from models import artifact
from models.taxonomy import Sector, Stance
from training import corpus
from training.evaluate import score
from training.evaluation import evaluate

Run = Callable[..., Result]


@pytest.fixture
def labelled(tmp_path: Path, small_corpus: Path) -> Path:
    """A labelled file."""
    return Path(shutil.copy(sorted(small_corpus.glob("m*.jsonl"))[0], tmp_path / "labelled.jsonl"))


def test_scores_are_printed_for_each_label(run: Run, labelled: Path) -> None:
    result = run(score, labelled)
    assert result.exit_code == 0
    assert all(label in result.stdout for label in (*Sector, *Stance))
    assert result.stdout.count("macro-F1") == result.stdout.count("micro-F1") == 2


def test_scores_are_stored_beside_the_file(run: Run, labelled: Path, shipped: artifact.Artifact) -> None:
    run(score, labelled)
    gold = corpus.read(labelled)
    expected = evaluate(gold, shipped.classifier.label([statement.text for statement in gold]))
    stored = json.loads((labelled.parent / "labelled.scores.json").read_bytes())
    assert stored["statements"] == len(gold) > 0
    assert stored == json.loads(json.dumps(expected.as_json()))


def test_scores_are_stored_where_asked(run: Run, labelled: Path, tmp_path: Path) -> None:
    result = run(score, labelled, "--output", tmp_path / "here.json")
    assert json.loads((tmp_path / "here.json").read_bytes())["statements"] > 0
    assert "here.json" in "".join(result.stderr.split())
    assert not (tmp_path / "labelled.scores.json").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found no statements, wanted labelled JSON Lines"),
        (b"{\n", "bad.jsonl:1: not JSON in UTF-8"),
        (b"\x89PNG\r\n", "bad.jsonl:1: not JSON in UTF-8"),
        (b'{"id": "a", "text": "They met."}', "bad.jsonl:1: found stance None, wanted one of"),
    ],
)
def test_a_file_that_is_not_labelled_ends_with_1(run: Run, tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "bad.jsonl").write_bytes(content)
    result = run(score, tmp_path / "bad.jsonl")
    assert result.exit_code == 1
    assert message.replace(" ", "") in "".join(result.stderr.split())
    assert not (tmp_path / "bad.scores.json").exists()


def test_a_missing_file_ends_with_1_and_its_name(run: Run, tmp_path: Path) -> None:
    result = run(score, tmp_path / "missing.jsonl")
    assert result.exit_code == 1
    assert "missing.jsonl" in "".join(result.stderr.split())


def test_an_artefact_that_cannot_be_trusted_ends_with_78(run: Run, labelled: Path, tmp_path: Path) -> None:
    result = run(score, labelled, "--artifact", tmp_path)
    assert result.exit_code == 78
    assert "foundnomanifest" in "".join(result.stderr.split())


def test_a_place_that_cannot_be_written_is_told(run: Run, labelled: Path) -> None:
    result = run(score, labelled, "--output", labelled / "scores.json")
    assert result.exit_code == 1
    assert "communique-evaluate:" in result.stderr
