"""Imports that nothing serves are findings with their place; what is guarded, unreached or served is not."""

import ast

import pytest

from interlock.compiler.archive import Bundle
from interlock.compiler.imports import check_imports, imports_of
from interlock.contract.core.finding import Severity
from interlock.contract.manifest import StepSection

NUMPY = {"vendor/numpy/__init__.py": ""}
STEPS = {"one": StepSection(handler="app.steps:one")}


def findings(code: str, others: dict[str, str] | None = None) -> list[tuple[str, str, Severity]]:
    files = {"app/__init__.py": "", "app/steps.py": code} | (others or {})
    bundle = Bundle(files={path: text.encode() for path, text in files.items()}, digest="0" * 64, size=1)
    own = {path: text for path, text in files.items() if path.endswith(".py") and not path.startswith("vendor/")}
    imports = {path: imports_of(ast.parse(text)) for path, text in own.items()}
    return [(row.where, row.what, row.severity) for row in check_imports(bundle, STEPS, imports)]


@pytest.mark.parametrize(
    "code",
    [
        "import json, os.path\nfrom collections import abc\n",
        "from interlock import step\nimport pydantic\nimport boto3\nfrom dateutil import parser\n",
        "import app\nfrom app import steps\nfrom . import steps\nfrom .steps import one\n",
        "try:\n    import numpy\nexcept ImportError:\n    numpy = None\n",
        "try:\n    import numpy\nexcept (ValueError, ModuleNotFoundError):\n    numpy = None\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import numpy\n",
        "import typing\nif typing.TYPE_CHECKING:\n    import numpy\n",
    ],
)
def test_an_import_that_is_served_or_guarded_is_no_finding(code: str) -> None:
    assert findings(code) == []


def test_an_import_that_nothing_serves_is_an_error_at_its_line() -> None:
    where, what, severity = findings("import json\nimport requests.sessions as s\n")[0]
    assert (where, severity) == ("app/steps.py:2", Severity.ERROR)
    assert "'requests'" in what


@pytest.mark.parametrize(
    "code",
    [
        "def one():\n    import numpy\n",
        "import sys\nif sys.platform == 'win32':\n    import numpy\n",
        "match 1:\n    case 1:\n        import numpy\n",
        "try:\n    pass\nexcept ImportError:\n    pass\nelse:\n    import numpy\n",
    ],
)
def test_an_import_that_may_never_run_is_a_warning(code: str) -> None:
    assert [severity for _, _, severity in findings(code)] == [Severity.WARNING]


def test_only_modules_that_a_handler_reaches_are_looked_at() -> None:
    reached = findings(
        "from app.more import work\n", {"app/more.py": "import numpy\n", "tool.py": "import matplotlib\n"}
    )
    assert [where for where, _, _ in reached] == ["app/more.py:1"]
    assert findings("from . import more\n", {"app/more.py": "import numpy\n"})[0][0] == "app/more.py:1"


def test_a_relative_import_of_nothing_is_named_by_its_module() -> None:
    where, what, _ = findings("from .missing import thing\n")[0]
    assert (where, "'app.missing'" in what) == ("app/steps.py:1", True)


def test_a_vendored_library_serves_its_name() -> None:
    assert findings("import numpy\nimport fast\n", NUMPY | {"vendor/fast.cpython-313.so": ""}) == []
    assert [row[0] for row in findings("import scipy\n", NUMPY)] == ["app/steps.py:1"]


def test_a_folder_that_is_not_packed_yet_is_believed() -> None:
    assert findings("import numpy\n", {"requirements.txt": "numpy"}) == []
    assert findings("import scipy\n", NUMPY | {"requirements.txt": "numpy"}) != []


def test_modules_in_a_circle_end() -> None:
    assert findings("from app import other\n", {"app/other.py": "from app import steps\n"}) == []
