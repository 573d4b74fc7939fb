"""The inbox folder: what lies in it, and where it goes once it was taken in."""

from collections.abc import Sequence
from pathlib import Path

from dunning.errors import RunRefused
from tasks.intake.taking import Taken

TAKEN, PARKED = "taken", "parked"


def files_in(folder: Path) -> list[Path]:
    """The files of a folder by name, without its subfolders and hidden files; RunRefused where it is none."""
    if not folder.exists():
        return []
    if not folder.is_dir():
        raise RunRefused("no_folder", f"{folder.name} is no folder", "name a folder, or give the file as a file")
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def put_away(inbox: Path, offered: Sequence[Path], taken: Sequence[Taken]) -> None:
    """Move the inbox's files on; files from elsewhere stay where they are."""
    for path, result in zip(dict.fromkeys(offered), taken, strict=True):
        if path.parent != inbox or not path.is_file():
            continue
        target = inbox / (PARKED if result.status in ("parked", "refused") else TAKEN)
        target.mkdir(exist_ok=True)
        path.rename(_free(target / path.name))


def _free(path: Path) -> Path:
    """The path, or one with a number where a file of this name lies there already."""
    number, free = 1, path
    while free.exists():
        number, free = number + 1, path.with_stem(f"{path.stem}-{number + 1}")
    return free
