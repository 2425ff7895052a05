"""Splink at work: which pairs are compared, how alike they are, and how probably they are one person."""

import logging
from typing import Any

import numpy as np
import pyarrow as pa

from workbench.errors import refusal
from workbench.linkage.comparisons import LEVELS, blocking_rules, splink_comparison
from workbench.linkage.training import LinkModel, fit

RANDOM_PAIRS = 100_000  # of a level that one pair of strangers in 10,000 reaches, 10 are seen
MOST_PAIRS = 50_000_000  # minutes of comparing; more means that a key is none


class Comparer:
    """Pairs of the records in ``link_records``, compared and scored inside the engine.

    Holds the connection. Only counts of patterns of agreement are fetched for training.
    """

    def __init__(self, con: Any, fields: tuple[str, ...], n_records: int) -> None:
        from splink import DuckDBAPI

        self.con, self.fields, self.n_records = con, fields, n_records
        logging.getLogger("splink").setLevel(logging.ERROR)
        self._api = DuckDBAPI(connection=con)
        self._records = self._api.register("link_records")
        beliefs = LinkModel(
            prior=1e-4,
            m={f: tuple(x.m for x in LEVELS[f]) for f in fields},
            u={f: tuple(x.u for x in LEVELS[f]) for f in fields},
            expected_matches=0.0,
            rounds=0,
            learned=False,
        )
        self._use(beliefs)

    def block(self, where: str) -> int:
        """Make ``link_candidates``, the pairs that share a key, and return their number.

        Raises
        ------
        WorkbenchError
            If there are more than MOST_PAIRS.
        """
        blocked = self._linker.inference.compute_blocked_pairs_for_predict()
        n_pairs = int(self.con.execute(f"SELECT count(*) FROM {blocked.physical_name}").fetchone()[0])
        if n_pairs > MOST_PAIRS:
            rule = f"at most {MOST_PAIRS:,} in number"
            hint = "A column holds few different values: name another, or leave it out."
            raise refusal(where, "pairs of records to compare", rule, f"{n_pairs:,}", hint)
        self.con.execute(f"CREATE TEMP TABLE link_candidates AS SELECT * FROM {blocked.physical_name}")
        return n_pairs

    def train(self, seed: int) -> LinkModel:
        """Fit the model to the candidates and to random pairs, and score with it from here on."""
        self.con.execute(
            "CREATE TEMP TABLE link_training AS "
            "SELECT match_key, join_key_l, join_key_r FROM link_candidates "
            f"UNION ALL SELECT 'random', * FROM ({self._random_pairs(seed)})"
        )
        gammas = ", ".join(f"gamma_{f}" for f in self.fields)
        self.score("link_training", "link_compared")
        counted = self.con.execute(
            f"SELECT match_key = 'random' AS random, {gammas}, count(*) AS pairs FROM link_compared "
            f"GROUP BY ALL ORDER BY ALL"
        ).df()
        self.con.execute("DROP TABLE link_training; DROP TABLE link_compared")
        model = fit(counted[~counted["random"]], counted[counted["random"]], self.n_records, self.fields)
        self._use(model)
        return model

    def score(self, pairs: str, into: str) -> None:
        """Make the table `into` (record_l, record_r, match_probability, match_weight, gammas) of `pairs`."""
        self._linker.table_management.register_blocked_pairs_for_predict(self._api.register(pairs))
        scored = self._linker.inference.predict(warning_mode="never")
        gammas = ", ".join(f"gamma_{f}" for f in self.fields)
        self.con.execute(
            f"CREATE TEMP TABLE {into} AS SELECT record_l, record_r, match_key, match_probability, "
            f"match_weight, {gammas} FROM {scored.physical_name}"
        )
        scored.drop_table_from_database_and_remove_from_cache()

    def _use(self, model: LinkModel) -> None:
        from splink import Linker, SettingsCreator
        from splink.blocking_rule_library import CustomRule

        settings = SettingsCreator(
            link_type="dedupe_only",
            comparisons=[splink_comparison(f, model.m[f], model.u[f]) for f in self.fields],
            blocking_rules_to_generate_predictions=[CustomRule(r) for r in blocking_rules(self.fields)],
            probability_two_random_records_match=model.prior,
            unique_id_column_name="record",
            retain_matching_columns=True,  # without them the levels of agreement are not handed out
            linker_uid="workbench",
        )
        self._linker = Linker(self._records, settings, log_level=None)
        if "name" in self.fields:
            # A frequent name says less. The pair at hand is not counted: two records of one person are
            # no sign that the name is frequent. The floor (tf_minimum_u_value) keeps rare ones as they are.
            table = self.con.sql(
                f"SELECT name, (count(*) - 1.5) / {max(self.n_records, 1)}::DOUBLE AS tf_name "
                "FROM link_records WHERE name IS NOT NULL GROUP BY name"
            ).to_arrow_table()
            frequencies = self._api.register(table)
            self._linker.table_management.register_term_frequency_lookup(frequencies, "name")

    def _random_pairs(self, seed: int) -> str:
        """SQL of random pairs that are no candidates; of small files, of all such pairs."""
        n = self.n_records
        if n * (n - 1) // 2 <= RANDOM_PAIRS:
            left, right = np.triu_indices(n, k=1)
        else:
            drawn = np.sort(np.random.default_rng(seed).integers(n, size=(RANDOM_PAIRS, 2)), axis=1)
            left, right = np.unique(drawn[drawn[:, 0] < drawn[:, 1]], axis=0).T
        self.con.register("link_drawn", pa.table({"join_key_l": left, "join_key_r": right}))
        return (
            "SELECT d.join_key_l, d.join_key_r FROM link_drawn d "
            "ANTI JOIN link_candidates c USING (join_key_l, join_key_r)"
        )
