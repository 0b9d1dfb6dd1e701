"""The tree is the architecture (docs/architecture.md): which package may import which, and where vendors live."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BELOW = {
    "core": set(),
    "embeddings": {"core"},
    "ranking": {"core", "embeddings"},
    "training": {"core", "embeddings", "ranking"},
    "api": {"core", "embeddings", "ranking"},
    "cli": {"core", "embeddings", "ranking", "training", "api"},
}
VENDOR_HOME = {
    "sqlalchemy": "core/store/",
    "alembic": "core/store/",
    "faiss": "embeddings/faiss_index.py",
    "sentence_transformers": "embeddings/sentence_transformer.py",
    "lightgbm": "ranking/trees.py",
    "matplotlib": "training/report_plots.py",
    "mlflow": "training/tracking.py",
    "optuna": "training/tuning.py",
    "fastapi": "api/",
    "fastapi_offline": "api/app.py",
    "jinja2": "api/desk/",
    "babel": "api/desk/words.py",
    "starlette": "api/",
    "prometheus_client": "api/",
    "argon2": "core/passwords.py",
    "authlib": "api/desk/oidc.py",
    "joserfc": "api/desk/oidc.py",
    "httpx2": "api/desk/oidc.py",
    "typer": "cli/",
    "rich": "cli/",
    "uvicorn": "cli/",
}
# Training an encoder is the one other place that needs the vendor: it drives that library's trainer and losses.
# The pages draw for matchmakers, in their colours and without styles; the training report draws for who made the model.
# MLflow is two things, a store of runs and a registry of models; the kinds of models are logged by the module given.
ALSO = {
    "sentence_transformers": ("training/encoder/", "embeddings/st_modules.py"),
    "lightgbm": (),
    "mlflow": ("training/registry.py",),
    "matplotlib": ("api/desk/charts.py",),
}
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "common.py", "manager.py", "misc.py"}


def sources() -> Iterator[Path]:
    for package in BELOW:
        yield from sorted((ROOT / package).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where an arrow goes"
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("package", BELOW)
def test_imports_go_down_only(package: str) -> None:
    allowed = BELOW[package] | {package}
    for path in sorted((ROOT / package).rglob("*.py")):
        upward = {name for name in imports(path) if name in BELOW and name not in allowed}
        assert not upward, f"{path.relative_to(ROOT)} imports {upward}; arrows go down only"


@pytest.mark.parametrize("vendor", VENDOR_HOME)
def test_a_vendor_is_named_in_its_own_room_only(vendor: str) -> None:
    rooms = (VENDOR_HOME[vendor], *ALSO.get(vendor, ()))
    named = [str(path.relative_to(ROOT)) for path in sources() if vendor in set(imports(path))]
    assert named, f"{vendor} is used nowhere: remove it from the dependencies"
    assert [name for name in named if not name.startswith(rooms)] == []


def test_every_package_is_listed_for_the_wheel() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    found = {
        ".".join(path.parent.relative_to(ROOT).parts) for package in BELOW for path in (ROOT / package).rglob("*.py")
    }
    assert listed == found


def test_only_declared_libraries_are_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {
        entry.split(">")[0].split("[")[0].strip().lower().replace("-", "_") for entry in project["dependencies"]
    }
    module_of = {"scikit_learn": "sklearn", "faiss_cpu": "faiss", "argon2_cffi": "argon2"}
    known = {module_of.get(name, name) for name in declared} | set(BELOW) | set(sys.stdlib_module_names)
    known |= {"pydantic_core", "starlette", "transformers", "anyio", "huggingface_hub"}  # come with what is declared
    foreign = {(str(path.relative_to(ROOT)), name) for path in sources() for name in imports(path) if name not in known}
    assert foreign == set()


def test_no_room_without_a_subject() -> None:
    assert [path for path in sources() if path.name in FORBIDDEN_NAMES] == []


def test_importing_a_package_does_nothing() -> None:
    """Packages' own __init__ files hold a docstring and re-exports, no work."""
    for package in BELOW:
        for path in (ROOT / package).rglob("__init__.py"):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                assert not isinstance(node, ast.Expr) or isinstance(node.value, ast.Constant), path


def names_imported(path: Path) -> Iterator[str]:
    """Whole dotted names: ``a.b`` for ``import a.b`` and for ``from a import b``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_aftercare_ranks_nobody() -> None:
    """That somebody needs help must never show them lower: only pages may read who does."""
    rooms = ("ranking.aftercare.", "ranking.in_care.")
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if any(f"{name}.".startswith(rooms) for name in names_imported(path))
    } - {"ranking/aftercare.py"}
    assert readers, "nobody reads it any more: change this test with it"
    assert [name for name in readers if not name.startswith("api/desk/")] == []
