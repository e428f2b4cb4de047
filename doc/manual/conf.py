# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Settings of Sphinx for the manual, which utils/manual.py builds."""

# pylint: disable=invalid-name,redefined-builtin

project = "MixNet"
author = "The mixnet authors"
copyright = "2026, The mixnet authors"
html_copy_source = False
html_show_sourcelink = False
html_last_updated_fmt = None
html_theme = "alabaster"
html_theme_options = {
    "description": "Reconfigurable optical-electrical fabrics for Mixture-of-Experts training, "
                   "in ns-3",
    "fixed_sidebar": True,
    "page_width": "1200px",
    "sidebar_width": "240px",
    "body_max_width": "920px",
    "font_size": "16px",
    "code_font_size": "0.85em",
}
html_static_path = ["manual.css"]
html_css_files = ["manual.css"]
html_sidebars = {"**": ["about.html", "searchbox.html", "navigation.html"]}
# What chapters quote is linked beside them; files that are included are no chapters.
exclude_patterns = ["contrib", "examples", "utils", "replace.txt"]
highlight_language = "none"
# Text that looks like an option or a unit stays as it is written: -- is no dash.
smartquotes = False
