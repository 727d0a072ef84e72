"""`communique classify`: labels with no broker."""

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.artifact import Artifact
from services.classifier.events import ClassifiedStatement
from services.cli import classify, loading
from services.cli.app import app
from services.cli.guide import SAMPLES
from tests.services.classifier.running import FirstWordClassifier, artifact_of
from tests.services.cli.programs import COMMUNIQUE, Terminal, run

GOOD = '{"id": "a", "text": "France and Kazakhstan will build a railway together."}\n'
COLD_SECONDS = 3


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch, shipped: Artifact) -> CliRunner:
    """Runs commands in this process, with a classifier that is loaded already."""
    monkeypatch.setattr(classify, "load_artifact", lambda _: shipped)
    return CliRunner()


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_results_are_json_lines_in_the_order_of_the_statements_without_an_origin(runner: CliRunner) -> None:
    ended = runner.invoke(app, ["classify", str(SAMPLES)])
    events = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [event["statement_id"] for event in events] == [f"sample-{number:02}" for number in range(1, 28)]
    assert not any("origin" in event for event in events)
    assert ClassifiedStatement.model_validate_json(ended.stdout.splitlines()[0]).issued_by == ["IT", "UZ"]
    assert ended.exit_code == 0


def test_more_than_a_batch_is_labelled_in_order(runner: CliRunner, tmp_path: Path) -> None:
    count = classify.BATCH_SIZE * 2 + 3
    lines = "".join(json.dumps({"id": str(number), "text": "We met."}) + "\n" for number in range(count))
    ended = runner.invoke(app, ["classify", str(written(tmp_path, "many.jsonl", lines))])
    ids = [json.loads(line)["statement_id"] for line in ended.stdout.splitlines()]
    assert ids == [str(number) for number in range(count)]


def test_several_files_of_any_format_and_standard_input_are_labelled_together(
    runner: CliRunner, tmp_path: Path
) -> None:
    files = [
        written(tmp_path, "one.txt", "We met."),
        written(tmp_path, "two.jsonl", GOOD),
        written(tmp_path, "three.csv", "id,text\nb,We met.\n"),
    ]
    ended = runner.invoke(app, ["classify", *map(str, files), "-"], input="We met again.")
    ids = [json.loads(line)["statement_id"] for line in ended.stdout.splitlines()]
    assert ids == ["one", "a", "b", "standard input"]


def test_a_half_broken_file_gives_the_good_lines_the_bad_lines_numbers_and_1(runner: CliRunner, tmp_path: Path) -> None:
    path = written(tmp_path, "half.jsonl", GOOD + "not json\n" + GOOD)
    ended = runner.invoke(app, ["classify", str(path)])
    assert len(ended.stdout.splitlines()) == 2
    assert f"{path}:2: not_json" in ended.stderr
    assert ended.exit_code == 1


def test_a_statement_that_the_classifier_fails_on_is_named_with_its_line_and_gives_1(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(classify, "load_artifact", lambda _: artifact_of(FirstWordClassifier(poison="POISON")))
    path = written(tmp_path, "some.jsonl", GOOD + GOOD.replace("railway", "POISON") + GOOD)
    ended = CliRunner().invoke(app, ["classify", str(path)])
    assert len(ended.stdout.splitlines()) == 2
    assert f"{path}:2: poison: the classifier failed with ValueError" in ended.stderr
    assert ended.exit_code == 1


@pytest.mark.parametrize(
    ("content", "wanted"),
    [(b"", "found an empty file"), (b"\x7fELF\0\0", "found a binary file"), (b"\n", "found only white space")],
)
def test_a_file_without_a_statement_is_named_and_gives_1(
    runner: CliRunner, tmp_path: Path, content: bytes, wanted: str
) -> None:
    path = written(tmp_path, "x.txt", content)
    ended = runner.invoke(app, ["classify", str(path)])
    assert (ended.stdout, ended.exit_code) == ("", 1)
    assert f"{path}: {wanted}" in ended.stderr


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("missing.txt", "No such file or directory"),
        (f"{'x' * 300}.txt", "File name too long"),
        ("", "found a folder"),
        ("report.pdf", "wanted one of .txt, .jsonl, .csv"),
    ],
)
def test_a_file_that_cannot_be_meant_is_wrong_usage_before_anything_is_labelled(
    runner: CliRunner, tmp_path: Path, name: str, wanted: str
) -> None:
    written(tmp_path, "report.pdf", b"%PDF")
    ended = runner.invoke(app, ["classify", str(written(tmp_path, "good.jsonl", GOOD)), str(tmp_path / name)])
    assert (ended.stdout, ended.exit_code) == ("", 2)
    assert wanted in ended.stderr


