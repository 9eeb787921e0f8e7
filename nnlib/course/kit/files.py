"""The files of JavaScript and CSS that lie beside this one."""

from pathlib import Path

HERE = Path(__file__).parent


def source(*names: str) -> str:
    """Some of them as one text, for a browser that gets a single one."""
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in names)
