"""An artefact is trusted only if its manifest vouches for its bytes, and its bytes name nothing but a classifier."""

import hashlib
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from models import artifact
from models.artifact import ArtifactError

SENTENCE = ["The two sides agreed to cooperate in education and rail transport."]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped artefact that a test may spoil."""
    return Path(shutil.copytree(artifact.SHIPPED, tmp_path / artifact.SHIPPED.name))


class Payload:
    """An object whose unpickling makes a folder: harmless here, anything elsewhere."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        """Make the folder."""
        return os.mkdir, (str(self.mark),)


def change(folder: Path, **fields: Any) -> None:
    """Write other values into a manifest; None takes a field out."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_bytes()) | fields
    path.write_text(json.dumps({k: v for k, v in manifest.items() if v is not None}), encoding="utf-8")


def test_a_copy_of_the_artefact_labels_as_the_artefact_does(shipped: artifact.Artifact, folder: Path) -> None:
    copy = artifact.load(folder)
    assert (copy.version, copy.sha256) == (shipped.version, shipped.sha256)
    assert copy.classifier.label(SENTENCE) == shipped.classifier.label(SENTENCE)


@pytest.mark.parametrize("place", [0, 1000, -1])
def test_altered_bytes_are_refused_with_both_hashes(folder: Path, shipped: artifact.Artifact, place: int) -> None:
    packed = bytearray((folder / "classifier.joblib").read_bytes())
    packed[place] ^= 1
    (folder / "classifier.joblib").write_bytes(packed)
    with pytest.raises(ArtifactError, match=f"found sha256 [0-9a-f]{{64}}, wanted {shipped.sha256}"):
        artifact.load(folder)


def test_another_scikit_learn_is_refused_with_both_versions(folder: Path) -> None:
    libraries = json.loads((folder / "manifest.json").read_bytes())["libraries"]
    change(folder, libraries={**libraries, "scikit-learn": "0.24.2"})
    with pytest.raises(ArtifactError, match=f"needs scikit-learn 0.24.2, found {libraries['scikit-learn']}"):
        artifact.load(folder)


def test_a_folder_without_a_manifest_is_no_artefact(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    with pytest.raises(ArtifactError, match="found no manifest"):
        artifact.load(folder)


def test_a_missing_folder_is_no_artefact(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="found no manifest"):
        artifact.load(tmp_path / "missing")


def test_a_manifest_without_a_classifier_is_no_artefact(folder: Path) -> None:
    (folder / "classifier.joblib").unlink()
    with pytest.raises(ArtifactError, match=r"no classifier\.joblib"):
        artifact.load(folder)


@pytest.mark.parametrize("manifest", [b"", b"{", b"\xff", b"[]", b"null", b'{"format": 0}', b'{"format": 99}'])
def test_another_format_of_manifest_is_refused(folder: Path, manifest: bytes) -> None:
    (folder / "manifest.json").write_bytes(manifest)
    with pytest.raises(ArtifactError, match="wanted"):
        artifact.load(folder)


@pytest.mark.parametrize(
    "fields", [{"libraries": None}, {"libraries": {}}, {"libraries": []}, {"sha256": None}, {"version": None}], ids=str
)
def test_a_manifest_that_lacks_a_field_is_refused(folder: Path, fields: dict[str, Any]) -> None:
    change(folder, **fields)
    with pytest.raises(ArtifactError, match="manifest"):
        artifact.load(folder)


@pytest.mark.parametrize("nested", [False, True], ids=["plain", "in_an_array_of_objects"])
def test_a_class_outside_the_list_is_refused_before_it_runs(tmp_path: Path, nested: bool) -> None:
    mark, folder = tmp_path / "ran", tmp_path / "1.0.0"
    payload: Any = Payload(mark)
    if nested:
        payload = np.array([payload], dtype=object)
    artifact.save(folder, {"terms": payload}, {"version": "1.0.0"}, {"card.md": "a card"})
    with pytest.raises(ArtifactError, match=r"names (posix|nt|numpy\._core\.multiarray)\.(mkdir|_reconstruct)"):
        artifact.load(folder)
    assert not mark.exists()
    joblib.load(folder / "classifier.joblib")
    assert mark.exists(), "the payload is harmless, so that this test proves nothing"


@pytest.mark.parametrize("content", [b"", b"not a joblib file", b"x\x9c"])
def test_unreadable_bytes_with_a_right_hash_are_refused(tmp_path: Path, content: bytes) -> None:
    artifact.save(tmp_path, {}, {"version": "1.0.0"}, {"card.md": "a card"})
    (tmp_path / "classifier.joblib").write_bytes(content)
    change(tmp_path, sha256=hashlib.sha256(content).hexdigest())
    with pytest.raises(ArtifactError, match="no readable classifier"):
        artifact.load(tmp_path)


def test_the_bytes_that_are_loaded_are_those_that_were_hashed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_bytes

    def read_then_swap(path: Path) -> bytes:
        content = read(path)
        if path.name == "classifier.joblib":
            path.write_bytes(b"swapped after it was read")
        return content

    monkeypatch.setattr(Path, "read_bytes", read_then_swap)
    assert artifact.load(folder).classifier.label(SENTENCE)
    assert read(folder / "classifier.joblib") == b"swapped after it was read"


def test_saving_stops_short_of_a_manifest_if_the_classifier_cannot_be_written(folder: Path) -> None:
    with pytest.raises(Exception, match="pickle"):
        artifact.save(folder, {"terms": lambda: None}, {"version": "1.0.0"}, {"card.md": "a card"})
    assert not (folder / "manifest.json").exists()


def test_the_manifest_names_the_libraries_and_the_seed_it_was_made_with() -> None:
    manifest = artifact.read_manifest(artifact.SHIPPED)
    assert {"scikit-learn", "joblib", "numpy", "scipy"} <= set(manifest["libraries"])
    assert {"seed", "statements", "held_out", "version"} <= set(manifest)


def test_the_shipped_artefact_has_a_card_and_at_most_15_megabytes() -> None:
    assert (artifact.SHIPPED / "card.md").read_text(encoding="utf-8").startswith("# Classifier ")
    assert sum(path.stat().st_size for path in artifact.SHIPPED.iterdir()) <= 15_000_000


def test_the_shipped_artefact_is_loaded_in_seconds() -> None:
    started = time.perf_counter()
    artifact.load(artifact.SHIPPED)
    assert time.perf_counter() - started < 10
