"""How Sphinx builds the pages; `build.py` stages them and calls it."""

import os

from framesift import __version__

project = "Framesift"
author = project_copyright = "The Framesift developers"
version = release = __version__

extensions = ["myst_nb"]
# Notebooks run from start to end, each in an empty folder; a cell that fails ends the build.
# What they compute is small: more threads would only wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 900
nb_merge_streams = True
root_doc = "docs/index"
myst_heading_anchors = 4
nitpicky = True

html_theme = "furo"
html_title = f"Framesift {__version__}"
html_static_path = ["static"]
html_css_files = ["pages.css"]
html_favicon = "static/framesift.svg"
html_logo = html_favicon
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_search_summary = False
smartquotes = False
# Indented blocks are commands, formulas and trees of files; Python is fenced and says so.
highlight_language = "none"
