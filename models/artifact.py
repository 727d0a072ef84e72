"""A trained classifier on disk: a joblib file, a manifest that vouches for its bytes, and a card."""

import gc
import hashlib
import io
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import joblib
from joblib.numpy_pickle import NumpyUnpickler

from models.pipeline import Parts, StatementClassifier

SHIPPED = Path(__file__).parent / "artifacts" / "0.1.0"
"""The classifier that comes with this version."""

FORMAT = 4
"""Raised when the parts change so that an older reader would fail on them."""

_CLASSES = frozenset(
    {
        ("joblib.numpy_pickle", "NumpyArrayWrapper"),
        ("models.features", "as_given"),
        ("numpy", "dtype"),
        ("numpy", "float32"),
        ("numpy", "ndarray"),
        ("numpy._core.multiarray", "scalar"),
        ("numpy.random._pcg64", "PCG64"),
        ("numpy.random._pickle", "__bit_generator_ctor"),
        ("numpy.random._pickle", "__generator_ctor"),
        ("numpy.random.bit_generator", "SeedSequence"),
        ("numpy.random.bit_generator", "__pyx_unpickle_SeedSequence"),
        ("sklearn._loss._loss", "CyHalfBinomialLoss"),
        ("sklearn._loss.link", "Interval"),
        ("sklearn._loss.link", "LogitLink"),
        ("sklearn._loss.loss", "HalfBinomialLoss"),
        ("sklearn.ensemble._hist_gradient_boosting.binning", "_BinMapper"),
        ("sklearn.ensemble._hist_gradient_boosting.gradient_boosting", "HistGradientBoostingClassifier"),
        ("sklearn.ensemble._hist_gradient_boosting.predictor", "TreePredictor"),
        ("sklearn.feature_extraction.text", "TfidfTransformer"),
        ("sklearn.feature_extraction.text", "TfidfVectorizer"),
        ("sklearn.linear_model._logistic", "LogisticRegression"),
        ("sklearn.preprocessing._label", "LabelEncoder"),
    }
)
"""All that an artefact may name; anything else in it could run code."""


class ArtifactError(Exception):
    """A folder that holds no artefact that this program can trust; the message has what was found and wanted."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A classifier, the version that its manifest gives, and the sha256 of its joblib file."""

    classifier: StatementClassifier
    version: str
    sha256: str


class _Unpickler(NumpyUnpickler):  # type: ignore[misc]  # joblib has no types
    """joblib's unpickler, for the classes of an artefact only."""

    def find_class(self, module: str, name: str) -> Any:
        """The class, or an error if it is not on the list."""
        if (module, name) not in _CLASSES:
            raise ArtifactError(f"the artefact names {module}.{name}, wanted only classes of a classifier")
        return super().find_class(module, name)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of an artefact's folder."""
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError) as fault:
        raise ArtifactError(f"{path}: found no manifest ({fault}), wanted a trained classifier") from fault
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ArtifactError(f"{path}: found another format of artefact, wanted {FORMAT}; train it again")
    libraries = manifest.get("libraries")
    named = [
        manifest.get("version"),
        manifest.get("sha256"),
        isinstance(libraries, dict) and libraries.get("scikit-learn"),
    ]
    if not all(isinstance(value, str) for value in named):
        raise ArtifactError(
            f"{path}: found no version, sha256 or scikit-learn version, wanted all three; train it again"
        )
    return manifest


def load(folder: Path) -> Artifact:
    """Read a classifier, refusing altered bytes, another scikit-learn and classes outside the list."""
    manifest = read_manifest(folder)
    wanted, found = manifest["libraries"]["scikit-learn"], version("scikit-learn")
    if wanted != found:
        raise ArtifactError(f"{folder} needs scikit-learn {wanted}, found {found}; install that or train again")
    try:
        packed = (folder / "classifier.joblib").read_bytes()
    except OSError as fault:
        raise ArtifactError(f"{folder}: found a manifest but no classifier.joblib ({fault})") from fault
    digest = hashlib.sha256(packed).hexdigest()
    if digest != manifest["sha256"]:
        raise ArtifactError(f"{folder}: found sha256 {digest}, wanted {manifest['sha256']} of its manifest")
    loaded = Artifact(StatementClassifier(_unpickle(packed)), manifest["version"], digest)
    gc.freeze()  # its half a million objects stay as they are: walking them again costs an eighth of the rate
    return loaded


def _unpickle(packed: bytes) -> Parts:
    """The parts in a joblib file, from memory."""
    try:
        stream = io.BytesIO(zlib.decompress(packed))
        return cast(Parts, _Unpickler("classifier.joblib", stream, ensure_native_byte_order=True).load())
    except ArtifactError:
        raise
    except Exception as fault:
        raise ArtifactError(
            f"classifier.joblib: found no readable classifier ({type(fault).__name__}: {fault})"
        ) from fault


def save(folder: Path, parts: Parts, manifest: dict[str, Any], card: Mapping[str, str]) -> str:
    """Write an artefact, its card's files, its manifest last so that half an artefact is none; its sha256."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").unlink(missing_ok=True)
    path = folder / "classifier.joblib"
    joblib.dump(parts, path, compress=("zlib", 6))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for name, page in card.items():
        (folder / name).write_text(page, encoding="utf-8")
    libraries = {name: version(name) for name in ("scikit-learn", "joblib", "numpy", "scipy")}
    whole = {"format": FORMAT, "sha256": digest, "libraries": libraries, **manifest}
    (folder / "manifest.json").write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
    return digest
