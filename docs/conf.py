"""How Sphinx builds these pages: `make docs`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from antennactl import __version__  # noqa: E402 - a path goes before it

project = "antennactl"
author = "antennactl"
release = version = __version__
extensions = ["myst_parser", "docs.reference_from_code"]
exclude_patterns = ["reference_from_code"]
html_theme = "furo"
html_title = f"antennactl {release}"
html_copy_source = False
html_show_copyright = False
# Headings to the third level can be linked to, as on the pages of a forge.
myst_heading_anchors = 3
nitpicky = True
