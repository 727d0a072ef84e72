"""What the demo tells a newcomer: what runs here, and what to try next."""

import shutil
import sys
from pathlib import Path

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from services.classifier.settings import PREFIX, Settings
from services.cli.rendering import LEGEND

SAMPLES = Path(__file__).parent.parent / "samples" / "statements.jsonl"
COMMAND_STYLE = "bold green"


def banner(settings: Settings, http_port: int) -> RenderableType:
    """What the demo is, where it can be reached, and what its broker cannot do."""
    addresses = f"Kafka    {settings.bootstrap_servers}\nMetrics  http://{settings.http_host}:{http_port}/metrics"
    about = (
        "Statements go to a Kafka topic, a service labels each with sectors of cooperation and its stance on the war "
        "in Ukraine, and the results come out on another topic. All of it runs in this process.\n\n"
        "The broker is an embedded one with limits: it keeps everything in memory, drops old data, and has no "
        "transactions, so that a result may come twice (at least once). With Kafka 4 it comes exactly once.\n\n"
        "The sample statements are invented: nobody has said what stands in them."
    )
    return Group(Panel(Group(about, "", addresses, "", LEGEND), title="communique demo", title_align="left"), "")


def next_steps(settings: Settings, http_port: int) -> RenderableType:
    """Commands for another terminal."""
    communique = _program("communique")
    steps = {
        f"export {PREFIX}BOOTSTRAP_SERVERS={settings.bootstrap_servers}": "let the commands find this demo",
        f"{communique} watch --from-beginning": "subscribe; in a pipe it gives JSON Lines",
        f"echo 'Our ports will trade in hydrogen.' | {communique} send -": "send: it is labelled and appears here",
        f"{communique} send {_near(SAMPLES)}": "send a file: .jsonl, .csv or .txt",
        f"echo 'We will build a railway.' | {communique} classify": "label with no broker",
        f"curl http://{settings.http_host}:{http_port}/metrics": "see what operators see",
        f"{_program('communique-train')} --help": "train a classifier of your own",
    }
    lines = [
        Text.assemble((step, COMMAND_STYLE), f"\n    {why}", no_wrap=True, overflow="ignore")
        for step, why in steps.items()
    ]
    return Group("Try next, in another terminal:", Padding(Group(*lines), (0, 0, 1, 2)), "Ctrl-C ends the demo.", "")


def _program(name: str) -> str:
    """How a program of this installation is called from here."""
    beside = Path(sys.argv[0]).with_name(name)
    return str(beside) if beside.exists() and not shutil.which(name) else name


def _near(path: Path) -> Path:
    """A path as short as it can be from here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
