"""Disks that fail: from the N-th on, a command's writes, flushes or renames below the store are refused.

By a library put before libc, compiled here, where there is a C compiler; Linux only.
"""

import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.faults import Bench

COMMANDS = ("import", "rollback", "demo", "export")
FAULTS = ("write", "fsync", "rename")
ERRORS = {"EIO": 5, "ENOSPC": 28}
MOST_CALLS = {"write": 60, "fsync": 8, "rename": 4}

SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int calls;

static int below(const char *path) {
    const char *root = getenv("FAULT_BELOW");
    return root && path && strncmp(path, root, strlen(root)) == 0;
}

static int below_fd(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return below(path);
}

static int fails(const char *call) {
    const char *which = getenv("FAULT_CALL"), *after = getenv("FAULT_AFTER"), *error = getenv("FAULT_ERROR");
    if (!which || !after || !error || strcmp(which, call)) return 0;
    /* From then on every one fails, as on a disk that is full or gone. */
    if (__atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST) < atoi(after)) return 0;
    errno = atoi(error);
    return 1;
}

#define REAL(name, type) static __typeof__(type) real; if (!real) real = (__typeof__(type))dlsym(RTLD_NEXT, name)

ssize_t write(int fd, const void *b, size_t n) {
    REAL("write", ssize_t (*)(int, const void *, size_t));
    return below_fd(fd) && fails("write") ? -1 : real(fd, b, n);
}
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) {
    REAL("pwrite", ssize_t (*)(int, const void *, size_t, off_t));
    return below_fd(fd) && fails("write") ? -1 : real(fd, b, n, o);
}
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) {
    REAL("pwrite64", ssize_t (*)(int, const void *, size_t, off64_t));
    return below_fd(fd) && fails("write") ? -1 : real(fd, b, n, o);
}
ssize_t copy_file_range(int i, off64_t *io, int o, off64_t *oo, size_t n, unsigned f) {
    REAL("copy_file_range", ssize_t (*)(int, off64_t *, int, off64_t *, size_t, unsigned));
    return below_fd(o) && fails("write") ? -1 : real(i, io, o, oo, n, f);
}
ssize_t sendfile(int o, int i, off_t *at, size_t n) {
    REAL("sendfile", ssize_t (*)(int, int, off_t *, size_t));
    return below_fd(o) && fails("write") ? -1 : real(o, i, at, n);
}
ssize_t sendfile64(int o, int i, off64_t *at, size_t n) {
    REAL("sendfile64", ssize_t (*)(int, int, off64_t *, size_t));
    return below_fd(o) && fails("write") ? -1 : real(o, i, at, n);
}
int fsync(int fd) {
    REAL("fsync", int (*)(int));
    return below_fd(fd) && fails("fsync") ? -1 : real(fd);
}
int fdatasync(int fd) {
    REAL("fdatasync", int (*)(int));
    return below_fd(fd) && fails("fsync") ? -1 : real(fd);
}
int rename(const char *a, const char *b) {
    REAL("rename", int (*)(const char *, const char *));
    return below(b) && fails("rename") ? -1 : real(a, b);
}
"""


def compiled(folder: Path) -> Path | None:
    """Compile the library; None where there is no compiler, or no Linux."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    (folder / "failing.c").write_text(SOURCE)
    library = folder / "failing.so"
    words = [compiler, "-shared", "-fPIC", "-O1", "-o", os.fspath(library), os.fspath(folder / "failing.c"), "-ldl"]
    return library if subprocess.run(words, capture_output=True, check=False).returncode == 0 else None


def failing_disks(bench: "Bench", number: int) -> dict[str, Counter[str]]:
    """Run commands whose disk fails at a random moment: one line, or nothing noticed, and a whole store."""
    library = compiled(bench.folder)
    if library is None:
        sys.stderr.write("no failing disks: there is no C compiler\n")
        return {}
    moments = random.Random(7)  # noqa: S311
    counts: dict[str, Counter[str]] = {}
    for trial in range(number):
        name, fault = COMMANDS[trial % len(COMMANDS)], FAULTS[trial // len(COMMANDS) % len(FAULTS)]
        error, after = moments.choice(list(ERRORS)), moments.randint(1, MOST_CALLS[fault])
        count = counts.setdefault(f"{name}, {fault} fails", Counter(tried=0, survived=0, lost=0, ended=0))
        below = bench.folder / f"export-{trial % 2}" if name == "export" else bench.store.root
        environment = os.environ | {
            "LD_PRELOAD": os.fspath(library),
            "FAULT_BELOW": os.fspath(below),
            "FAULT_CALL": fault,
            "FAULT_AFTER": str(after),
            "FAULT_ERROR": str(ERRORS[error]),
        }
        words = [sys.executable, "-m", "app.cli", *bench.words(name, trial % 2)]
        shutil.rmtree(bench.folder / f"export-{trial % 2}", ignore_errors=True)
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        count["ended"] += done.returncode == 0
        label = f"{name}, {fault} {after} fails with {error}"
        if done.returncode not in (0, 1) or "Traceback" in done.stderr:
            count["tried"] += 1
            count["lost"] += 1
            sys.stderr.write(f"{label}: ends with {done.returncode}: {done.stderr[-400:]}\n")
            continue
        bench.judge(count, label, name, trial % 2)
    return counts
