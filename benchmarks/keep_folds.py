"""`python -m benchmarks.keep_folds TRAININGS OUT`: the trainings of a model card, small enough to be kept beside it.

Each is rounded to float16, as models ship. `benchmarks/folds` holds those that were kept; with them the card's figures
on patients whom no network saw can be repeated: `mscohort evaluate DATA --model benchmarks/folds/quick --nested`.
"""

import argparse
from pathlib import Path

from pipeline.training.weights import keep_small, read_trainings


def main() -> None:
    """Write every finished training anew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trainings", type=Path, metavar="TRAININGS", help="folder that mscohort train wrote")
    parser.add_argument("out", type=Path, metavar="OUT", help="new folder")
    args = parser.parse_args()
    for training in read_trainings(args.trainings):
        keep_small(training, args.out / training.folder.name)


if __name__ == "__main__":
    main()
