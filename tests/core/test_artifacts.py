"""Artifacts are finished or absent, verified on load, and survive a writer that is killed."""

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
from hashlib import sha256
from pathlib import Path

import orjson
import pytest

from core import artifacts
from core.artifacts import CURRENT, MANIFEST, load_artifact, load_manifest, write_artifact
from core.errors import ArtifactCorrupt, ArtifactMismatch, ArtifactMissing, Conflict

KIND = "index"


def write(root: Path, content: bytes, *, keep: int = 2, **metadata: str) -> str:
    with write_artifact(root, KIND, keep=keep) as writer:
        (writer.path / "sub").mkdir()
        (writer.path / "sub" / "a.bin").write_bytes(content)
        writer.metadata.update(metadata)
    return writer.content_version


def versions(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir() if path.is_dir())


def test_what_was_written_is_loaded(tmp_path: Path):
    version = write(tmp_path / "index", b"abc", note="first")
    artifact = load_artifact(tmp_path / "index", KIND)
    assert (artifact.path / "sub" / "a.bin").read_bytes() == b"abc"
    assert artifact.manifest.metadata == {"note": "first"}
    assert artifact.manifest.content_version == version
    entry = artifact.manifest.files["sub/a.bin"]
    assert (entry.sha256, entry.size) == (sha256(b"abc").hexdigest(), 3)


def test_content_version_follows_content_and_nothing_else(tmp_path: Path):
    here = write(tmp_path / "here", b"abc", note="first")
    assert write(tmp_path / "there", b"abc", note="second") == here
    assert write(tmp_path / "other", b"abd") != here


def test_equal_content_and_metadata_replace_nothing(tmp_path: Path):
    write(tmp_path, b"abc", note="same")
    before = load_artifact(tmp_path, KIND).manifest
    write(tmp_path, b"abc", note="same")
    assert load_artifact(tmp_path, KIND).manifest == before
    assert len(versions(tmp_path)) == 1


def test_other_metadata_make_another_version_of_equal_content(tmp_path: Path):
    write(tmp_path, b"abc", last_seq="1")
    write(tmp_path, b"abc", last_seq="2")
    assert load_artifact(tmp_path, KIND).manifest.metadata == {"last_seq": "2"}


def test_two_versions_are_kept_so_that_readers_are_not_cut_off(tmp_path: Path):
    write(tmp_path, b"1")
    opened = load_artifact(tmp_path, KIND).path
    write(tmp_path, b"2")
    assert (opened / "sub" / "a.bin").read_bytes() == b"1"
    write(tmp_path, b"3")
    assert not opened.exists()
    assert len(versions(tmp_path)) == 2


def test_keep_one_removes_all_older_content(tmp_path: Path):
    for content in (b"1", b"2"):
        write(tmp_path, content)
    write(tmp_path, b"3", keep=1)
    assert len(versions(tmp_path)) == 1
    assert (load_artifact(tmp_path, KIND).path / "sub" / "a.bin").read_bytes() == b"3"


def test_withdrawing_removes_every_version(tmp_path: Path):
    write(tmp_path, b"1")
    write(tmp_path, b"2")
    with write_artifact(tmp_path, KIND) as writer:
        writer.withdrawn = True
    assert versions(tmp_path) == []
    with pytest.raises(ArtifactMissing, match="kansrijk index"):
        load_artifact(tmp_path, KIND)
    with pytest.raises(ValueError, match="after the with block"):
        _ = writer.content_version


def test_a_writer_that_fails_leaves_the_version_in_force(tmp_path: Path):
    def write_half() -> None:
        with write_artifact(tmp_path, KIND) as writer:
            (writer.path / "half").write_bytes(b"bad")
            raise RuntimeError("disk")

    write(tmp_path, b"good")
    with pytest.raises(RuntimeError, match="disk"):
        write_half()
    assert (load_artifact(tmp_path, KIND).path / "sub" / "a.bin").read_bytes() == b"good"
    assert len(versions(tmp_path)) == 1


def test_absent_is_missing_and_says_what_to_do(tmp_path: Path):
    with pytest.raises(ArtifactMissing, match="kansrijk index"):
        load_artifact(tmp_path / "nowhere", KIND)
    with pytest.raises(ArtifactMissing, match="kansrijk train"):
        load_artifact(tmp_path / "nowhere", "model")


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: (path / "sub" / "a.bin").write_bytes(b"abd"),
        lambda path: (path / "sub" / "a.bin").write_bytes(b"abcd"),
        lambda path: (path / "sub" / "a.bin").unlink(),
        lambda path: (path / "extra.bin").write_bytes(b""),
        lambda path: (path / MANIFEST).write_bytes(b"{"),
        lambda path: (path / MANIFEST).write_bytes(b"[]"),
    ],
    ids=["other bytes", "longer", "file gone", "file too many", "half a manifest", "another manifest"],
)
def test_damage_is_corrupt(tmp_path: Path, damage):
    write(tmp_path, b"abc")
    damage(load_artifact(tmp_path, KIND).path)
    with pytest.raises(ArtifactCorrupt, match="kansrijk index"):
        load_artifact(tmp_path, KIND)


def test_a_manifest_with_a_forged_content_version_is_corrupt(tmp_path: Path):
    write(tmp_path, b"abc")
    path = load_artifact(tmp_path, KIND).path / MANIFEST
    path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | {"content_version": "0" * 64}))
    with pytest.raises(ArtifactCorrupt, match="was changed"):
        load_artifact(tmp_path, KIND)


