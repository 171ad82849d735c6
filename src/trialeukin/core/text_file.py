"""Text files as they are read everywhere: UTF-8, with or without a byte order mark."""

from pathlib import Path

from trialeukin.core.errors import InputError


def read_text(path: Path, *, kind: str, wanted: str, error: type[InputError] = InputError) -> tuple[str, bytes]:
    """Return the text of a file and its bytes.

    Parameters
    ----------
    path : Path
        Where it is.
    kind, wanted : str
        What messages call such files, and the one to give, such as ``TOML file`` and ``a study's TOML file``.
    error : type of InputError
        What is raised.

    Raises
    ------
    InputError
        When there is no such file, it cannot be read, or it is not UTF-8.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise error(f"{path}: there is no such file: give the path of {wanted}") from None
    except OSError as fault:
        raise error(f"{path}: the file cannot be read ({fault.strerror}): give a readable {kind}") from None
    try:
        return data.decode("utf-8-sig"), data
    except UnicodeDecodeError as fault:
        line, byte = data[: fault.start].count(b"\n") + 1, data[fault.start]
        raise error(f"{path}, line {line}: byte 0x{byte:02x} is not UTF-8: save the file as UTF-8") from None
