"""Install what the tests need from the system, unless it is there: Chromium, a Chinese font, MariaDB."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = {
    "chromium": "chromium",
    "font": "fonts-wqy-microhei",
    "mysql": "mariadb-server-core",
    "mysql_setup": "mariadb-client-core",
}
SERVER_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"  # not on everybody's path
CHINESE_FONTS = ("*wqy*", "*CJK*", "*cjk*", "*PingFang*", "*msyh*", "*SourceHan*")


def missing() -> list[str]:
    """The Debian packages that are not there yet."""
    absent = [] if shutil.which("chromium") else [PACKAGES["chromium"]]
    if not shutil.which("mariadbd", path=SERVER_PATH):
        absent += [PACKAGES["mysql"], PACKAGES["mysql_setup"]]
    folders = [Path("/usr/share/fonts"), Path.home() / ".fonts", Path.home() / ".local/share/fonts"]
    has_font = any(
        next(folder.rglob(name), None) for folder in folders if folder.is_dir() for name in CHINESE_FONTS
    )
    return absent if has_font else [*absent, PACKAGES["font"]]


def main() -> None:
    """Install them with apt-get, as root or by sudo; where neither works, say what to install by hand."""
    packages = missing()
    if not packages:
        return
    if not shutil.which("apt-get"):
        sys.exit(
            "the tests need Chromium, a Chinese font and MariaDB: "
            f"install {' and '.join(packages)} and run again"
        )
    sudo = [] if not shutil.which("sudo") else ["sudo", "-n"]
    sys.stderr.write(f"installing {', '.join(packages)} for the tests\n")
    quiet = {"stdout": subprocess.DEVNULL, "check": True}
    subprocess.run([*sudo, "apt-get", "update", "-qq"], **quiet)
    command = [
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "install",
        "-y",
        "-qq",
        "--no-install-recommends",
    ]
    subprocess.run([*sudo, *command, *packages], **quiet)


if __name__ == "__main__":
    main()
