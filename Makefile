# Each line is one call of dev.py, which also works without make (Windows: py dev.py run).
PYTHON ?= python3

.PHONY: run test check bench soak setup

run:
	@$(PYTHON) dev.py run $(ARGS)

test:
	@$(PYTHON) dev.py test $(ARGS)

check:
	@$(PYTHON) dev.py check

bench:
	@$(PYTHON) dev.py bench $(ARGS)

soak:
	@$(PYTHON) dev.py soak $(ARGS)

setup:
	@$(PYTHON) dev.py setup $(ARGS)
