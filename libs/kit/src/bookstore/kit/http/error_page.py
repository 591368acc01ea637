"""The page of all error codes: the error tree, and the table of what may be wrong with a field."""

import re
from collections.abc import Iterator
from html import escape

from bookstore.kit.errors import BookstoreError
from bookstore.kit.http.field_codes import FieldCode
from bookstore.kit.http.problem import status_of

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Errors · Bookstore API</title>
<link rel="icon" href="/docs/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/docs.css">
</head>
<body class="page">
<header class="top"><a class="brand" href="/docs">Bookstore API</a><span>Errors</span></header>
<main class="prose">
<h1>Errors</h1>
<p>Every refusal is a problem document (RFC 9457) of type <code>application/problem+json</code>:
branch on <code>code</code>, show <code>detail</code> to people, and name <code>trace_id</code>
when you ask us about one. <code>errors</code> says which <a href="#fields">fields</a> are
wrong.</p>
<table>
<thead><tr><th>Code</th><th>Status</th><th>What it means</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
<h2 id="fields">What may be wrong with a field</h2>
<p>Each of a problem's <code>errors</code> names one field: <code>pointer</code> is a JSON Pointer
(RFC 6901) into the body, or a parameter's name; <code>message</code> is a sentence for people.
Its <code>code</code> is one of these, or, where a rule of the business is broken, one of those
above.</p>
<table>
<thead><tr><th>Code of a field</th><th>What it means</th></tr></thead>
<tbody>
{fields}
</tbody>
</table>
</main>
</body>
</html>
"""


def errors() -> Iterator[type[BookstoreError]]:
    """Yield the class of each code, in the order of status and code."""
    known: dict[str, type[BookstoreError]] = {}
    waiting: list[type[BookstoreError]] = [BookstoreError]
    while waiting:
        error = waiting.pop(0)
        known.setdefault(error.code, error)
        waiting += error.__subclasses__()
    yield from sorted(known.values(), key=lambda error: (status_of(error), error.code))


def error_page() -> str:
    """Return the page, in HTML."""
    return _PAGE.format(
        rows="\n".join(_row(error) for error in errors()),
        fields="\n".join(_field_row(code) for code in FieldCode),
    )


def _row(error: type[BookstoreError]) -> str:
    code, status, meaning = escape(error.code), status_of(error), _prose(error.__doc__ or "")
    return (
        f'<tr id="{code}"><td><a href="#{code}"><code>{code}</code></a></td>'
        f"<td>{status.value} {escape(status.phrase)}</td><td>{meaning}</td></tr>"
    )


def _field_row(code: FieldCode) -> str:
    return (
        f'<tr id="field-{code}"><td><a href="#field-{code}"><code>{code}</code></a></td>'
        f"<td>{_prose(code.meaning)}</td></tr>"
    )


def _prose(text: str) -> str:
    """Return a docstring in HTML: what stands between backticks is code."""
    return re.sub("`+([^`]+)`+", r"<code>\1</code>", escape(" ".join(text.split())))
