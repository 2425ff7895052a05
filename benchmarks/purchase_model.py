"""Fitting BG/NBD and Pareto/NBD beside lifetimes and pymc-marketing, on bases of several sizes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from math import isclose
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from workbench.segmentation.purchases.beta_geo import BetaGeoNBD
from workbench.segmentation.purchases.grouping import weighted

SIZES = (2_357, 100_000, 500_000, 1_000_000)
ROUNDS = 3
LARGEST_FOR_PYMC = 100_000  # it takes minutes and gigabytes beyond
# Goals: times as fast as lifetimes, seconds, MiB.
TIMES_AS_FAST = {2_357: 10, 500_000: 40}
MILLION, SECONDS, MEMORY_MIB, PARETO_SECONDS = 1_000_000, 1.0, 2_000, 60.0
SAME = 1e-6  # relative difference of log-likelihoods that counts as none
FIT = Path(__file__).with_name("purchase_fits.py")


def histories(customers: int) -> pd.DataFrame:
    """Histories in whole days of customers who behave as BG/NBD says, with CDNOW's parameters."""
    truth, rng = BetaGeoNBD(), np.random.default_rng(1)
    truth.r_, truth.alpha_, truth.a_, truth.b_ = 0.243, 4.414, 0.793, 2.426
    found = truth.simulate(rng.integers(27 * 7, 39 * 7 + 1, customers) / 7, rng)
    return found.assign(recency=np.minimum(np.ceil(found["recency"] * 7) / 7, found["T"]))


def fits(rivals: str | None, pymc: str | None) -> Iterator[str]:
    """A line for each base and contender, and for each goal."""
    with TemporaryDirectory() as folder:
        for size in SIZES:
            path = Path(folder) / f"{size}.parquet"
            histories(size).to_parquet(path)
            yield from _of_size(size, path, rivals, pymc)


def _of_size(size: int, path: Path, rivals: str | None, pymc: str | None) -> Iterator[str]:
    yours: dict[str, tuple[str, str]] = {"ours": (sys.executable, "ours")}
    if rivals:
        yours["lifetimes"] = (rivals, "lifetimes")
    told = _in_turn(yours, path)
    reached = {name: _likelihood(path, found["found"]) for name, found in told.items()}
    for name, found in told.items():
        yield f"BG/NBD, {size:,} customers, {name}: {_written(found, reached[name])}"
    ours = told["ours"]
    if "lifetimes" in told:
        assert isclose(reached["ours"], reached["lifetimes"], rel_tol=SAME), reached
        yield from _goal(size, told["lifetimes"]["seconds"] / ours["seconds"])
    if size == MILLION:
        met = ours["seconds"] <= SECONDS and ours["peak_mib"] <= MEMORY_MIB
        yield f"  goal {SECONDS:.0f} s within {MEMORY_MIB:,} MiB: {'met' if met else 'NOT met'}"
        pareto = _in_turn({"pareto": (sys.executable, "ours_pareto")}, path)["pareto"]
        met = pareto["seconds"] <= PARETO_SECONDS
        yield f"Pareto/NBD, {size:,} customers, ours: {_written(pareto, pareto['log_likelihood'])}"
        yield f"  goal {PARETO_SECONDS:.0f} s: {'met' if met else 'NOT met'}"
    if pymc and size <= LARGEST_FOR_PYMC:
        found = _alone(pymc, "pymc", path, times=2)
        words = _written(found, _likelihood(path, found["found"]))
        yield f"BG/NBD, {size:,} customers, pymc-marketing MAP (another estimate): {words}"


def _goal(size: int, times: float) -> Iterator[str]:
    wanted = TIMES_AS_FAST.get(size)
    verdict = "" if wanted is None else f"; goal {wanted}: {'met' if times >= wanted else 'NOT met'}"
    yield f"  lifetimes takes {times:.1f} times as long{verdict}"


def _in_turn(contenders: dict[str, tuple[str, str]], path: Path) -> dict[str, dict]:
    """Each in turn, ROUNDS times; medians of the later fits of each process, the first loads libraries."""
    runs: dict[str, list[dict]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, (python, fit) in contenders.items():
            runs[name].append(_alone(python, fit, path, times=3))
    return {
        name: found[-1] | {"seconds": median(each["seconds"] for each in found)}
        for name, found in runs.items()
    }


def _alone(python: str, fit: str, path: Path, times: int) -> dict:
    done = subprocess.run(
        [python, str(FIT), fit, str(path), str(times)], capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return told | {"first": told["seconds"][0], "seconds": median(told["seconds"][1:])}


def _likelihood(path: Path, parameters: list[float]) -> float:
    """Of BG/NBD at these parameters, by our own terms: packages scale time and count differently."""
    frame = pd.read_parquet(path)
    rows, weight = weighted([frame[name].to_numpy(dtype=float) for name in ("frequency", "recency", "T")])
    return BetaGeoNBD().terms(rows, weight).log_likelihood(np.array(parameters))[0]


def _written(found: dict, likelihood: float) -> str:
    numbers = ", ".join(f"{value:.4f}" for value in found["found"])
    return (
        f"{found['seconds']:.3f} s (the first {found['first']:.2f} s, loading {found['loaded']:.1f} s), "
        f"{found['peak_mib']:,.0f} MiB, log-likelihood {likelihood:.2f}, parameters {numbers}"
    )
