# The two commands of a new user are `make demo` and `make test`; each sets up what it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_READY := $(VENV)/.run-ready
DEVELOP_READY := $(VENV)/.develop-ready
BENCH_READY := $(VENV)/.bench-ready

.PHONY: demo test laws check fix bench docs figures lock clean

demo: $(RUN_READY)
	$(BIN)/trialeukin run studies/calgb-19808.toml -o out/calgb-19808

test: $(DEVELOP_READY)
	$(BIN)/pytest -n 2 --dist worksteal

# Looks for counterexamples to the laws among examples never tried before; `make test` tries the same ones each time.
laws: $(DEVELOP_READY)
	$(BIN)/pytest -n 2 --dist worksteal -m hypothesis --hypothesis-profile fresh

check: $(DEVELOP_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(DEVELOP_READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("trialeukin needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(RUN_READY): requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(DEVELOP_READY): requirements/develop.txt $(RUN_READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/develop.txt
	touch $@

# The other solvers that the engine is measured against, beside what developing needs. numbalsoda is built from source.
$(BENCH_READY): requirements/bench.txt requirements/bench-build.txt requirements/bench-source.txt $(DEVELOP_READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	if command -v gfortran; then \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench-build.txt && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-build-isolation \
	    -r requirements/bench-source.txt; \
	else echo "numbalsoda is left out: building it takes a Fortran compiler (gfortran)"; fi
	touch $@

# Measures the engine and the survival statistics against their peers, and the pages; writes out/bench/ and docs/performance.md.
bench: $(BENCH_READY)
	$(BIN)/python benchmarks/engine.py
	$(BIN)/python benchmarks/survival.py
	$(BIN)/python benchmarks/web.py

# Builds the documentation site; any warning is an error. Nothing on it is fetched from elsewhere, then or when read.
docs: $(DEVELOP_READY)
	$(BIN)/sphinx-build -q -W --keep-going -n -b html -d out/doctrees docs out/docs
	@echo "The site: out/docs/index.html"

# Computes again the numbers and figures that pages of docs/ show; minutes. The fits themselves are the fit_*.py beside them.
figures: $(DEVELOP_READY)
	$(BIN)/python validation/observed_predicted.py
	$(BIN)/python validation/receptor_responses.py
	$(BIN)/python validation/published_models.py
	$(BIN)/python validation/chemotherapy_table.py
	$(BIN)/python validation/donor_lymphocyte_page.py
	$(BIN)/python validation/transplant_table.py
	$(BIN)/python validation/refractory.py
	$(BIN)/python validation/frozen_prediction.py
	$(BIN)/python validation/marker_bands.py
	$(BIN)/python validation/control_arm_table.py
	$(BIN)/python validation/published_trials.py
	$(BIN)/python validation/freeze_predictions.py
	$(BIN)/python validation/surrogacy_runs.py
	$(BIN)/python validation/evidence_page.py
	$(BIN)/python validation/decision_page.py
	$(BIN)/python validation/survival_agreement.py
	$(BIN)/python validation/survival_levels.py 2
	$(BIN)/python validation/log_rank_and_cure.py
	$(BIN)/python validation/interim_futility.py
	$(BIN)/python validation/credibility.py
	$(BIN)/python validation/review_questions.py
	$(BIN)/trialeukin theory -o docs/theory
	$(BIN)/python docs/site/examples.py docs/tutorials/*.md docs/how-to/*.md

lock:
	$(BIN)/python -m pip install --quiet pip-tools
	for set in run develop bench bench-build bench-source; do \
	  $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header --no-emit-index-url \
	    --no-emit-trusted-host --no-emit-find-links -o requirements/$$set.txt requirements/$$set.in; \
	done

clean:
	rm -rf $(VENV) build dist out
