"""The documentation site: ``make docs`` builds it into out/docs, and any warning is an error."""

import logging
import sys
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

from trialeukin import __version__

sys.path.insert(0, str(Path(__file__).parent / "site"))

logging.getLogger("pint.util").setLevel(logging.ERROR)  # it tells of units that we redefine on purpose

project = "trialeukin"
author = "The trialeukin founders"
copyright = author  # noqa: A001 the name Sphinx reads
release = version = __version__

extensions = ["myst_parser", "mathml", "generated_pages", "percent_notebook"]
exclude_patterns = ["conf.py", "site"]
language = "en"  # Sphinx has no en_GB
nitpicky = True
smartquotes = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 100
add_module_names = False
toc_object_entries = False

myst_enable_extensions = ["amsmath", "deflist", "dollarmath"]
myst_heading_anchors = 4

html_theme = "furo"
html_title = "trialeukin"
html_math_renderer = "mathml"
html_static_path = ["site/static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "navigation_with_keys": True,
    "light_css_variables": {"color-brand-primary": "#1f5fa8", "color-brand-content": "#1f5fa8"},
    "dark_css_variables": {"color-brand-primary": "#7db3f0", "color-brand-content": "#7db3f0"},
}


def setup(app: Sphinx) -> None:
    """Show tables of commas as they are: Pygments has no words for them."""
    app.add_lexer("csv", TextLexer)
