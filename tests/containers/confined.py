"""Run in the classifier's container: ends with what its first process may do and should not."""

import os
import sys
from pathlib import Path

lines = Path("/proc/1/status").read_text(encoding="utf-8").splitlines()
status = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
faults = {
    "runs as root": status["Uid"].split()[0] == "0",
    "has capabilities": int(status["CapEff"], 16) != 0,
    "may gain privileges": status["NoNewPrivs"] != "1",
    "can write to its image": not os.statvfs("/").f_flag & os.ST_RDONLY,
}
if any(faults.values()):
    sys.exit("the classifier " + ", ".join(name for name, found in faults.items() if found))
