"""Artifacts: directories with a manifest, finished or absent, verified on load.

Layout of an artifact's root::

    root/
        current                  name of the version in force, replaced in one step
        .lock                    held while someone writes
        .writing-…/              an unfinished version; the next writer clears it away
        000007-3f9a…/            a finished version: number, then the head of its content version
            manifest.json        kind, format, creation time, content version, files with SHA-256 and size
            …                    the files

A reader is not cut off: the version before the current one stays until yet another is written.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from core.errors import ArtifactCorrupt, ArtifactMismatch, ArtifactMissing, Conflict

MANIFEST = "manifest.json"
CURRENT = "current"
KEEP_VERSIONS = 2
"""Versions that stay: the current one, and the one that a running reader may still be opening."""
LOCK_TIMEOUT_S = 600.0
_LOCK_POLL_S = 0.1
_MAX_MANIFEST_BYTES = 1_000_000
_WRITING = ".writing-"
_VERSION = re.compile(r"^(\d{6,})-[0-9a-f]{12}$")


class FileEntry(BaseModel):
    """One file of an artifact."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=0)]


class Manifest(BaseModel):
    """What an artifact is.

    Attributes:
        kind: what reads it, such as ``index``.
        format_version: layout of its files; a reader refuses another one.
        created_at: when it was finished.
        content_version: fingerprint of kind, format and files; equal content, equal version, at any time.
        files: path relative to the artifact, with ``/``, to checksum and size in bytes.
        metadata: what else the writer tells; no part of the content version.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    format_version: int
    created_at: AwareDatetime
    content_version: str
    files: dict[str, FileEntry]
    metadata: dict[str, JsonValue] = {}


@dataclass(frozen=True, slots=True)
class Artifact:
    """A finished, verified version of an artifact."""

    path: Path
    manifest: Manifest


@dataclass(slots=True)
class ArtifactWriter:
    """A version that is being written.

    Attributes:
        path: directory to write files into; it vanishes when the writer fails.
        metadata: told in the manifest; fill it before the ``with`` block ends.
        withdrawn: set it to publish nothing and remove all versions: erasure where nothing can be rewritten.
        manifest: of the version in force, known after the ``with`` block; ``None`` when withdrawn.
    """

    path: Path
    metadata: dict[str, JsonValue] = field(default_factory=dict)
    withdrawn: bool = False
    manifest: Manifest | None = None

    @property
    def content_version(self) -> str:
        """Of the version in force.

        Raises:
            ValueError: the ``with`` block has not ended, or the artifact was withdrawn.
        """
        if self.manifest is None:
            raise ValueError("no version is in force yet; ask after the with block")
        return self.manifest.content_version


@contextlib.contextmanager
def write_artifact(
    root: Path,
    kind: str,
    *,
    format_version: int = 1,
    keep: int = KEEP_VERSIONS,
    lock_timeout_s: float = LOCK_TIMEOUT_S,
) -> Iterator[ArtifactWriter]:
    """Writes a new version: files are written beside, then the version appears in one step.

    There is one writer at a time: what is read inside the block to make the artifact cannot be overtaken by
    another. When an exception leaves the block, or the process is killed, the version in force stays as it
    is. When content and metadata equal the version in force, nothing is replaced.

    Args:
        root: directory of this artifact alone; made when absent.
        kind: what it is.
        format_version: layout of its files.
        keep: versions that stay, the new one included; 1 when the older content must be gone (erasure).
        lock_timeout_s: seconds to wait for another writer.

    Raises:
        Conflict: another process kept writing for ``lock_timeout_s``.
    """
    if keep < 1:
        raise ValueError("keep at least one version")
    root.mkdir(parents=True, exist_ok=True)
    with _locked(root, lock_timeout_s):
        _clear_unfinished(root)
        writer = ArtifactWriter(Path(tempfile.mkdtemp(prefix=_WRITING, dir=root)))
        try:
            yield writer
            if writer.withdrawn:
                (root / CURRENT).unlink(missing_ok=True)
            else:
                writer.manifest = _finish(root, writer, kind, format_version)
        finally:
            shutil.rmtree(writer.path, ignore_errors=True)
        _prune(root, 0 if writer.withdrawn else keep - 1)


def load_artifact(root: Path, kind: str, *, format_version: int = 1) -> Artifact:
    """Finds the version in force below ``root`` and verifies it.

    Raises:
        ArtifactMissing: nothing was ever finished there.
        ArtifactCorrupt: a file does not have its recorded checksum.
        ArtifactMismatch: it is of another kind or format.
    """
    name = _current_name(root)
    if name is None:
        raise ArtifactMissing(f"there is no {kind} in {root}; {_remedy(kind)}")
    try:
        manifest = load_manifest(root / name, kind, format_version=format_version)
    except (ArtifactMissing, ArtifactCorrupt):
        if _current_name(root) == name:
            raise
        # Two versions were written while this one was read, and it was cleared away.
        return load_artifact(root, kind, format_version=format_version)
    return Artifact(root / name, manifest)


def load_manifest(path: Path, kind: str, *, format_version: int = 1) -> Manifest:
    """Reads one version's manifest and verifies every file against it.

    Args:
        path: directory that holds ``manifest.json``.
        kind: what it must be.
        format_version: the layout that the caller reads.

    Raises:
        ArtifactMissing: there is no manifest.
        ArtifactCorrupt: the manifest or a file is damaged, missing or too much.
        ArtifactMismatch: it is of another kind or format.
    """
    manifest = _read_manifest(path, kind)
    if (manifest.kind, manifest.format_version) != (kind, format_version):
        found = f"{manifest.kind} of format {manifest.format_version}"
        raise ArtifactMismatch(f"{path} is {found}, not {kind} of format {format_version}; {_remedy(kind)}")
    try:
        present = _relative_files(path)
    except FileNotFoundError:  # cleared away while it was listed
        present = []
    if present != sorted(manifest.files):
        raise ArtifactCorrupt(f"{path} lacks files or has too many; {_remedy(kind)}")
    for name, entry in manifest.files.items():
        if not _is_intact(path / name, entry):
            raise ArtifactCorrupt(f"{name} in {path} does not have its recorded checksum; {_remedy(kind)}")
    if manifest.content_version != _content_version(kind, format_version, manifest.files):
        raise ArtifactCorrupt(f"the manifest in {path} was changed; {_remedy(kind)}")
    return manifest


def _is_intact(file: Path, entry: FileEntry) -> bool:
    try:
        return file.stat().st_size == entry.size and _sha256(file) == entry.sha256
    except FileNotFoundError:
        return False


def _remedy(kind: str) -> str:
    """What to do next: each kind is written by one command, and encoder and index by the same."""
    return f"make the {kind} again ({'kansrijk train' if kind == 'model' else 'kansrijk index'})"


def _finish(root: Path, writer: ArtifactWriter, kind: str, format_version: int) -> Manifest:
    files = {
        name: FileEntry(sha256=_sha256(writer.path / name), size=(writer.path / name).stat().st_size)
        for name in _relative_files(writer.path)
    }
    manifest = Manifest(
        kind=kind,
        format_version=format_version,
        created_at=datetime.now(UTC),
        content_version=_content_version(kind, format_version, files),
        files=files,
        metadata=writer.metadata,
    )
    standing = _standing(root, kind, format_version)
    if standing and (standing.content_version, standing.metadata) == (
        manifest.content_version,
        manifest.metadata,
    ):
        return standing
    (writer.path / MANIFEST).write_bytes(orjson.dumps(manifest.model_dump(mode="json"), option=orjson.OPT_INDENT_2))
    _sync_tree(writer.path)
    number = max(_numbers(root), default=0) + 1
    name = f"{number:06d}-{manifest.content_version[:12]}"
    writer.path.chmod(0o755)  # mkdtemp made it private
    writer.path.rename(root / name)
    _point(root, name)
    return manifest


def _standing(root: Path, kind: str, format_version: int) -> Manifest | None:
    """The version in force, if there is one that can be used."""
    try:
        return load_artifact(root, kind, format_version=format_version).manifest
    except (ArtifactMissing, ArtifactCorrupt, ArtifactMismatch):
        return None  # the new version takes its place


def _point(root: Path, name: str) -> None:
    """Moves ``current`` in one step, durably."""
    handle, temporary = tempfile.mkstemp(prefix=_WRITING, dir=root)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(name)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(root / CURRENT)
    _sync(root)


def _current_name(root: Path) -> str | None:
    try:
        name = (root / CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    # Whether it is there is seen when it is opened: a look now could fall between two writers.
    return name if _VERSION.match(name) else None


def _prune(root: Path, n_others: int) -> None:
    """Removes versions but the current one and the ``n_others`` newest besides."""
    current = _current_name(root)
    others = [path for path in root.iterdir() if _VERSION.match(path.name) and path.name != current]
    others.sort(key=lambda path: int(path.name.partition("-")[0]), reverse=True)
    for path in others[n_others:]:
        shutil.rmtree(path)  # a failure must be heard: an erased person may be in there


def _clear_unfinished(root: Path) -> None:
    """Removes what killed writers left, also versions never pointed at; the lock says no writer lives."""
    name = _current_name(root)
    current = int(name.partition("-")[0]) if name else 0
    for path in root.iterdir():
        if (match := _VERSION.match(path.name)) and int(match[1]) > current:
            shutil.rmtree(path)
    for path in root.glob(f"{_WRITING}*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _numbers(root: Path) -> list[int]:
    return [int(match[1]) for path in root.iterdir() if (match := _VERSION.match(path.name))]


@contextlib.contextmanager
def _locked(root: Path, timeout_s: float) -> Iterator[None]:
    """Holds the writer's lock; the system lets go of it when the process dies."""
    deadline = time.monotonic() + timeout_s
    with (root / ".lock").open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise Conflict(f"another process is writing {root}; try again when it is done") from None
                time.sleep(_LOCK_POLL_S)
        yield


def _read_manifest(path: Path, kind: str) -> Manifest:
    try:
        with (path / MANIFEST).open("rb") as file:
            return Manifest.model_validate_json(file.read(_MAX_MANIFEST_BYTES))
    except FileNotFoundError:
        raise ArtifactMissing(f"there is no {kind} in {path}; {_remedy(kind)}") from None
    except ValidationError:
        raise ArtifactCorrupt(f"the manifest in {path} cannot be read; {_remedy(kind)}") from None


def _relative_files(path: Path) -> list[str]:
    found = (file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file())
    return sorted(name for name in found if name != MANIFEST)


def _content_version(kind: str, format_version: int, files: dict[str, FileEntry]) -> str:
    parts = [kind, format_version, sorted((name, entry.sha256) for name, entry in files.items())]
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_tree(path: Path) -> None:
    for inner in path.rglob("*"):
        _sync(inner)
    _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
