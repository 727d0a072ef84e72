"""The processes that are measured, and what they use of the machine."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from bench.peers.place import Place
from bench.roster import FOLDER, Peer

MIB = 2**20
STOP_SECONDS = 10
LOG_END = 2000


class WorkerError(Exception):
    """A worker ended or did not answer; the message has the last line of its log, its note what stands before."""

    def __init__(self, message: str, logs: Sequence[Path]) -> None:
        """Read the logs, which are removed with the worker's folder."""
        log = "\n".join(path.read_text(errors="replace").rstrip()[-LOG_END:] for path in logs)
        super().__init__(f"{message}: {log.splitlines()[-1]}" if log else message)
        self.add_note(log)


@dataclass(frozen=True)
class Usage:
    """Seconds of CPU that workers have used so far, and the MiB that they hold."""

    cpu_seconds: float
    rss_mib: float


@dataclass
class Workers:
    """Running workers, with the logs that they write."""

    processes: Sequence[psutil.Popen]
    logs: Sequence[Path]

    def usage(self) -> Usage:
        """What all of them use, with their children."""
        family = [one for process in self.processes for one in (process, *process.children(recursive=True))]
        times = [process.cpu_times() for process in family]
        memory = sum(process.memory_info().rss for process in family)
        return Usage(sum(one.user + one.system for one in times), memory / MIB)

    def check(self) -> None:
        """Raise WorkerError if one has ended."""
        for process, log in zip(self.processes, self.logs, strict=True):
            if process.poll() is not None:
                raise WorkerError(f"a worker ended with {process.returncode}", [log])

    def silent(self) -> WorkerError:
        """The error of workers that run and give no result."""
        return WorkerError("no result", self.logs)


@contextmanager
def running(peer: Peer, place: Place) -> Iterator[Workers]:
    """As many workers as the place says, stopped at the end."""
    with ExitStack() as stack:
        started: list[psutil.Popen] = []
        logs = [Path(place.folder) / f"{number}.log" for number in range(1 if peer.one_process else place.workers)]
        for number, log in enumerate(logs):
            process = _start(peer, replace(place, worker=number), log)
            stack.callback(_stop, process)
            started.append(process)
        yield Workers(started, logs)


def _start(peer: Peer, place: Place, log: Path) -> psutil.Popen:
    """One worker, in the environment of its peer."""
    if not peer.python.exists():
        raise WorkerError(f"{peer.python} is missing: say make bench, or make bench/.venvs/{peer.name}/complete", [])
    command = [str(peer.python), "-m", f"bench.peers.{peer.name}"]
    with log.open("wb") as out:
        return psutil.Popen(command, cwd=FOLDER.parent, env=place.to_environment(), stdout=out, stderr=out)


def _stop(process: psutil.Popen) -> None:
    """End a worker and its children, the hard way if they do not by themselves."""
    family = [process, *process.children(recursive=True)] if process.is_running() else []
    for one in family:
        with suppress(psutil.NoSuchProcess):
            one.terminate()
    _, alive = psutil.wait_procs(family, STOP_SECONDS)
    for one in alive:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
