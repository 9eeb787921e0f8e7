# A thin face: make.py does the work, on Windows too. Another Python: make lab PYTHON=python3.12
PYTHON ?= python3

.PHONY: lab test lint notebooks exercises bench grade student-release
lab test lint notebooks exercises bench grade student-release:
	@"$(PYTHON)" make.py $@ $(ARGS)
