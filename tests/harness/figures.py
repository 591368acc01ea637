"""Reading a page of figures, as /metrics shows it."""

import re


def figure(page: str, name: str, **labels: str) -> float:
    """Return a figure of the page, 0 if it is not there."""
    wanted = {f'{label}="{value}"' for label, value in labels.items()}
    for line in re.finditer(rf"^{name}\{{(.*)\}} (\S+)$", page, re.MULTILINE):
        if wanted <= set(line[1].split(",")):
            return float(line[2])
    return 0