def test_a_manifest_cannot_name_files_outside(tmp_path: Path):
    write(tmp_path, b"abc")
    (tmp_path / "secret").write_bytes(b"abc")
    path = load_artifact(tmp_path, KIND).path
    manifest = orjson.loads((path / MANIFEST).read_bytes())
    manifest["files"]["../secret"] = manifest["files"]["sub/a.bin"]
    (path / MANIFEST).write_bytes(orjson.dumps(manifest))
    with pytest.raises(ArtifactCorrupt):
        load_artifact(tmp_path, KIND)


def test_another_kind_or_format_is_a_mismatch(tmp_path: Path):
    write(tmp_path, b"abc")
    with pytest.raises(ArtifactMismatch, match="not encoder"):
        load_artifact(tmp_path, "encoder")
    with pytest.raises(ArtifactMismatch, match="format 2"):
        load_artifact(tmp_path, KIND, format_version=2)


@pytest.mark.parametrize("pointer", ["../elsewhere/{}", "000009-0123456789ab", ""])
def test_a_pointer_to_nothing_or_outside_is_missing(tmp_path: Path, pointer: str):
    write(tmp_path / "index", b"abc")
    write(tmp_path / "elsewhere", b"abc")
    (tmp_path / "index" / CURRENT).write_text(pointer.format(versions(tmp_path / "elsewhere")[0]))
    with pytest.raises(ArtifactMissing):
        load_artifact(tmp_path / "index", KIND)


def test_a_reader_that_is_overtaken_by_two_writers_reads_what_is_in_force(tmp_path: Path, monkeypatch):
    write(tmp_path, b"1")
    checksum = artifacts._sha256

    def overtaken(file: Path) -> str:
        monkeypatch.setattr(artifacts, "_sha256", checksum)
        write(tmp_path, b"2")
        write(tmp_path, b"3")
        return checksum(file)

    monkeypatch.setattr(artifacts, "_sha256", overtaken)
    assert (load_artifact(tmp_path, KIND).path / "sub" / "a.bin").read_bytes() == b"3"


def test_a_corrupt_version_in_force_is_replaced(tmp_path: Path):
    write(tmp_path, b"abc")
    (load_artifact(tmp_path, KIND).path / "sub" / "a.bin").write_bytes(b"bad")
    write(tmp_path, b"abc")
    assert (load_artifact(tmp_path, KIND).path / "sub" / "a.bin").read_bytes() == b"abc"


def test_a_second_writer_waits_and_then_says_so(tmp_path: Path):
    with (
        write_artifact(tmp_path, KIND),
        pytest.raises(Conflict, match="try again"),
        write_artifact(tmp_path, KIND, lock_timeout_s=0.0),
    ):
        pytest.fail("two writers at once")


def _write_many(root: Path, name: str) -> None:
    for number in range(10):
        write(root, f"{name} {number}".encode())


def test_readers_always_find_a_whole_version_while_others_write(tmp_path: Path):
    write(tmp_path, b"start")
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(tmp_path, name)) for name in "ab"]
    for process in writers:
        process.start()
    reads = 0
    while any(process.is_alive() for process in writers):
        load_artifact(tmp_path, KIND)
        reads += 1
    for process in writers:
        process.join()
        assert process.exitcode == 0
    assert reads > 0
    assert load_artifact(tmp_path, KIND).path.name.startswith("000021-")


# Stops itself, so that the parent can kill it at a known moment: before or after each step of publishing.
KILLED = """
import os, signal, sys, time
from pathlib import Path
import core.artifacts as artifacts

root, moment = Path(sys.argv[1]), sys.argv[2]

def stop_at(name):
    inner = getattr(artifacts, name)
    def stopping(*args, **kwargs):
        if name == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        return inner(*args, **kwargs)
    setattr(artifacts, name, stopping)

for name in ("_sync_tree", "_point", "_prune"):
    stop_at(name)
with artifacts.write_artifact(root, "index") as writer:
    (writer.path / "sub").mkdir()
    (writer.path / "sub" / "a.bin").write_bytes(b"new")
    if moment == "inside":
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(
    ("moment", "in_force"),
    [("inside", b"old"), ("_sync_tree", b"old"), ("_point", b"old"), ("_prune", b"new"), ("never", b"new")],
)
def test_a_killed_writer_leaves_old_or_new_and_the_next_clears_up(tmp_path: Path, moment: str, in_force: bytes):
    write(tmp_path, b"older")
    write(tmp_path, b"old")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path), moment], check=False, cwd=Path.cwd()
    )
    assert done.returncode == (0 if moment == "never" else -signal.SIGKILL)
    opened = load_artifact(tmp_path, KIND).path
    assert (opened / "sub" / "a.bin").read_bytes() == in_force
    write(tmp_path, b"newer")
    assert opened.exists(), "a running reader was cut off"
    write(tmp_path, b"new")
    assert (load_artifact(tmp_path, KIND).path / "sub" / "a.bin").read_bytes() == b"new"
    assert len(versions(tmp_path)) == 2
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*versions(tmp_path), CURRENT, ".lock"}


def test_a_killed_writer_does_not_hold_the_lock(tmp_path: Path):
    code = "import sys, time\nfrom pathlib import Path\nfrom core.artifacts import write_artifact\n"
    code += "with write_artifact(Path(sys.argv[1]), 'index'):\n    print('in', flush=True)\n    time.sleep(60)\n"
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path.cwd()) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"in\n"
        with pytest.raises(Conflict), write_artifact(tmp_path, KIND, lock_timeout_s=0.2):
            pytest.fail("two writers at once")
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
    started = time.monotonic()
    write(tmp_path, b"abc")
    assert time.monotonic() - started < 5
    assert load_manifest(load_artifact(tmp_path, KIND).path, KIND).files.keys() == {"sub/a.bin"}
