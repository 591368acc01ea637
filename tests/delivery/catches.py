"""The table of catches, in docs/delivery.md: `python -m tests.delivery.catches`.

It prints what each rung refuses, and in which words, and writes that between the two marks in the
page; `--check` writes nothing and fails where the page tells something else.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.delivery import tables
from tools.delivery.ladder import Rung

PAGE = Path(__file__).parents[2] / "docs/delivery.md"
BEGIN, END = "<!-- catches: begin -->\n", "<!-- catches: end -->\n"


def lines() -> Iterator[str]:
    """Yield the table, as Markdown."""
    bad = tables.bad()
    counts = Counter(each.rung for each in bad)
    told = ", ".join(f"{counts[rung]} at {rung.value} {rung.name.lower()}" for rung in Rung)
    yield f"{len(bad)} known-bad files: {told}."
    yield ""
    yield "| rung | a good | made bad | and refused with |"
    yield "|---|---|---|---|"
    for each in bad:
        words = each.says.replace("|", "\\|")
        rung = f"{each.rung.value} {each.rung.name.lower()}"
        yield f"| {rung} | {each.kind} | {each.rule} | {words} |"


def page() -> str:
    """Return the page with the table in it."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "\n".join(lines()) + "\n" + END + after


def main() -> None:
    """Print and write, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    if parser.parse_args().check:
        if PAGE.read_text(encoding="utf-8") != page():
            sys.exit("docs/delivery.md is stale: `python -m tests.delivery.catches` writes it")
        return
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write("\n".join(lines()) + "\n")


if __name__ == "__main__":
    main()
