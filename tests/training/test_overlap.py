"""The corpus holds no sentence of a real statement."""

from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from training import corpus
from training.overlap import check

Run = Callable[..., Result]


def test_a_statement_that_copies_twelve_words_is_named(run: Run, small_corpus: Path, tmp_path: Path) -> None:
    long = next(statement for statement in corpus.load(small_corpus) if len(statement.text.split()) > 20)
    words = " ".join(long.text.split()[:20]).replace('"', "")
    copied, other = tmp_path / "copied.jsonl", tmp_path / "other.jsonl"
    copied.write_text(f'{{"text": "They said: {words}"}}\n', encoding="utf-8")
    other.write_text('{"text": "Nothing of this stands there."}\n', encoding="utf-8")
    found = run(check, copied, "--data", small_corpus)
    assert found.exit_code == 1
    assert long.id in found.stdout
    assert run(check, other, "--data", small_corpus).exit_code == 0


def test_a_file_without_texts_is_told_so(run: Run, small_corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("[]\n", encoding="utf-8")
    result = run(check, tmp_path / "bad.jsonl", "--data", small_corpus)
    assert result.exit_code == 2
    assert "wanted JSON Lines" in " ".join(result.stderr.split())
