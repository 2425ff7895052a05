"""The three models that stand side by side: a naive rule, a logistic regression, boosted trees."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from workbench.churn.calibration import recalibration
from workbench.churn.dataset import Rule
from workbench.churn.encoding import Encoder

Vector = NDArray[np.float64]

# Small trees, heavily regularised: a study has thousands of customers, not millions.
TREES = 150
TREE_PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.04,
    "num_leaves": 12,
    "min_data_in_leaf": 40,
    "lambda_l2": 5.0,
    "feature_fraction": 0.5,
    "deterministic": True,
    "force_row_wise": True,
    # The trees are the same with any number of threads; on small data a second one mostly waits, and beside
    # another busy process it waits so long that the fit takes thirty times as long.
    "num_threads": 1,
    "verbose": -1,
}
CALIBRATION_FOLDS = 3


class NaiveRule:
    """One feature as the score; its probability is the isotonic regression on the training rows.

    The score ranks; the probability, monotone in it, is what a table of past churn by that feature says.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def fit(self, frame: pd.DataFrame, churned: NDArray[np.bool_]) -> Self:
        """Learn the probability for each value of the feature."""
        from sklearn.isotonic import IsotonicRegression

        values = frame[self.rule.feature].median() if self.rule.feature in frame else np.nan
        self.typical_ = float(values) if np.isfinite(values) else 0.0
        self.curve_ = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
        self.curve_.fit(self.score(frame), churned)
        return self

    def score(self, frame: pd.DataFrame) -> Vector:
        """The feature, turned so that more means more risk; the training median where it is missing."""
        if self.rule.feature not in frame:
            return np.zeros(len(frame))
        return self.rule.sign * frame[self.rule.feature].fillna(self.typical_).to_numpy("float64")

    def predict_probability(self, frame: pd.DataFrame) -> Vector:
        """Probability of churn for each row."""
        return np.asarray(self.curve_.predict(self.score(frame)), dtype="float64")


class LogisticModel:
    """Logistic regression on scaled numbers and one-hot levels.

    Numbers go through arsinh first: counts and money are skewed, may be zero or negative, and arsinh is the
    logarithm for large values and the identity for small ones.
    """

    def __init__(self, features: Sequence[str]) -> None:
        self.features = features

    def fit(self, frame: pd.DataFrame, churned: NDArray[np.bool_]) -> Self:
        """Learn from labelled rows."""
        from sklearn.compose import ColumnTransformer
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

        self.encoder_ = Encoder(self.features).fit(frame)
        text = self.encoder_.text_positions
        numeric = [place for place in range(len(self.features)) if place not in text]
        prepared = ColumnTransformer(
            [
                ("numbers", make_pipeline(
                    SimpleImputer(strategy="median", keep_empty_features=True),
                    FunctionTransformer(np.arcsinh), StandardScaler()), numeric),
                ("levels", OneHotEncoder(handle_unknown="ignore"), text),
            ]
        )  # fmt: skip
        self.pipeline_ = make_pipeline(prepared, LogisticRegression(max_iter=2_000))
        self.pipeline_.fit(self.encoder_.transform(frame), churned)
        return self

    def predict_probability(self, frame: pd.DataFrame) -> Vector:
        """Probability of churn for each row."""
        matrix = self.encoder_.transform(frame)
        return np.asarray(self.pipeline_.predict_proba(matrix)[:, 1], dtype="float64")


def folds_by_customer(customer_id: pd.Series, folds: int, seed: int) -> NDArray[np.int64]:
    """The fold of each row, folds of equal numbers of customers, all rows of a customer in one.

    Customers are numbered as they appear: rows sorted by content give folds that do not depend on ids.
    """
    number, customers = pd.factorize(customer_id)
    order = np.random.default_rng(seed).permutation(len(customers))
    return np.asarray(order[number] % folds, dtype="int64")


class BoostedTrees:
    """Gradient-boosted trees (LightGBM), recalibrated inside the training rows.

    The recalibration is D. R. Cox's straight line on log odds (Biometrika 45 (1958), 562-565), learned from
    predictions for customers that the trees had not seen: a fit of the trees on the others.

    Attributes
    ----------
    booster_ : lightgbm.Booster
    intercept_, slope_ : float
        Log odds of churn = intercept + slope · raw score of the trees.
    """

    def __init__(self, features: Sequence[str], seed: int) -> None:
        self.features = features
        self.seed = seed

    def fit(self, frame: pd.DataFrame, churned: NDArray[np.bool_]) -> Self:
        """Learn from labelled rows; rows of one `customer_id` stay on one side of the inner split."""
        self.encoder_ = Encoder(self.features).fit(frame)
        matrix, label = self.encoder_.transform(frame), churned.astype("float64")
        fold = folds_by_customer(frame["customer_id"], CALIBRATION_FOLDS, self.seed)
        raw = np.empty(len(frame))
        for number in range(CALIBRATION_FOLDS):
            inside, outside = fold != number, fold == number
            raw[outside] = self._boosted(matrix[inside], label[inside]).predict(
                matrix[outside], raw_score=True
            )
        line = recalibration(label, raw)
        self.intercept_, self.slope_ = line.intercept, line.slope
        self.booster_ = self._boosted(matrix, label)
        return self

    def _boosted(self, matrix: Vector, label: Vector) -> Any:
        import lightgbm

        data = lightgbm.Dataset(matrix, label, categorical_feature=self.encoder_.text_positions)
        return lightgbm.train(TREE_PARAMETERS | {"seed": self.seed}, data, num_boost_round=TREES)

    def predict_probability(self, frame: pd.DataFrame) -> Vector:
        """Probability of churn for each row."""
        raw = _raw(self.booster_, self.encoder_.transform(frame))
        return np.asarray(expit(self.intercept_ + self.slope_ * raw), dtype="float64")


def _raw(booster: Any, matrix: Vector) -> Vector:
    """The trees' own log odds."""
    score = booster.predict(matrix, raw_score=True, num_threads=TREE_PARAMETERS["num_threads"])
    return np.asarray(score, dtype="float64")
