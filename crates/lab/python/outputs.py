"""What is kept of a notebook's outputs, and how two runs of it are compared."""

import base64
import difflib
import io
import re
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode
from PIL import Image, ImageChops

# What the kernel says of its language.
LANGUAGE = {
    "codemirror_mode": "rust",
    "file_extension": ".rs",
    "mimetype": "text/rust",
    "name": "Rust",
    "pygments_lexer": "rust",
    "version": "",
}
KERNEL = {"display_name": "Streamroot (Rust)", "language": "rust", "name": "streamroot"}

# Cell metadata that tells when and how a cell was run, not what it is.
VOLATILE = ("ExecuteTime", "execution", "collapsed", "scrolled", "trusted")

PNG = "image/png"
SVG = "image/svg+xml"


def normalise(notebook: NotebookNode) -> None:
    """Makes a notebook that has been run the same for every run that gave the same results."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata["kernelspec"] = NotebookNode(KERNEL)
    notebook.metadata["language_info"] = NotebookNode(LANGUAGE)
    count = 0
    for cell in notebook.cells:
        for name in VOLATILE:
            cell.metadata.pop(name, None)
        if cell.cell_type != "code":
            continue
        if cell.source.strip():
            count += 1
        cell.execution_count = count if cell.source.strip() else None
        cell.outputs = [kept(output, count) for output in joined(cell.outputs)]


def joined(outputs: list) -> list:
    """Texts that follow each other on the same stream as one: where they are cut is a matter of time."""
    result = []
    for output in outputs:
        last = result[-1] if result else None
        if output.output_type == "stream" and last and last.output_type == "stream" and last.name == output.name:
            last.text += output.text
        else:
            result.append(NotebookNode(output))
    return result


def kept(output: NotebookNode, count: int) -> NotebookNode:
    """An output as it is committed.

    A live figure is an SVG and a PNG of twice its size. Web pages that show notebooks break an SVG, so only the PNG is
    kept, and its metadata says at which size to show it.
    """
    if output.output_type == "execute_result":
        output.execution_count = count
    data = output.get("data")
    if data is not None and PNG in data:
        data.pop(SVG, None)
        data[PNG] = "".join(data[PNG].split())
        width, height = size(base64.b64decode(data[PNG]))
        output.metadata = NotebookNode({PNG: {"height": height // 2, "width": width // 2}})
    return output


def size(png: bytes) -> tuple[int, int]:
    """Width and height in pixels, from the header that every PNG begins with (PNG specification, section 11.2.1)."""
    if png[:8] != b"\x89PNG\r\n\x1a\n" or png[12:16] != b"IHDR":
        raise ValueError("an output of type image/png is not a PNG")
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def text(notebook: NotebookNode) -> str:
    """The notebook's file, byte for byte as JupyterLab writes it."""
    written = nbformat.writes(notebook, version=4)
    return written if written.endswith("\n") else written + "\n"


@dataclass
class Difference:
    """What differs between two outputs of a cell, with the two pictures if it is a picture."""

    what: str
    committed: bytes | None = None
    computed: bytes | None = None


def differences(committed: list, computed: list) -> list[Difference]:
    """How the outputs of a cell differ. Both are as [`kept`] leaves them."""
    if len(committed) != len(computed):
        return [Difference(f"{len(committed)} outputs are committed, and {len(computed)} were computed")]
    found = []
    for old, new in zip(committed, computed):
        if old.output_type != new.output_type:
            found.append(Difference(f"the output was a {old.output_type}, and is a {new.output_type}"))
        elif old.output_type == "stream":
            if old.name != new.name:
                found.append(Difference(f"the text was on {old.name}, and is on {new.name}"))
            found += changed_text(old.name, old.text, new.text)
        elif "data" in new:
            found += changed_bundle(old, new)
    return found


def changed_bundle(old: NotebookNode, new: NotebookNode) -> list[Difference]:
    found = []
    for mime in sorted(old.data.keys() | new.data.keys()):
        if mime not in old.data or mime not in new.data:
            where = "computed" if mime in new.data else "committed"
            found.append(Difference(f"{mime} is {where} only"))
        elif mime == PNG:
            found += changed_picture(base64.b64decode(old.data[PNG]), base64.b64decode(new.data[PNG]))
        else:
            found += changed_text(mime, str(old.data[mime]), str(new.data[mime]))
    if not found and old.metadata != new.metadata:
        found.append(Difference(f"its metadata was {dict(old.metadata)}, and is {dict(new.metadata)}"))
    return found


def changed_text(name: str, old: str, new: str) -> list[Difference]:
    if old == new:
        return []
    # A table in HTML is one long line, of which a reader wants the rows.
    old_lines, new_lines = (re.sub(r"(</tr>|<br ?/?>)", r"\1\n", text).splitlines() for text in (old, new))
    lines = list(difflib.unified_diff(old_lines, new_lines, "committed", "computed", lineterm="", n=1))
    shown = [line if len(line) <= 200 else line[:200] + "…" for line in lines[:20]]
    if len(lines) > 20:
        shown.append(f"… and {len(lines) - 20} lines more")
    return [Difference(f"{name} differs:\n" + "\n".join(shown))]


def changed_picture(old: bytes, new: bytes) -> list[Difference]:
    """Pictures are equal when their pixels are, however they are packed."""
    if old == new:
        return []
    before, after = (Image.open(io.BytesIO(png)).convert("RGBA") for png in (old, new))
    if before.size != after.size:
        sizes = [f"{width} x {height}" for width, height in (before.size, after.size)]
        return [Difference(f"the picture was {sizes[0]} pixels, and is {sizes[1]}", old, new)]
    bands = ImageChops.difference(before, after).split()
    most = bands[0]
    for band in bands[1:]:
        most = ImageChops.lighter(most, band)
    box = most.getbbox()
    if box is None:
        return []
    count = sum(most.histogram()[1:])
    left, top, right, bottom = box
    return [
        Difference(
            f"{count} of the picture's {most.width * most.height} pixels differ, by up to {most.getextrema()[1]} of "
            f"255, all within x {left} to {right - 1}, y {top} to {bottom - 1}",
            old,
            new,
        )
    ]
