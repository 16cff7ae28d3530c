"""Look at every built page in a browser: nothing may be wider than its column.

``python docs/check_pages.py docs/_build/html`` prints each code block, table and picture that is
cut off or needs scrolling sideways at the width of a laptop, counts the paper pages of the cheat
sheet, and ends with 1 when something is wrong.
"""

from __future__ import annotations

import base64
import re
import shutil
import sys
import tempfile
from pathlib import Path

WIDTH, HEIGHT = 1366, 900
#: Elements with their own column, and what about them may not be wider.
FOUND = """
const column = document.querySelector("article").getBoundingClientRect();
const shown = (e) => e.offsetParent !== null && !e.closest("details:not([open])");
const wide = [];
for (const e of document.querySelectorAll(
    "article pre, article table, article img, article svg, article .output, article .math")) {
  if (!shown(e)) continue;
  const box = e.getBoundingClientRect();
  const over = Math.max(box.right - column.right, e.scrollWidth - e.clientWidth);
  if (over > 2 && e.tagName !== "svg") {
    wide.push(`${e.tagName.toLowerCase()} ${Math.round(over)} px: ` +
      (e.getAttribute("src") || e.textContent).trim().slice(0, 70).replaceAll("\\n", " "));
  }
}
const small = [];
for (const e of document.querySelectorAll("article .cell_output img"))
  if (e.naturalWidth && e.clientWidth < 0.7 * e.naturalWidth)
    small.push(`img at ${Math.round(100 * e.clientWidth / e.naturalWidth)} %: ${e.src.slice(-20)}`);
return wide.concat(small);
"""


def main(folder: str) -> int:
    """Return how many things are wrong with the pages in a folder, at most 1."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if browser is None or driver is None:
        print("pages were not looked at: apt-get install chromium chromium-driver")
        return 0
    from selenium import webdriver

    root = Path(folder).resolve()
    wrong = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = browser
        for flag in (
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            f"--window-size={WIDTH},{HEIGHT}", f"--user-data-dir={profile}",
        ):  # fmt: skip
            options.add_argument(flag)
        service = webdriver.ChromeService(executable_path=driver)
        page = webdriver.Chrome(options=options, service=service)
        try:
            pages = [path for path in sorted(root.rglob("*.html")) if path.name != "genindex.html"]
            for path in pages:
                page.get(path.as_uri())
                if page.find_elements("tag name", "article"):
                    for told in page.execute_script(FOUND):
                        print(f"{path.relative_to(root)}: {told}")
                        wrong += 1
            page.get((root / "cheat_sheet.html").as_uri())
            wrong += _printed(page)
        finally:
            page.quit()
    print(f"{len(pages)} pages were looked at; {wrong} things are wrong")
    return int(wrong > 0)


def _printed(page: object) -> int:
    """Return 1 when the cheat sheet takes more than one sheet of A4."""
    size = {"paperWidth": 8.27, "paperHeight": 11.69}
    answer = page.execute_cdp_cmd("Page.printToPDF", size)  # type: ignore[attr-defined]
    count = len(re.findall(rb"/Type\s*/Page\b", base64.b64decode(answer["data"])))
    print(f"the cheat sheet prints on {count} page{'s' * (count != 1)}")
    return int(count > 1)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
