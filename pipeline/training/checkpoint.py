"""Keep the state of a training after each epoch, so that a kill at any moment costs one epoch at most.

Keras's own BackupAndRestore overwrites its file in place: killed while writing, it leaves a state that cannot be read,
and killed a moment later, weights that are an epoch ahead of its count.
"""

from collections.abc import Mapping
from pathlib import Path

import keras

from vocabulary.files import sweep, whole_file


def save_whole(model: keras.Model, path: Path) -> None:
    """Save weights, and the optimizer's state where there is one, under their name only once they are whole."""
    with whole_file(path, ending=".weights.h5") as unfinished:
        model.save_weights(unfinished)


def last_epoch(folder: Path) -> tuple[int, Path | None]:
    """Return how many epochs are done and the file that holds the state after them; (0, None) where none is.

    What a kill left half written is removed.
    """
    sweep(folder)
    states = sorted(folder.glob("epoch-*.weights.h5"))
    if not states:
        return 0, None
    return int(states[-1].name.split(".")[0].removeprefix("epoch-")), states[-1]


class Checkpoint(keras.callbacks.Callback):
    """Save the state after each epoch, then forget the one before.

    Parameters
    ----------
    folder : Path; holds one file, named after the number of epochs done
    """

    def __init__(self, folder: Path):
        super().__init__()
        self.folder = folder

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Save, and delete what is older."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"epoch-{epoch + 1:05d}.weights.h5"
        save_whole(self.model, path)
        for older in self.folder.glob("epoch-*.weights.h5"):
            if older != path:
                older.unlink()
