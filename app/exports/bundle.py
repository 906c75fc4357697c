"""A bundle: data, answers, slides, methods, versions in one ZIP file that makes its own answers again and compares."""

import hashlib
import io
import json
import shlex
import zipfile
from collections.abc import Mapping, Sequence
from importlib.metadata import distributions
from typing import Any

IGNORED = ("store_version", "out")
"""Keys of an answer that say where it was computed, not what."""

_README = """{title}

{source}
{version}
{warnings}

data/         the dataset, whole, with a data dictionary; `mscohort import data` reads it
answers/      what each line of commands.txt printed with --json
slides.pptx   the same findings as slides
figures/      comparisons, trends, age bands, correlations, zones and who has no lesion, as the pages draw them, for
              slides of 16:9; none where there was no browser to draw them
table1.docx   who is in the cohort
methods.txt   how each was computed
cohort.sql    the question the store is asked for the people
versions.txt  every package of the environment
SHA256SUMS    of all these files

To make the answers again, with mscohort {release} on the path:

    make

It checks the files, imports data/ into a store of its own, asks every command again and compares, number by number.
"""

_MAKEFILE = """# Makes every answer again from data/ and compares it with answers/.
MSCOHORT ?= mscohort
PYTHON ?= python3

check: ; $(PYTHON) check.py $(MSCOHORT)

clean: ; rm -rf store rebuilt

.PHONY: check clean
"""

_CHECK = '''"""Make the answers of this bundle again and compare; needs mscohort and nothing else."""

import hashlib
import json
import pathlib
import shlex
import shutil
import subprocess
import sys

IGNORED = {ignored!r}
HERE = pathlib.Path(__file__).resolve().parent
MSCOHORT = sys.argv[1:] or ["mscohort"]


def plain(value):
    """Leave out what says where an answer was computed."""
    if isinstance(value, dict):
        return {{key: plain(inner) for key, inner in value.items() if key not in IGNORED}}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def ask(*words):
    done = subprocess.run([*MSCOHORT, *words], cwd=HERE, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        sys.exit(f"{{shlex.join(words)}}: {{done.stderr.strip()}}")
    return done.stdout


def main():
    sums = (HERE / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    changed = [
        name
        for digest, name in (line.split("  ", 1) for line in sums)
        if hashlib.sha256((HERE / name).read_bytes()).hexdigest() != digest
    ]
    for name in changed:
        print(f"changed since the bundle was made: {{name}}")
    drawn = [name for name in (line.split("  ", 1)[1] for line in sums) if name.startswith("figures/")]
    if drawn:
        print(f"figures: {{len(drawn)}} files: {{'DIFFERENT' if set(drawn) & set(changed) else 'the same'}}")
    shutil.rmtree(HERE / "store", ignore_errors=True)
    imported = json.loads(ask("import", "data", "--store", "store", "--json"))
    expected = json.loads((HERE / "data" / "dataset.json").read_text(encoding="utf-8"))["content_sha256"]
    same = imported["content_sha256"] == expected
    said = "the same" if same else f"DIFFERENT, {{imported['content_sha256'][:16]}}"
    print(f"data: content {{expected[:16]}}: {{said}}")
    (HERE / "rebuilt").mkdir(exist_ok=True)
    wrong = len(changed) + (not same)
    for line in (HERE / "commands.txt").read_text(encoding="utf-8").splitlines():
        name, _, command = line.partition("  ")
        made = ask(*shlex.split(command), "--json", "--store", "store")
        (HERE / "rebuilt" / name).write_text(made, encoding="utf-8")
        before = json.loads((HERE / "answers" / name).read_text(encoding="utf-8"))
        agree = plain(json.loads(made)) == plain(before)
        wrong += not agree
        print(f"{{command}}: {{'the same' if agree else 'DIFFERENT'}}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
'''


def bundle_bytes(
    *,
    about: Mapping[str, str],
    data: Mapping[str, bytes],
    answers: Sequence[tuple[Sequence[str], Mapping[str, Any]]],
    files: Mapping[str, bytes],
) -> bytes:
    """Return the ZIP file; everything lies in one folder of it.

    Parameters
    ----------
    about : name (of the folder), title, source, version, warnings, release: what the README says
    data : files of the dataset, of ``app.exports.files.file_contents``
    answers : words of each command, without ``--json`` and ``--store``, and what it answered
    files : further files by name
    """
    inside: dict[str, bytes] = {f"data/{name}": content for name, content in data.items()}
    inside |= files
    lines = []
    for number, (words, answer) in enumerate(answers, start=1):
        name = f"{number:02d}-{'-'.join(word for word in words[:2] if not word.startswith('-'))}.json"
        inside[f"answers/{name}"] = (json.dumps(answer, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()
        lines.append(f"{name}  {shlex.join(words)}\n")
    inside["commands.txt"] = "".join(lines).encode()
    inside["versions.txt"] = _versions().encode()
    inside["README.txt"] = _README.format(**about).encode()
    inside["Makefile"] = _MAKEFILE.encode()
    inside["check.py"] = _CHECK.format(ignored=IGNORED).encode()
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(inside.items()))
    inside["SHA256SUMS"] = sums.encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(inside.items()):
            entry = zipfile.ZipInfo(f"{about['name']}/{name}", (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _versions() -> str:
    found = {f"{made.metadata['Name']}=={made.version}" for made in distributions() if made.metadata["Name"]}
    return "".join(f"{line}\n" for line in sorted(found, key=str.casefold))
