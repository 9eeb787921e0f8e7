# A thin face: make.py does the work, on Windows too. Another Python: make lab PYTHON=python3.12
PYTHON ?= python3

.PHONY: lab lint quick test full notebooks exercises site test-site bench grade student-release
lab lint quick test full notebooks exercises site test-site bench grade student-release:
	@"$(PYTHON)" make.py $@ $(if $(LESSON),--lesson $(LESSON)) $(ARGS)
