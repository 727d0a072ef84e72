"""Every peer can be set up anew as it was measured."""

import re

import pytest

from bench.roster import FOLDER, PEERS, Peer

LOCKED = [peer for peer in PEERS if peer.environment]


@pytest.mark.parametrize("peer", LOCKED, ids=lambda peer: peer.name)
def test_the_requirements_of_a_peer_are_locked_with_the_artefacts_scikit_learn(peer: Peer) -> None:
    locked = (FOLDER / "peers" / "requirements" / f"{peer.name}.txt").read_text(encoding="utf-8")
    pins = [line for line in locked.splitlines() if not line.startswith((" ", "#"))]
    assert all("==" in pin and pin.endswith("\\") for pin in pins)
    assert locked.count("--hash=sha256:") >= len(pins)
    assert any(pin.startswith("scikit-learn==1.9.1") for pin in pins)


def test_make_sets_up_the_environment_of_every_peer() -> None:
    (line,) = re.findall(r"^PEERS = (.*)$", (FOLDER.parent / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert line.split() == [peer.name for peer in LOCKED]


def test_every_peer_has_its_own_module() -> None:
    assert all((FOLDER / "peers" / f"{peer.name}.py").exists() for peer in PEERS)
