"""ZIP files from outside, opened with a guard.

What a directory says about its members is not believed, but counted.
"""

import io
import zipfile

from dunning.errors import InputRejected

MAX_MEMBERS = 200
MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 100
"""Unpacked bytes to a packed one; spreadsheets reach about 20."""
FREE_OF_RATIO = 1024 * 1024
"""Below this the ratio says nothing: an almost empty sheet packs well too."""

_CHUNK = 64 * 1024


def members(raw: bytes) -> dict[str, bytes]:
    """The files of an archive by name, without folders; `zip_bomb` or `not_readable` otherwise."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MAX_MEMBERS:
                raise _bomb(f"more than {MAX_MEMBERS} files")
            limit = min(MAX_UNPACKED, max(FREE_OF_RATIO, len(raw) * MAX_RATIO))
            found: dict[str, bytes] = {}
            for entry in entries:
                found[entry.filename] = _counted(archive, entry, limit - sum(map(len, found.values())))
            return found
    except InputRejected:
        raise
    except Exception as error:  # a foreign archive: a broken one fails in a dozen ways, all mean the same
        raise InputRejected(
            "not_readable", "The ZIP file is broken, cut off or encrypted.", "Fetch or export the file again."
        ) from error


def _counted(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    content = bytearray()
    with archive.open(entry) as packed:
        while chunk := packed.read(_CHUNK):
            content += chunk
            if len(content) > limit:
                raise _bomb("far more than it should")
    return bytes(content)


def _bomb(what: str) -> InputRejected:
    return InputRejected("zip_bomb", f"The ZIP file unpacks to {what}.", "Do not open it; ask the sender.")
