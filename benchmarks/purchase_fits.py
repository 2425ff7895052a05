"""One fit of a purchase model in a process of its own: ours, lifetimes or pymc-marketing.

Rivals live in environments of their own, so this file imports nothing of ours but what its first argument
asks for: ``python -m benchmarks.purchase_fits ours histories.parquet 3`` (or the file itself by its path).
"""

import json
import sys
import warnings
from pathlib import Path
from time import perf_counter

KIB_PER_MIB = 1024


def ours(path, model="bg_nbd"):
    """Our fit; the frame is read before the clock begins."""
    import pandas as pd

    from workbench.segmentation.purchases.beta_geo import BetaGeoNBD
    from workbench.segmentation.purchases.pareto import ParetoNBD

    frame = pd.read_parquet(path)

    def fit():
        found = (BetaGeoNBD() if model == "bg_nbd" else ParetoNBD()).fit(frame)
        return list(found.population_), found.log_likelihood_

    return fit


def ours_pareto(path):
    """Our Pareto/NBD."""
    return ours(path, "pareto_nbd")


def lifetimes(path):
    """BetaGeoFitter."""
    import pandas as pd
    from lifetimes import BetaGeoFitter

    frame = pd.read_parquet(path)

    def fit():
        found = BetaGeoFitter().fit(frame["frequency"], frame["recency"], frame["T"])
        return list(found.params_[["r", "alpha", "a", "b"]]), None

    return fit


def pymc(path):
    """BetaGeoModel, maximum a posteriori under the package's own priors: not the same estimate."""
    import pandas as pd
    from pymc_marketing.clv import BetaGeoModel

    frame = pd.read_parquet(path)
    frame.insert(0, "customer_id", range(len(frame)))

    def fit():
        model = BetaGeoModel(data=frame)
        model.fit(method="map", progressbar=False)
        found = model.fit_summary()
        return [float(found[name]) for name in ("r", "alpha", "a", "b")], None

    return fit


def main(name, path, times):
    """Fit as often as told; print seconds of each, peak of memory (MiB) and what was found."""
    warnings.simplefilter("ignore")
    begin = perf_counter()
    fit = globals()[name](path)
    loaded, seconds, found, likelihood = perf_counter() - begin, [], [], None
    for _ in range(int(times)):
        begin = perf_counter()
        found, likelihood = fit()
        seconds.append(perf_counter() - begin)
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    peak = float(next(line.split()[1] for line in status if line.startswith("VmHWM"))) / KIB_PER_MIB
    told = {"seconds": seconds, "loaded": loaded, "peak_mib": peak, "found": found}
    told["log_likelihood"] = likelihood
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
