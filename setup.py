"""What pyproject.toml cannot say: files beside the packages go into the wheel, inside the package that reads them."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

CARRIED = {
    # Streamlit looks for its settings where it is started and beside the script it runs: there this finds it.
    ".streamlit/config.toml": "app/.streamlit/config.toml",
    # The page Methods shows it.
    "docs/methods.md": "app/docs/methods.md",
}


class CarryFiles(build_py):
    """Copy the carried files after the packages; a checkout installed as editable reads them where they are."""

    def run(self) -> None:
        """Build the packages, then carry."""
        super().run()
        for source, target in self._carried().items():
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            self.copy_file(source, target, preserve_mode=False)

    def get_source_files(self) -> list[str]:
        """Name the files for the source distribution, too."""
        return [*super().get_source_files(), *CARRIED]

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """Name what is written."""
        return [*super().get_outputs(include_bytecode), *self._carried().values()]

    def _carried(self) -> dict[str, str]:
        if self.editable_mode:
            return {}
        return {source: str(Path(self.build_lib, target)) for source, target in CARRIED.items()}


setup(cmdclass={"build_py": CarryFiles})
