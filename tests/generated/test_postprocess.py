"""Post-processing: what is expected and not there ends the run, so no change goes unnoticed."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp

import pytest

from generator import postprocess
from generator.problems import GenerationError
from tests.rows import rows

FUNCTION = "kwargs = {}\n"
CLIENT = """\
@define
class Client:
    ratio: str = "a float is a float"  # float

@define
class AuthenticatedClient:
    token: str
"""
MODEL = """\
from decimal import Decimal
amount: float | list[float] = "float"  # a float
"""


def made_in(folder: Path) -> Path:
    """Return a fresh folder as openapi-python-client leaves it, small."""
    package = Path(mkdtemp(dir=folder))
    for name in ("api/things", "models"):
        (package / name).mkdir(parents=True)
    roots = '"""Api."""\n# >>> operations/__init__.py\nA = 1\n# >>> resources/__init__.py\nB = 2\n'
    (package / "api" / "__init__.py").write_text(roots)
    (package / "api" / "things" / "__init__.py").write_text(roots.replace("__init__", "things"))
    (package / "api" / "things" / "get_thing.py").write_text(FUNCTION)
    (package / "client.py").write_text(CLIENT)
    (package / "models" / "thing.py").write_text(MODEL)
    return package


def test_everything_finds_its_place(tmp_path: Path) -> None:
    """Marked parts move, one client is left, money is Decimal."""
    package = made_in(tmp_path)

    postprocess.run(package)

    assert (package / "operations" / "things.py").read_text() == "A = 1\n"
    assert (package / "resources" / "__init__.py").read_text() == "B = 2\n"
    assert (package / "api" / "__init__.py").read_text() == '"""Api."""\n'
    assert (package / "api" / "things" / "get_thing.py").read_text() == FUNCTION
    assert (package / "client.py").read_text() == CLIENT.split("\n@define\nclass Auth", maxsplit=1)[
        0
    ] + "\n"
    assert (package / "models" / "thing.py").read_text() == (
        'from decimal import Decimal\namount: Decimal | list[Decimal] = "float"  # a float\n'
    )
    assert (package / "py.typed").exists()


@rows(
    "name, old, new, message",
    [
        (
            "api/__init__.py",
            "# >>> operations",
            "# operations",
            "expected 4 parts to move",
        ),
        ("api/things/get_thing.py", "{}", "response.json()", "left over"),
        ("api/things/get_thing.py", "{}", "AuthenticatedClient()", "left over"),
        ("api/things/get_thing.py", "{}", "HTTPStatus(200)", "left over"),
        ("client.py", "class Authenticated", "class Other", "expected the classes Client and Auth"),
        ("models/thing.py", "from decimal import Decimal\n", "", "nothing imports Decimal"),
        ("models/thing.py", "a float", "<UntrustedString object>", "thing.py: UntrustedString"),
        ("models/thing.py", "a float", "<PythonCode object>", "thing.py: PythonCode"),
    ],
)
def test_what_is_not_as_expected_is_an_error(
    tmp_path: Path, name: str, old: str, new: str, message: str
) -> None:
    """The message names the file and what was looked for in it."""
    package = made_in(tmp_path)
    path = package / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))

    with pytest.raises(GenerationError) as caught:
        postprocess.run(package)

    assert message in str(caught.value)
