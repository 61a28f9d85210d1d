"""Notebooks as pages for readers: HTML that stands alone, and PDF as Chromium prints that, with what the notebooks' files have."""

import argparse
import sys
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from playwright.sync_api import sync_playwright
from traitlets.config import Config

from browser import NO_CHROMIUM, chromium_options, find_chromium

# nbconvert's page without what it would fetch from elsewhere, and for paper: no figure, table or cell of code in two.
PAGE = """\
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block html_head_css -%}
<style>
body.jp-Notebook main { max-width: 1000px; margin: 0 auto; }
{%- if not resources.global_content_filter.include_input %}
.jp-InputPrompt { display: none; }
{%- endif %}
@media print {
    .jp-CodeCell, tr { break-inside: avoid; }
    h1, h2, h3, .jp-MarkdownCell { break-after: avoid; }
    .jp-InputArea-editor pre { white-space: pre-wrap; }
}
</style>
{%- endblock -%}
"""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--to", type=Path, required=True, help="the directory of what is made")
    parser.add_argument("--no-code", action="store_true", help="leave the cells' code out")
    parser.add_argument("--html", action="store_true", help="no PDF")
    parser.add_argument("--log", type=Path, required=True, help="what the installation of Chromium prints")
    parser.add_argument("notebooks", type=Path, nargs="+")
    arguments = parser.parse_args()
    arguments.to.mkdir(parents=True, exist_ok=True)
    pages = [page(notebook, arguments.to, arguments.no_code) for notebook in arguments.notebooks]
    if arguments.html:
        return 0
    chromium = find_chromium(arguments.log)
    if chromium is None:
        print(f"{NO_CHROMIUM} `--html` makes no PDF.", file=sys.stderr)
        return 1
    with sync_playwright() as playwright, playwright.chromium.launch(**chromium_options(chromium)) as browser:
        for html in pages:
            paper = browser.new_page()
            paper.goto(html.absolute().as_uri(), wait_until="load")
            pdf = html.with_suffix(".pdf")
            paper.pdf(path=pdf, format="A4", print_background=True, prefer_css_page_size=True, scale=0.7)
            paper.close()
            print(pdf)
    return 0


def page(path: Path, to: Path, no_code: bool) -> Path:
    notebook = nbformat.read(path, as_version=4)
    exporter = HTMLExporter(raw_template=PAGE, config=Config(HTMLExporter={"embed_images": True}))
    exporter.exclude_input = exporter.exclude_output_prompt = no_code
    html, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": path.stem}})
    made = to / f"{path.stem}.html"
    made.write_text(html, encoding="utf-8")
    print(made)
    return made


if __name__ == "__main__":
    sys.exit(main())
