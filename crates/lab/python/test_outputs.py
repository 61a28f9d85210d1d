"""What is kept of outputs, and how outputs are compared: checked on small ones that are made by hand."""

import base64
import io
import sys
import tempfile
import unittest
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import outputs
import run


def png(width=4, height=2, dot=None, comment=None) -> bytes:
    picture = Image.new("RGB", (width, height), "white")
    if dot:
        picture.putpixel(dot, (255, 255, 205))
    info = PngInfo()
    if comment:
        info.add_text("Comment", comment)
    file = io.BytesIO()
    picture.save(file, "PNG", pnginfo=info)
    return file.getvalue()


def bundle(kind="execute_result", **data):
    data = {name.replace("_", "/"): value for name, value in data.items()}
    return new_output(kind, data=data, execution_count=7) if kind == "execute_result" else new_output(kind, data=data)


def figure(picture: bytes, live=True):
    encoded = base64.encodebytes(picture).decode()  # in lines, as some kernels send it
    output = bundle("display_data", image_png=encoded, text_plain="a figure")
    if live:
        output.data["image/svg+xml"] = "<svg/>"
    return output


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


class Normalise(unittest.TestCase):
    def setUp(self):
        self.notebook = new_notebook(
            metadata={"language_info": {"name": "Rust", "version": "9.9"}, "title": "kept"},
            cells=[
                new_markdown_cell("# Title", id="m"),
                new_code_cell("one", id="a", execution_count=12, metadata={"execution": {"iopub.execute_input": "now"}}),
                new_code_cell(" ", id="empty", execution_count=13),
                new_code_cell("two", id="b", execution_count=14, outputs=[figure(png())], metadata={"tags": ["t"]}),
            ],
        )

    def test_counts_run_from_one_over_cells_that_have_code(self):
        outputs.normalise(self.notebook)
        self.assertEqual([cell.get("execution_count") for cell in self.notebook.cells], [None, 1, None, 2])
        self.assertEqual([cell.id for cell in self.notebook.cells], ["m", "a", "empty", "b"])

    def test_volatile_metadata_goes_and_the_rest_stays(self):
        outputs.normalise(self.notebook)
        self.assertEqual(self.notebook.cells[1].metadata, {})
        self.assertEqual(self.notebook.cells[3].metadata, {"tags": ["t"]})
        self.assertEqual(self.notebook.metadata.title, "kept")
        self.assertEqual(self.notebook.metadata.language_info["version"], "")

    def test_a_figure_is_kept_as_a_png_shown_at_half_its_pixels(self):
        outputs.normalise(self.notebook)
        (output,) = self.notebook.cells[3].outputs
        self.assertEqual(sorted(output.data), ["image/png", "text/plain"])
        self.assertEqual(base64.b64decode(output.data["image/png"], validate=True), png())
        self.assertEqual(output.metadata, {"image/png": {"height": 1, "width": 2}})

    def test_text_in_pieces_is_one_text(self):
        pieces = [stream("a\n"), stream("b\n"), stream("c\n", "stderr"), stream("d\n")]
        whole = outputs.joined(pieces)
        self.assertEqual([(o.name, o.text) for o in whole], [("stdout", "a\nb\n"), ("stderr", "c\n"), ("stdout", "d\n")])
        self.assertEqual(pieces[0].text, "a\n", "the pieces are left as they are")

    def test_normal_is_normal(self):
        outputs.normalise(self.notebook)
        once = outputs.text(self.notebook)
        again = nbformat.reads(once, as_version=4)
        outputs.normalise(again)
        self.assertEqual(outputs.text(again), once)
        self.assertTrue(once.endswith("}\n"))

    def test_letters_stay_letters(self):
        self.notebook.cells[0].source = "Größe – 5 µs"
        self.assertIn("Größe – 5 µs", outputs.text(self.notebook))


class Differences(unittest.TestCase):
    def found(self, old, new):
        return [difference.what for difference in outputs.differences([old], [new])]

    def picture(self, *arguments, **options):
        return outputs.kept(figure(png(*arguments, **options)), 1)

    def test_equal_outputs(self):
        self.assertEqual(self.found(bundle(text_plain="1"), bundle(text_plain="1")), [])
        self.assertEqual(self.found(self.picture(), self.picture()), [])

    def test_pixels_count_and_packing_does_not(self):
        self.assertNotEqual(png(), png(comment="packed otherwise"))
        self.assertEqual(self.found(self.picture(), self.picture(comment="packed otherwise")), [])

    def test_one_pixel_is_found(self):
        (what,) = self.found(self.picture(), self.picture(dot=(3, 1)))
        self.assertIn("1 of the picture's 8 pixels differ, by up to 50 of 255, all within x 3 to 3, y 1 to 1", what)

    def test_another_size_is_found(self):
        self.assertIn("was 4 x 2 pixels, and is 6 x 2", self.found(self.picture(), self.picture(6, 2))[0])

    def test_a_changed_row_of_a_table_is_shown_alone(self):
        old = "<table><tr><td>a</td></tr><tr><td>b</td></tr><tr><td>c</td></tr></table>"
        (what,) = self.found(bundle(text_html=old), bundle(text_html=old.replace("c", "d")))
        self.assertIn("+<tr><td>d</td></tr>", what)
        self.assertNotIn("a</td>", what)

    def test_missing_and_changed_kinds_are_found(self):
        self.assertIn("text/html is committed only", self.found(bundle(text_html="a"), bundle())[0])
        self.assertIn("was a stream", self.found(stream("a"), bundle(text_plain="a"))[0])
        self.assertIn("1 outputs are committed, and 0", outputs.differences([stream("a")], [])[0].what)


class Write(unittest.TestCase):
    def test_a_file_that_would_not_change_is_not_touched(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "n.ipynb"
            run.write(path, "one")
            before = path.stat().st_mtime_ns, path.stat().st_ino
            run.write(path, "one")
            self.assertEqual((path.stat().st_mtime_ns, path.stat().st_ino), before)
            run.write(path, "two")
            self.assertEqual(path.read_text(), "two")
            self.assertEqual(list(Path(directory).iterdir()), [path])


if __name__ == "__main__":
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2)
    result = unittest.main(exit=False, testRunner=runner).result
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
