"""Kept kernels: good as long as nothing they are made of changes, and wherever the process may write or read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import dedupe.kernels
from dedupe.kernels.lib import cache

pytestmark = pytest.mark.slow  # a dozen processes that load numba

NAMES = ("constants", "kernels.helpers", "kernels.one", "unrelated")
SOURCES = {
    "constants": "FACTOR = 2\n",
    "unrelated": "FACTOR = 2\n",
    "kernels.helpers": """
import numba as nb
from dedupe import constants
FACTOR = constants.FACTOR
@nb.njit(inline="always")
def double(number):
    return number * FACTOR + 0
""",
    "kernels.one": """
import numba as nb
from dedupe.kernels.lib.cache import kernel
from dedupe.kernels.helpers import double
@kernel(nb.int64(nb.int64))
def work(number):
    return double(number) + 1
""",
}
# A process that may do what file modes allow: root may do more.
PLAIN = ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.getuid() == 0 else ()
RUN = "from dedupe.kernels.one import work; print(work(20), len(work.stats.cache_hits), work.stats.cache_path)"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a process found."""

    result: int
    kept: bool
    folder: Path | None
    said: str


class Installation:
    """A package with one kernel and the real cache; its places are inside *root*, and it is run by processes."""

    def __init__(self, root: Path, zygote: subprocess.Popen[str]) -> None:
        self.root, self.package, self.zygote = root, root / "site" / "dedupe", zygote
        self.beside, self.home = self.package / "kernels" / "__pycache__", root / "home"
        self.temporary, self.named = root / "tmp", root / "named"
        for folder in (self.package / "kernels" / "lib", self.temporary):
            folder.mkdir(parents=True)
        for name in (
            "__init__.py",
            *(f"kernels/{one}.py" for one in ("__init__", "lib/__init__", "lib/cache", "lib/compile")),
        ):
            shutil.copy(Path(dedupe.kernels.__file__).parents[1] / name, self.package / name)
        for name in NAMES:
            self.file(name).write_text(SOURCES[name])

    def file(self, name: str) -> Path:
        return self.package / f"{name.replace('.', '/')}.py"

    def edit(self, name: str, old: str, new: str) -> None:
        text = self.file(name).read_text()
        assert old in text
        self.file(name).write_text(text.replace(old, new))

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
        own = {"PYTHONPATH": str(self.package.parent), "XDG_CACHE_HOME": str(self.home), "TMPDIR": str(self.temporary)}
        return kept | own | variables

    def start(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """A process of its own."""
        return subprocess.run(
            [*PLAIN, sys.executable, "-B", *command], env=self.environment(variables), cwd=self.root,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def fork(self, code: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """The same of a process that has loaded numba."""
        out, err = self.root / "stdout", self.root / "stderr"
        places = {"path": str(self.package.parent), "cwd": str(self.root), "out": str(out), "err": str(err)}
        wish = {"code": code, "env": self.environment(variables)} | places
        assert self.zygote.stdin is not None
        assert self.zygote.stdout is not None
        print(json.dumps(wish), file=self.zygote.stdin, flush=True)
        status = int(self.zygote.stdout.readline())
        return subprocess.CompletedProcess([], status, out.read_text(), err.read_text())

    def run(self, *before: str, fresh: bool = False, **variables: str) -> Ran:
        """Call the kernel in another process; numba is loaded anew if *fresh*."""
        code = "; ".join((*before, RUN))
        done = self.start("-c", code, **variables) if fresh else self.fork(code, **variables)
        assert done.returncode == 0, done.stderr
        result, hits, folder = done.stdout.split()
        return Ran(int(result), hits == "1", None if folder == "None" else Path(folder), done.stderr)


@pytest.fixture(scope="module")
def zygote():
    script = Path(__file__).with_name("zygote.py")
    command = [*PLAIN, sys.executable, "-B", str(script)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.stdin.close()


@pytest.fixture
def installation(tmp_path: Path, zygote: subprocess.Popen[str]):
    if os.getuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("root can write everywhere, and setpriv is not there to take that away")
    yield Installation(tmp_path, zygote)
    subprocess.run(["chmod", "-R", "u+w", str(tmp_path)], check=True)  # so that pytest can remove it


def shut(*folders: Path) -> None:
    """Nothing can be made in *folders* any more."""
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o555)


@pytest.mark.parametrize(
    "name, old, new, result",
    [
        pytest.param("kernels.one", "+ 1", "+ 2", 42, id="the-kernel"),
        pytest.param("kernels.helpers", "+ 0", "+ 5", 46, id="a-helper-of-another-file"),
        pytest.param("constants", "2", "3", 61, id="a-constant-behind-the-helper"),
        pytest.param("unrelated", "2", "3", None, id="nothing-it-imports"),
    ],
)
def test_what_a_kernel_is_made_of(
    installation: Installation, name: str, old: str, new: str, result: int | None
) -> None:
    """A change of any file that a kernel imports, directly or not, compiles it anew; it replaces what was kept."""
    first, again = installation.run(), installation.run()
    assert (first.result, first.kept, again.result, again.kept) == (41, False, 41, True)
    installation.edit(name, old, new)
    changed = installation.run()
    assert (changed.result, changed.kept) == (result or 41, result is None)
    assert installation.run().kept
    assert len(list(changed.folder.iterdir())) == 2  # type: ignore[union-attr]


def test_places(installation: Installation) -> None:
    """The user's word, beside the sources, the user's cache; else a private temporary folder, and it says so."""
    named = {"NUMBA_CACHE_DIR": str(installation.named)}
    assert installation.run(**named).folder.parent == installation.named  # type: ignore[union-attr]
    beside = installation.run(fresh=True)
    assert beside.folder.parent == installation.beside  # type: ignore[union-attr]
    assert beside.said == ""
    shutil.rmtree(beside.folder)  # type: ignore[arg-type]
    shut(installation.beside)
    home = installation.run()
    assert (home.folder.parent, home.said) == (installation.home, "")  # type: ignore[union-attr]
    shutil.rmtree(installation.home)
    shutil.rmtree(installation.named)
    shut(installation.home, installation.named)
    for kept in (False, True):
        temporary = installation.run(**named)
        assert (temporary.result, temporary.kept) == (41, kept)
        assert temporary.folder.parent == installation.temporary  # type: ignore[union-attr]
        assert temporary.folder.stat().st_mode & 0o777 == 0o700  # type: ignore[union-attr]
        assert "may not last. Set NUMBA_CACHE_DIR" in temporary.said


def test_equal_sources_share_what_the_user_names(installation: Installation) -> None:
    """Each job of a cluster unpacks an installation of its own, or imports it out of an archive."""
    named = {"NUMBA_CACHE_DIR": str(installation.named)}
    first = installation.run(**named)
    archive = shutil.make_archive(str(installation.root / "job"), "zip", installation.package.parent)
    in_archive = installation.start("-c", RUN, **named | {"PYTHONPATH": archive})
    assert in_archive.stdout.split() == ["41", "1", str(first.folder)], in_archive.stderr
    installation.edit("constants", "2", "3")
    other = installation.run(**named)
    assert (other.result, other.kept) == (61, False)
    assert other.folder != first.folder


def test_nowhere(installation: Installation) -> None:
    """Kept kernels are run: what a stranger may have put into a temporary folder is not. Nothing is kept then, nor
    where there is no such folder.
    """
    shut(installation.beside, installation.home)
    folder = installation.run().folder
    assert folder is not None
    folder.chmod(0o777)
    for without in ((), ("import tempfile; tempfile._candidate_tempdir_list = list",)):
        found = installation.run(*without)
        assert (found.result, found.kept, found.folder) == (41, False, None)
        assert "compiled code is not kept" in found.said
        assert "Set NUMBA_CACHE_DIR" in found.said


def test_kept_kernels_that_can_only_be_read(installation: Installation) -> None:
    """As in a read-only container: they are used; for another processor, or changed, it compiles and says so."""
    folder = installation.run().folder
    assert folder is not None
    shut(folder, installation.beside, installation.home)
    found = installation.run()
    assert (found.kept, found.folder, found.said) == (True, folder, "")
    foreign = installation.run(fresh=True, NUMBA_CPU_NAME="generic")
    assert (foreign.result, foreign.kept) == (41, False)
    assert "may not last" in foreign.said
    installation.edit("kernels.one", "+ 1", "+ 2")
    changed = installation.run()
    assert (changed.result, changed.kept) == (42, False)
    assert f"cannot be kept in {folder} (Permission denied)" in changed.said


def test_compile_ahead(installation: Installation) -> None:
    """The command keeps all kernels for whoever comes later; it fails where it cannot."""
    done = installation.start("-m", "dedupe.kernels.lib.compile")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("0 kernels were kept before, 1 compiled now")
    assert str(installation.beside) in done.stdout
    assert installation.run().kept
    shut(installation.beside, installation.home)
    done = installation.start("-m", "dedupe.kernels.lib.compile", NUMBA_CPU_NAME="generic")
    assert done.returncode == 1
    assert "error: later processes may not find them. Set NUMBA_CACHE_DIR" in done.stderr


def test_without_compiler(installation: Installation) -> None:
    """Kernels are plain functions where numba is told so."""
    done = installation.start("-c", "from dedupe.kernels.one import work; print(work(20))", NUMBA_DISABLE_JIT="1")
    assert (done.stdout, done.stderr) == ("41\n", "")


def test_real_kernels_share_the_folder() -> None:
    """No kernel is kept in numba's own way, by its file alone."""
    from dedupe.kernels.lib.compile import compile_all

    count, _ = compile_all()
    assert count > 20
    assert {one.stats.cache_path for one in cache.KERNELS} == {str(cache.find_folder())}
    kernels = Path(dedupe.kernels.__file__).parent
    assert [path.name for path in kernels.rglob("*.py") if "cache=True," in path.read_text()] == []
