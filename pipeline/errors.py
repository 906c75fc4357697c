"""The pipeline's errors: one root, and leaves that also inherit the built-in a caller would expect."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class PipelineError(Exception):
    """Root of everything the pipeline raises on purpose."""


class ImageError(PipelineError, ValueError):
    """An image cannot be used: damaged, wrong dimensions, empty, or not an MRI volume."""


class ImageMissing(PipelineError, FileNotFoundError):
    """An image, or the folder that should hold it, does not exist or cannot be opened."""


class GeometryError(PipelineError, ValueError):
    """Two images that must share a grid do not, or an affine is not invertible."""


class RecipeError(PipelineError, KeyError):
    """A preprocessing recipe, an architecture, a preset or a loss of that name does not exist."""

    def __str__(self) -> str:
        """Message without the quotes that KeyError adds."""
        return str(self.args[0]) if self.args else ""


class TrainingError(PipelineError, ValueError):
    """Training cannot start or go on with the data and settings given."""


class ModelError(PipelineError, RuntimeError):
    """A model's card or weights are absent, damaged or cannot be run here."""


class ParticipantsError(PipelineError, ValueError):
    """A table that says who is who in a set of scans cannot be read as one."""


class OutputError(PipelineError, OSError):
    """Results cannot be kept where they were asked for: no space, no permission, or someone else's results."""


class WorkerError(PipelineError, RuntimeError):
    """Processes that measure scans cannot start or keep dying before they begin."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say in one line what could not be written where the block fails for lack of room, permission or a folder.

    Raises
    ------
    OutputError : instead of any other OSError.
    """
    try:
        yield
    except PipelineError:
        raise
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(f"{path}: cannot be written ({reason}); check the folder and free space") from error


class RegistrationError(PipelineError, RuntimeError):
    """A template cannot be brought onto a scan, or lies there badly: no region may be reported from it."""


class AtlasError(PipelineError, ValueError):
    """An atlas is absent, incomplete or contradicts itself."""