def test_an_unknown_format_is_wrong_usage(runner: CliRunner) -> None:
    assert runner.invoke(app, ["classify", "--format", "xml", str(SAMPLES)]).exit_code == 2


def test_a_bad_setting_is_named_with_78(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNIQUE_HTTP_PORT", "many")
    monkeypatch.setenv("COMMUNIQUE_SASL_PASSWORD", "hush")
    ended = runner.invoke(app, ["classify", str(SAMPLES)])
    assert (ended.stdout, ended.exit_code) == ("", 78)
    assert "COMMUNIQUE_HTTP_PORT: Input should be a valid integer" in ended.stderr
    assert "hush" not in ended.stderr


def test_a_bad_artefact_is_named_with_78(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMMUNIQUE_ARTIFACT", str(tmp_path))
    ended = CliRunner().invoke(app, ["classify", str(SAMPLES)])
    assert (ended.stdout, ended.exit_code) == ("", 78)
    assert str(tmp_path) in ended.stderr
    assert classify.load_artifact is loading.load_artifact


def test_json_lines_hold_no_control_character_that_a_terminal_obeys(runner: CliRunner, tmp_path: Path) -> None:
    line = json.dumps({"id": "\x1b[2J\x9b31m\u202e", "text": "We met."}, ensure_ascii=False)
    path = written(tmp_path, "x.jsonl", line.replace("\x1b", "\\u001b"))
    ended = runner.invoke(app, ["classify", str(path)])
    assert not set(ended.stdout) & set("\x1b\x9b\u202e")
    assert json.loads(ended.stdout)["statement_id"] == "\x1b[2J\x9b31m\u202e"


def test_a_message_about_a_hostile_name_neither_moves_the_cursor_nor_is_read_as_markup(runner: CliRunner) -> None:
    ended = runner.invoke(app, ["classify", "\x1b[2J[red]x[/red].txt"])
    assert "\x1b" not in ended.stderr
    assert "[red]x[/red].txt" in ended.stderr


def test_a_cold_start_is_quick() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run("classify", stdin=b"France will build a railway.").returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < COLD_SECONDS


def test_labelling_files_loads_nothing_of_kafka() -> None:
    code = (
        "import sys; sys.argv = ['communique', 'classify', '-']; from services.cli.app import app\n"
        "try: app()\n"
        "except SystemExit: print(sorted({'faststream', 'confluent_kafka', 'uvicorn'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], input=b"We met.", capture_output=True, check=True)  # noqa: S603
    assert ended.stdout.decode().splitlines()[-1] == "[]"


@pytest.mark.parametrize("output", ["jsonl", "table"])
def test_a_reader_that_goes_away_leaves_no_traceback(tmp_path: Path, output: str) -> None:
    path = written(tmp_path, "many.jsonl", SAMPLES.read_bytes() * 200)
    script = f"{COMMUNIQUE} classify --format {output} {path} | head -1"
    ended = subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=True)  # noqa: S603
    assert len(ended.stdout.splitlines()) == 1
    assert ended.stderr == b""


def test_a_terminal_shows_each_statement_with_its_words_marked(terminal: Callable[..., Terminal]) -> None:
    window = terminal("classify", SAMPLES)
    screen = window.wait_for("sample-27")
    assert window.end() == 0
    assert "Italy and Uzbekistan took stock" in screen
    assert '{"statement_id"' not in screen
    assert "\x1b[1;36mrailway\x1b[0m" in window.raw
    assert "\x1b[1;4;35mwar in Ukraine\x1b[0m" in window.raw


def test_a_person_at_a_terminal_is_asked_for_a_statement(terminal: Callable[..., Terminal]) -> None:
    window = terminal("classify")
    window.wait_for("press Ctrl-D")
    window.type(b"We regret the war in Ukraine.\n\x04")
    window.wait_for("balanced")
    assert window.end() == 0


def test_a_long_file_into_a_pipe_shows_its_progress_on_the_terminal(
    terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    path = written(tmp_path, "many.jsonl", SAMPLES.read_bytes() * 50)
    with (tmp_path / "out.jsonl").open("wb") as out:
        window = terminal("classify", path, stdout=out)
        assert window.end() == 0
    assert "Labelling many.jsonl" in window.screen
    assert "100%" in window.screen
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 27 * 50
