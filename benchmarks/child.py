"""The process that one case runs in: prepares, warms up, times, and reports as JSON."""

from __future__ import annotations

import gc
import importlib
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

STATUS = Path("/proc/self/status")


def resident_mb(field: str) -> float:
    """Resident memory of this process in MB: ``VmRSS`` now, ``VmHWM`` at its highest."""
    if STATUS.exists():
        for line in STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith(field):
                return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform != "darwin" else peak / 1024**2


def forget_peak() -> None:
    """Start the high-water mark anew, so that making the input does not count (Linux only)."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5", encoding="ascii")


def named(module: str, name: str) -> Any:
    """Return a function by the name of its module and its own."""
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def carry_out(order: dict[str, Any]) -> dict[str, Any]:
    """Run one order: the seconds of each repeat, the memory of the first call, the answer."""
    run = named(order["module"], order["run"])
    prepare = named(*order["prepare"])
    answer = named(*order["answer"]) if order["answer"] else None
    material = prepare(**order["params"])
    gc.collect()
    forget_peak()
    input_mb = resident_mb("VmRSS")
    peak_mb = 0.0
    seconds: list[float] = []
    for turn in range(order["warmups"] + order["repeats"]):
        if turn and order["fresh_input"]:
            material = None
            material = prepare(**order["params"])
        result = None
        gc.collect()
        start = time.perf_counter()
        result = run(material)
        elapsed = time.perf_counter() - start
        if turn == 0:
            peak_mb = max(0.0, resident_mb("VmHWM") - input_mb)
        if turn >= order["warmups"]:
            seconds.append(elapsed)
    return {
        "seconds": seconds,
        "input_mb": input_mb,
        "peak_mb": peak_mb,
        "answer": plain(answer(result)) if answer else None,
    }


def plain(value: Any) -> Any:
    """An answer as JSON holds it: arrays become lists, numpy numbers become Python's."""
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


if __name__ == "__main__":
    report = carry_out(json.loads(sys.argv[1]))
    Path(sys.argv[2]).write_text(json.dumps(report), encoding="utf-8")
