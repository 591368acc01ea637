"""OpenAPI: redocly lints and bundles → our annotations → OpenAPI Generator fills our templates."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from tools.contracts.annotate import annotate
from tools.contracts.process import NODE, PYTHON, ROOT, GenerationError, package, run

SERVICES = ("catalog", "customer", "identity", "inventory", "order", "payment")


def specification(service: str) -> Path:
    """Return the directory of the service's specification; raises GenerationError."""
    directory = ROOT / "services" / service / "api/openapi"
    if not (directory / "openapi.json").is_file():
        raise GenerationError(f"{directory.relative_to(ROOT)}/openapi.json is missing")
    return directory


def lint(directory: Path) -> None:
    """Refuse a specification that breaks the rules."""
    run(NODE / "redocly", "lint", "--config", "redocly.yaml", "--format", "stylish", cwd=directory)


def bundle(directory: Path, target: Path) -> None:
    """Write the specification with all it refers to into one file."""
    command = (NODE / "redocly", "bundle", "--config", "redocly.yaml")
    run(*command, "openapi.json", "-o", target, cwd=directory)


def fill(bundles: Sequence[Path], config: Path, build: Path, made: str) -> list[Path]:
    """Fill the templates of `config` from annotated bundles; return the file made of each."""
    settings = config.read_text(encoding="utf-8")
    configs: list[Path] = []
    for source in bundles:
        own = build / f"{source.stem}.yaml"
        own.write_text(f"{settings}inputSpec: {source}\noutputDir: {build / source.stem}\n")
        configs.append(own)
    run(PYTHON / "openapi-generator-cli", "batch", "--fail-fast", *configs)
    return [build / source.stem / made for source in bundles]


def tidy(directory: Path) -> None:
    """Drop unused imports and format."""
    first_party = 'lint.isort.known-first-party=["bookstore"]'
    imports = ("--select=F401,I", "--config", first_party, "--fix")
    layout = ("--config", "format.skip-magic-trailing-comma=true", "--line-length=99")
    run(PYTHON / "ruff", "check", "--isolated", "--quiet", *imports, directory)
    run(PYTHON / "ruff", "format", "--isolated", "--quiet", *layout, directory)


def generate_openapi(target: Path, services: Sequence[str], build: Path) -> None:
    """Turn each service's specification into one Python module beside its bundle."""
    package(target, "One module a service: its documents, its ports and how they are asked.")
    annotated: list[Path] = []
    for service in services:
        directory = specification(service)
        lint(directory)
        published = target / f"{service}.json"
        bundle(directory, published)
        document = json.loads(published.read_text(encoding="utf-8"))
        published.write_text(
            json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
        source = build / f"{service}.json"
        try:
            source.write_text(json.dumps(annotate(document)), encoding="utf-8")
        except GenerationError as error:
            raise GenerationError(f"{service}: {error}") from error
        annotated.append(source)
    for made in fill(annotated, ROOT / "api/openapi/generator.yaml", build, "http.py"):
        shutil.copy(made, target / f"{made.parent.name}.py")
    tidy(target)
