"""No file speaks of a setting that is none."""

import re
from pathlib import Path

import pytest

from services.classifier.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
VARIABLES = {f"{PREFIX}{name.upper()}{suffix}" for name in Settings.model_fields for suffix in ("", "_FILE")}
PLACEHOLDERS = {f"{PREFIX}X", f"{PREFIX}X_FILE"}
"""Any setting, in the help of `communique serve`."""
FOR_TESTS = {f"{PREFIX}TEST_KAFKA"}
"""Read by tests/kafka only: the address of a running Kafka."""
SPEAKING = [
    ROOT / "docker-compose.yml",
    ROOT / "services/classifier/Dockerfile",
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "tests").rglob("*.py")),
    *sorted((ROOT / "services").rglob("*.py")),
]


def names_in(text: str) -> set[str]:
    return set(re.findall(rf"\b{PREFIX}[A-Z0-9_]*[A-Z0-9]\b", text))


@pytest.mark.parametrize("file", SPEAKING, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_setting_named_is_a_real_one(file: Path) -> None:
    assert names_in(file.read_text(encoding="utf-8")) <= VARIABLES | PLACEHOLDERS | FOR_TESTS


def test_a_name_that_is_no_setting_is_noticed() -> None:
    assert names_in(f"set {PREFIX}BROKER=kafka:9092") == {f"{PREFIX}BROKER"}
    assert f"{PREFIX}BROKER" not in VARIABLES
