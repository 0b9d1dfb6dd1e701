"""The notebooks run from a clean kernel, say nothing that the data did not, and hold nothing that a run left behind."""

import ast
import hashlib
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from cli.workbench import make_synthetic_home
from core.settings import Settings

FOLDER = Path(__file__).parent.parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SECONDS, CROWDED = 60, 2.0
"""Of processor time, in which a notebook is done on a quiet machine, and how many times more a crowded one may take."""

# Warnings are errors, as everywhere in the tests, but for what MLflow says of itself.
STRICT = """
import warnings
warnings.simplefilter("error")
warnings.filterwarnings("ignore", module="mlflow")
"""
SPENT = "import time\nprint(time.process_time())"


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_of(path: Path) -> list[str]:
    return [cell.source for cell in read(path).cells if cell.cell_type == "code"]


def text_of(path: Path) -> list[str]:
    return [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]


def printed(cell: nbformat.NotebookNode) -> str:
    return "".join(output.text for output in cell.outputs if output.output_type == "stream" and output.name == "stdout")


def pictures(notebook: nbformat.NotebookNode) -> int:
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return sum(1 for output in outputs if {"image/png", "image/svg+xml"} & set(output.get("data", {})))


def content(home: Path) -> dict[str, str]:
    """What is in a home, SQLite's own lock files left out."""
    files = [path for path in sorted(home.rglob("*")) if path.is_file() and path.suffix not in {".db-shm", ".db-wal"}]
    return {str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One synthetic market for all notebooks, smaller than the one they make for themselves."""
    home = tmp_path_factory.mktemp("notebooks") / "home"
    home.mkdir()
    make_synthetic_home(Settings(home=home, threads=1), n_talents=400, n_vacancies=260)
    return home


@pytest.fixture
def kernel_environment(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a kernel that is started now finds: the shared home, one thread, no settings of whoever runs the tests."""
    for name in ("DATABASE_URL", "MLFLOW_TRACKING_URI", "KANSRIJK_ENCODER"):
        monkeypatch.delenv(name, raising=False)
    mine = {"KANSRIJK_HOME": home, "KANSRIJK_THREADS": 1, "OPENBLAS_NUM_THREADS": 1, "OMP_NUM_THREADS": 1}
    jupyter = {"JUPYTER_PREFER_ENV_PATH": 1, "JUPYTER_DATA_DIR": tmp_path, "IPYTHONDIR": tmp_path}
    for name, value in {**mine, **jupyter}.items():
        monkeypatch.setenv(name, str(value))
    return home


def test_there_are_five() -> None:
    assert [path.stem[:2] for path in NOTEBOOKS] == ["1_", "2_", "3_", "4_", "5_"]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets of the kernel's messages, closed when collected
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_from_a_clean_kernel(path: Path, kernel_environment: Path) -> None:
    before = content(kernel_environment)
    notebook = read(path)
    first, last = nbformat.v4.new_code_cell(STRICT), nbformat.v4.new_code_cell(SPENT)
    notebook.cells = [first, *notebook.cells, last]
    NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}
    ).execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert "SYNTHETIC" in printed(cells[1])
    assert printed(cells[-2]).startswith("Data: synthetic.")
    assert pictures(notebook) >= 4
    assert content(kernel_environment) == before, "a notebook works on a copy: the home must stay as it is"
    assert float(printed(cells[-1])) < SECONDS * CROWDED


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_committed_clean(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
    assert not re.search(r"""["'(\s](/|[A-Z]:\\|~/)\w""", "\n".join(cell.source for cell in notebook.cells))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_tells_a_story_and_leaves_figures_to_the_data(path: Path) -> None:
    texts = text_of(path)
    assert texts[0].startswith(f"# {path.stem[0]} · ")
    assert "**Aim.**" in texts[0]
    assert texts[-1].startswith("## Conclusions")
    last = read(path).cells[-1]
    assert last.cell_type == "code"
    assert "print(f" in last.source
    for text in texts[1:]:
        assert not re.search(r"\d+[.,]\d|\d\s?%|\d{2,}", text), f"a figure in words grows old: {text}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_defines_nothing(path: Path) -> None:
    """What a notebook needs stands in the packages, where it is tested."""
    for source in code_of(path):
        defined = [node for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        assert defined == []
        private = [
            alias.name
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
            if alias.name.startswith("_")
        ]
        assert private == []
