"""ydata-profiling, minimal, in its own environment: it asks for an older pandas than ours."""

import json
import sys
from pathlib import Path
from time import perf_counter

KIB_PER_MIB = 1024


def main(_name: str, folder: str, times: str) -> None:
    """Read the lines, make the page as often as told; print seconds, peak of memory and bytes."""
    import pandas as pd
    from ydata_profiling import ProfileReport

    lines = pd.read_parquet(Path(folder) / "transactions.parquet")
    seconds, size = [], 0
    for _ in range(int(times)):
        begin = perf_counter()
        size = len(ProfileReport(lines, minimal=True, progress_bar=False).to_html())
        seconds.append(perf_counter() - begin)
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    peak = float(next(line.split()[1] for line in status if line.startswith("VmHWM"))) / KIB_PER_MIB
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_mib": peak, "found": [size]}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
