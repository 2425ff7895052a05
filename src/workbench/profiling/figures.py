"""How a picture of 01 gets its words."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from workbench.language import say
from workbench.theme import finish


def with_words(ax: Axes, name: str, values: dict[str, Any], data: pd.DataFrame) -> Axes:
    plain = {key: value.item() if isinstance(value, np.generic) else value for key, value in values.items()}
    words = {part: say(f"profiling.{name}_{part}", **plain) for part in ("title", "sentence", "alt")}
    return finish(ax, **words, data=data)
