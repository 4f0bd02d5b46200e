"""The active code page: Wine takes it from the language, and UTF-8 for one whose scripts have no page of their own."""

import shutil
from pathlib import Path

from run import Missing, run_quietly

CODE_PAGES = {1252: "C.UTF-8", 932: "ja_JP.UTF-8", 65001: "hi_IN.UTF-8"}


def code_page(number, options):
    """The settings with which programs have it; the system need not have the language."""
    name, folder = CODE_PAGES[number], options.work / "locales"
    language, charset = name.split(".")
    if language != "C" and not (folder / name).is_dir():
        if shutil.which("localedef") is None or not Path("/usr/share/i18n/locales", language).exists():
            raise Missing("install locales")
        folder.mkdir(exist_ok=True)
        run_quietly(["localedef", "-i", language, "-f", charset, str(folder / name)], f"make localedef {name} work")
    return {"LC_ALL": name, "LOCPATH": folder}
