"""What contracts teach: the chance of leaving, and of taking a service that a customer does not have."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

FOLDS = 5
MOST_TRAINED = 50_000  # rows per fit: more change a logistic regression of some dozen terms no more
YES = frozenset({"yes", "y", "true", "1", "1.0", "是", "有"})
NO = frozenset({"no", "n", "false", "0", "0.0", "否", "无"})
NOT_OPEN = ("no ", "无", "没有", "未开通")  # "No internet service": she can not take it as things are
SMALLEST_FEE_SHARE = 0.02  # of the mean fee: a yes/no column that adds less is no paid service
SURE = 4.0  # standard errors that the fee of a service stands above 0
Floats = npt.NDArray[np.float64]


def service_flags(column: pd.Series) -> pd.Series | None:
    """1 for yes, 0 for no, NaN where the service is not open to the customer; None if `column` is no service.

    Columns with yes and no in either language, true and false, or 1 and 0; further values may only say that
    the service is not open ("No phone service") or be empty.
    """
    text = column.astype("object").map(lambda cell: str(cell).strip().lower(), na_action="ignore")
    flags = pd.Series(np.nan, index=column.index)
    flags[text.isin(YES)], flags[text.isin(NO)] = 1.0, 0.0
    others = text[flags.isna() & text.notna()]
    closed = others.map(lambda cell: cell.startswith(NOT_OPEN))
    if not closed.all() or flags.nunique() < 2:
        return None
    return flags


def service_fees(rows: pd.DataFrame, flags: pd.DataFrame, others: Sequence[str]) -> pd.DataFrame:
    """What each service adds to the monthly fee, by least squares with the other attributes held constant.

    Returns
    -------
    pandas.DataFrame
        ``service``, ``fee``, ``fee_error`` (standard error), ``holders``, ``paid`` (whether it is a service
        that is paid for: at least 2 % of the mean fee, and four standard errors above 0).

    Notes
    -----
    A difference between customers, not the price list: a discount for a bundle is spread over its parts.
    """
    fee = rows["monthly_fee"]
    known = fee.notna().to_numpy()
    dummies = (
        pd.get_dummies(rows[list(others)].astype("str"), drop_first=True, dtype=float) if others else None
    )
    parts = [flags.fillna(0.0), *([dummies] if dummies is not None else [])]
    design = np.column_stack([np.ones(len(rows)), *(part.to_numpy() for part in parts)])[known]
    inverse = np.linalg.pinv(design.T @ design)
    slopes = inverse @ (design.T @ fee[known].to_numpy())
    residual = fee[known].to_numpy() - design @ slopes
    freedom = max(len(design) - int(np.linalg.matrix_rank(design)), 1)
    errors = np.sqrt(np.clip(np.diag(inverse), 0, None) * (residual @ residual) / freedom)
    count = flags.shape[1]
    table = pd.DataFrame({"service": flags.columns, "fee": slopes[1 : count + 1]})
    table["fee_error"] = errors[1 : count + 1]
    table["holders"] = flags.eq(1).sum().to_numpy()
    least = SMALLEST_FEE_SHARE * float(fee.mean())
    return table.assign(paid=(table["fee"] >= least) & (table["fee"] >= SURE * table["fee_error"]))


def cross_fitted(rows: pd.DataFrame, columns: Sequence[str], label: npt.NDArray[np.bool_]) -> Floats:
    """The probability of `label` for every row, by logistic regression that has not seen the row.

    Rows of equal content share a fold, so that neither their order nor an id can change a probability.
    """
    rows = ready(rows, columns)
    fold = _content(rows) % np.uint64(FOLDS)
    found = np.full(len(rows), float(label.mean()))
    for k in range(FOLDS):
        held = fold == k
        if held.any() and 0 < label[~held].sum() < (~held).sum():
            found[held] = fitted(rows[~held], columns, label[~held]).predict_proba(rows[held])[:, 1]
    return found


def fitted(rows: pd.DataFrame, columns: Sequence[str], label: npt.NDArray[np.bool_]) -> Pipeline:
    """A logistic regression of `label` on `columns` of `ready` rows; texts are categories."""
    numbers = [name for name in columns if pd.api.types.is_numeric_dtype(rows[name])]
    texts = [name for name in columns if name not in numbers]
    scaled = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler())
    prepared = ColumnTransformer(
        [("numbers", scaled, numbers), ("texts", OneHotEncoder(handle_unknown="ignore"), texts)]
    )
    model = Pipeline([("prepared", prepared), ("logistic", LogisticRegression(max_iter=1_000))])
    chosen = np.argsort(_content(rows[list(columns)]), kind="stable")[:MOST_TRAINED]
    with threadpool_limits(1):  # sums on two threads differ by run
        return model.fit(rows[list(columns)].iloc[chosen], label[chosen])


def ready(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The `columns` of `rows`, an empty text being a category of its own."""
    texts = [name for name in columns if not pd.api.types.is_numeric_dtype(rows[name])]
    return rows[list(columns)].assign(**{name: rows[name].fillna("").astype("str") for name in texts})


def _content(rows: pd.DataFrame) -> npt.NDArray[np.uint64]:
    return pd.util.hash_pandas_object(rows, index=False).to_numpy().astype(np.uint64)
