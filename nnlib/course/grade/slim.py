"""A large notebook without its outputs, on standard output: `python slim.py FILE`.

It runs in a process of its own, whose memory is bounded before it reads what a student made.
"""

import json
import sys

MOST_MEMORY = 2 << 30
MOST_KEPT = 10_000  # characters of an output: a check's words are kept


def main() -> None:
    import resource  # Unix alone has it, and sandboxes

    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    with open(sys.argv[1], "rb") as file:
        content = json.load(file)
    for cell in content.get("cells", []):
        outputs = cell.get("outputs")
        if isinstance(outputs, list):
            cell["outputs"] = [output for output in outputs if len(json.dumps(output)) < MOST_KEPT]
    sys.stdout.write(json.dumps(content))


if __name__ == "__main__":
    main()
