"""Save every page as PNG, light and dark, at three widths: ``python -m tests.browser.screenshots FOLDER``.

``docs/img --documents`` takes the pictures of the documents: what is in sight at 1280 x 800, light.
"""

import argparse
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from db.store import default_root
from tests.browser.harness import PAGES, chromium_path, launch, open_tab, served

WIDTHS = (1920, 1280, 1024)


def main() -> int:
    """Take the pictures; exit 1 if any page complained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--store", type=Path, default=default_root())
    parser.add_argument("--pages", nargs="*", default=PAGES, help="addresses, such as compare or compare?sex=F")
    parser.add_argument("--widths", nargs="*", type=int, default=WIDTHS)
    parser.add_argument("--documents", action="store_true", help="what is in sight at 1280 x 800, light, as PAGE.png")
    args = parser.parse_args()
    executable = chromium_path()
    if executable is None:
        print("no Chromium or Chrome found (Debian: sudo apt install chromium)", file=sys.stderr)
        return 1
    args.folder.mkdir(parents=True, exist_ok=True)
    failures: list[str] = []
    with served(args.store) as url, sync_playwright() as playwright:
        browser = launch(playwright, executable)
        if args.documents:
            for page in args.pages:
                failures += in_sight(browser, url, page, args.folder)
        for dark in () if args.documents else (False, True):
            for width in args.widths:
                for page in args.pages:
                    failures += shoot(browser, url, page, args.folder, width=width, dark=dark)
        browser.close()
    print("\n".join(failures) or "no page complained", file=sys.stderr)
    return 1 if failures else 0


def in_sight(browser: Browser, url: str, page: str, folder: Path) -> list[str]:
    """Save what a reader sees of one page before scrolling and return its complaints."""
    tab = open_tab(browser, url, window={"width": 1280, "height": 800})
    name = f"{page.partition('?')[0] or 'overview'}.png"
    try:
        tab.go(page)
        tab.page.screenshot(path=folder / name)
        return [f"{name}: {trouble}" for trouble in tab.failures()]
    finally:
        tab.context.close()


def shoot(browser: Browser, url: str, page: str, folder: Path, *, width: int, dark: bool) -> list[str]:
    """Save one page from top to bottom and return its complaints."""
    tab = open_tab(browser, url, dark=dark, window={"width": width, "height": 900})
    name = f"{page.partition('?')[0] or 'overview'}-{'dark' if dark else 'light'}-{width}.png"
    try:
        tab.go(page)
        # Streamlit scrolls inside the page, so the window itself is made as tall as the content.
        height = tab.page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollHeight")
        tab.page.set_viewport_size({"width": width, "height": min(max(int(height) + 80, 700), 12_000)})
        tab.settle()
        tab.page.screenshot(path=folder / name)
        return [f"{name}: {trouble}" for trouble in tab.failures()]
    finally:
        tab.context.close()


if __name__ == "__main__":
    sys.exit(main())
