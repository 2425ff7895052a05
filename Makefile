# Everything a user or a CI machine needs; `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
AIRFLOW := .venv-airflow
RIVALS := .venv-rivals
PYMC := .venv-pymc
UV_VERSION := 0.13.9
# An environment may switch bytecode off; every notebook kernel would then compile its imports again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup spark report test test-airflow test-long lab bench lint lock

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

setup: $(VENV)/.ready ## build .venv with the console script and the Jupyter kernel

$(VENV)/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; found " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	$(BIN)/python -m ipykernel install --sys-prefix --name workbench --display-name "Customer-value workbench" > /dev/null
	touch $@

spark: setup $(VENV)/.spark ## add Spark, for studies with `engine: spark` (Java 17 is needed)

$(VENV)/.spark: $(VENV)/.ready requirements-spark.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements-spark.lock
	touch $@

report: setup ## run the monthly report on the embedded demo company
	$(BIN)/workbench run params/demo.yml

lab: setup ## open JupyterLab on the notebooks
	$(BIN)/jupyter lab --notebook-dir=notebooks $(if $(filter 0,$(shell id -u)),--allow-root)

test: setup spark ## static checks, unit tests, notebooks, whole runs and the browser
	$(BIN)/python tests/system_packages.py
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: setup ## ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-long: setup spark ## two hundred runs killed at random moments, whole studies on PostgreSQL and Spark; half an hour and more
	$(BIN)/python -m pytest -m long -n 2

test-airflow: setup ## load the Airflow samples in an environment built for them
	test -x $(AIRFLOW)/bin/python || $(BIN)/uv venv --quiet --python 3.11 $(AIRFLOW)
	$(BIN)/uv pip install --quiet --python $(AIRFLOW)/bin/python --require-hashes -r requirements-airflow.lock
	AIRFLOW_HOME=$(CURDIR)/$(AIRFLOW)/home $(AIRFLOW)/bin/python -m pytest -q --noconftest -c /dev/null --rootdir . \
	  -p no:cacheprovider tests/deploy/test_deploy_airflow.py

bench: setup spark $(RIVALS)/.ready $(PYMC)/.ready ## measure our speed beside a rival's, in one run
	$(BIN)/python -m benchmarks --rivals $(RIVALS)/bin/python --pymc $(PYMC)/bin/python

$(RIVALS)/.ready: requirements-rivals.lock  # rivals that ask for older libraries than ours
	test -x $(RIVALS)/bin/python || $(BIN)/uv venv --quiet --python 3.11 $(RIVALS)
	$(BIN)/uv pip install --quiet --python $(RIVALS)/bin/python --compile-bytecode --require-hashes -r requirements-rivals.lock
	touch $@

$(PYMC)/.ready: requirements-pymc.lock  # a rival that is as large as all others together
	test -x $(PYMC)/bin/python || $(BIN)/uv venv --quiet --python 3.11 $(PYMC)
	$(BIN)/uv pip install --quiet --python $(PYMC)/bin/python --compile-bytecode --require-hashes -r requirements-pymc.lock
	touch $@

lock: setup ## resolve the dependencies again
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --upgrade --quiet \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate --generate-hashes -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra spark --constraints requirements.lock --universal --python-version 3.11 \
	  --upgrade --quiet --no-emit-index-url --no-emit-find-links --no-header --no-annotate --generate-hashes \
	  $$(sed -nE 's/^([a-z0-9._-]+)==.*/--no-emit-package \1/p' requirements.lock) -o requirements-spark.lock
	printf '%s\n' 'apache-airflow>=3,<4' apache-airflow-providers-papermill apache-airflow-providers-standard pytest | \
	  $(BIN)/uv pip compile - --universal --python-version 3.11 --upgrade --quiet --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate --generate-hashes -o requirements-airflow.lock
	printf '%s\n' 'ydata-profiling>=4.18,<5' 'setuptools<81' 'lifetimes>=0.11,<0.12' pyarrow | \
	  $(BIN)/uv pip compile - --universal --python-version 3.11 --upgrade --quiet --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate --generate-hashes -o requirements-rivals.lock
	printf '%s\n' 'pymc-marketing>=0.19,<0.20' pyarrow | \
	  $(BIN)/uv pip compile - --universal --python-version 3.11 --upgrade --quiet --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate --generate-hashes -o requirements-pymc.lock
	$(BIN)/python tests/packaging/environment_file.py
