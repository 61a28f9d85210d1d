"""The plot follows the hand: in JupyterLab in Chromium, with a real kernel, numbers are dragged and figures looked at."""

import argparse
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import nbformat
from PIL import Image
from playwright.sync_api import sync_playwright

import browser
from browser import chromium_options, find_chromium
from by_hand import START, STEP, Hand, jupyterlab, write
from checks import Checks, run
from test_kernel import within

OPEN = 'let sessions = Sessions::open("../data/sessions.csv")?;'
FIGURE = 'sessions.count_by(Isp)?.bar().title("Users {n} ISP").palette(Blues).size(480, 320)'
PAIR = """\
let pair: [u8; 2] = [1, 2];
sessions.count_by(Isp)?.bar().title(&format!("Users {} ISP", pair.len())).size(480, 320)"""
FILM = """\
sessions.opportunity(Isp, percentile, 200)?.bars(&["CDN", "could move"]).y_label("bytes")
    .title(&format!("CDN bytes, and what could move at percentile {percentile}")).size(600, 300)"""
NOTEBOOKS = {
    "knobs": [OPEN, FIGURE.replace("{n}", "200"), PAIR],
    "other": [OPEN, FIGURE.replace("{n}", "50")],
    "below": [
        OPEN,
        "let least = 200;",
        'let title = format!("Users {} ISP", least);',
        "let aside = 5;",
        "sessions.count_by(Isp)?.bar().title(&title).palette(Blues).size(480, 320)",
        "aside + 1",
        "least + absent",
        "let absent = 1;",
        'sessions.filter("p2p > 0")?.count_by(Isp)?.bar().size(480, 320).stacked_or(true)',
    ],
    "sliders": [
        OPEN,
        "\n".join(
            (
                'let least = 200; //@param {type:"slider", min:0, max:1000, step:50}',
                'let share_of_all = 0.5; //@param {type:"number"}',
                'let is_shown = true; //@param {type:"boolean"}',
                'let colours = "blue"; //@param ["blue", "green"]',
                'let wrong = 1; //@param {type:"sliding"}',
            )
        ),
        'format!("{least} {share_of_all} {is_shown} {colours}")',
    ],
    "film": [OPEN, 'let percentile = 40.0; //@param {type:"slider", min:0, max:100, step:5}', FILM],
    "slow": ["let pause = 1;", "std::thread::sleep(std::time::Duration::from_millis(2200)); pause", "pause * 10"],
}
TITLE = re.compile(r"Users (\d+) ISP")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, required=True, help="the top of the work tree")
    parser.add_argument("--lab", type=Path, required=True, help="the program `lab`")
    parser.add_argument("--only", help="groups of checks, by name")
    parser.add_argument("--thorough", action="store_true", help="also make the film that the README shows")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    path = find_chromium(root / "target/lab/logs/chromium.log")
    if path is None:
        print(f"{browser.NO_CHROMIUM}\n0 passed, 1 failed")
        return 1
    pictures = root / "target/lab/screenshots/by-hand"
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir(parents=True)
    groups = [numbers_as_written, a_drag, keys, below, sliders, live, slow_cells, what_goes_wrong, two_notebooks, an_own_jupyterlab]
    if arguments.thorough or arguments.only:
        groups.append(a_short_film)
    if arguments.only:
        groups = [group for group in groups if group.__name__ in arguments.only.split(",")]
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(**chromium_options(path)) as engine,
        jupyterlab(root, root / "target/lab/by-hand", NOTEBOOKS) as server,
    ):
        lab = Lab(engine, server, pictures, root, arguments.lab)
        return run(groups, lambda: lab)


class Lab:
    def __init__(self, engine, server, pictures: Path, root: Path, program: Path) -> None:
        self.engine, self.server, self.pictures = engine, server, pictures
        self.root, self.program = root, program

    @contextmanager
    def hand(self, name: str):
        """A notebook, opened in a page of its own."""
        context = self.engine.new_context(viewport={"width": 1200, "height": 900})
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.on("pageerror", lambda error: print(f"    the page says: {error}"))
        try:
            yield Hand(page, self.server, name).open()
        finally:
            context.close()

    def end_kernels(self) -> None:
        for session in self.server.asked("GET", "/api/sessions"):
            self.server.asked("DELETE", f"/api/sessions/{session['id']}")

    def picture(self, page, name: str) -> None:
        page.screenshot(path=self.pictures / f"{name}.png")


WRITTEN = [  # line, place, steps, what it becomes
    ("let p = 100.0;", 9, 1, "101.0"),
    ("x(0.05)", 3, 1, "0.06"),
    ("x(0.05)", 3, -9, "0.00"),
    ("200", 1, 1, "210"),
    ("210", 1, -2, "190"),
    ("2", 0, 1, "3"),
    ("2019", 2, 1, "2020"),
    ("p2p > 100e6", 7, 1, "110e6"),
    ("1.5e-3", 1, 1, "1.6e-3"),
    ("1_000_000", 3, 1, "1_100_000"),
    ("1_000_000", 3, -9, "100_000"),
    ("(-5)", 2, 7, "2"),
    ("a - 5", 4, -9, "0"),
    ("-0.5", 2, 1, "-0.4"),
    ("200u64", 1, -1, "190u64"),
    ("9.95_f64", 1, 1, "9.96_f64"),
    ("1..=50", 4, 1, "51"),
    ("f(1, 2)", 5, 1, "3"),
    ("p2p", 1, 1, None),
    ("x.0", 2, 1, None),
    ("0xff", 1, 1, None),
]


def numbers_as_written(check: Checks, lab: Lab) -> None:
    with lab.hand("knobs") as hand, check("a number's step follows its digits, and it is written as it was"):
        step = """async ([line, place, steps]) => {
            const { numberAt } = await import('/lab/extensions/streamroot/page/hand/number.js');
            return numberAt(line, place)?.number.moved(steps) ?? null;
        }"""
        wrong = [
            f"{line!r} at {place}, {steps} steps: {got!r}, not {right!r}"
            for line, place, steps, right in WRITTEN
            if (got := hand.page.evaluate(step, [line, place, steps])) != right
        ]
        assert not wrong, "\n".join(wrong)


def titles(seen: list[dict]) -> list[int]:
    """The numbers in the titles of the figures that were on the page, one after the other."""
    found = []
    for moment in seen:
        number = TITLE.search(" ".join(moment["outputs"]))
        if number and (not found or found[-1] != int(number[1])):
            found.append(int(number[1]))
    return found


def a_drag(check: Checks, lab: Lab) -> None:
    with lab.hand("knobs") as hand:
        with check("nothing runs by itself when a notebook is opened"):
            hand.page.wait_for_timeout(1000)
            assert hand.of(0, "cell.model.executionCount") is None and hand.shown(1) == []
        hand.run_all()
        before = hand.code(1)
        (first,) = hand.pictures(1)
        hand.watch(1)
        with check("a number is dragged, and the figure follows"), hand.drags(1, "200") as move:
            for steps in range(1, 41):
                move(steps)
                hand.page.wait_for_timeout(75)
            lab.picture(hand.page, "dragged")
        hand.at_rest()
        seen = hand.seen()
        with check("its last picture is that of the last number"):
            assert "Users 600 ISP" in hand.code(1), hand.code(1)
            assert titles(seen)[-1] == 600, titles(seen)
        with check("pictures came in the order of the numbers, several while it was dragged"):
            values = titles(seen)
            assert values == sorted(values) and set(values) <= set(range(200, 601, 10)), values
            assert len(values) >= 6, values
        with check("nothing flickered: the height stayed, and a picture was always there"):
            assert all(moment["pictures"] and moment["loaded"] for moment in seen), seen
            heights = {moment["height"] for moment in seen}
            assert len(heights) == 1, heights
        (last,) = hand.pictures(1)
        with check("it is the picture that the cell gives when it is run by its key"):
            assert last != first
            hand.run(1)
            assert hand.pictures(1) == [last]
        with check("undo takes the drag back in one step, and the figure follows"):
            hand.cursor(1, 0)
            hand.page.keyboard.press("Control+z")
            assert hand.code(1) == before, hand.code(1)
            hand.until(lambda: hand.pictures(1) == [first], what="the first picture")
        with check("so does redo"):
            hand.page.keyboard.press("Control+Shift+z")
            assert "Users 600 ISP" in hand.code(1), hand.code(1)
            hand.until(lambda: hand.pictures(1) == [last], what="the last picture")
        with check("Escape gives the number back that it was"), hand.drags(1, "600") as move:
            move(-5)
            assert "550" in hand.code(1)
            hand.page.keyboard.press("Escape")
            move(-9)
            assert "600" in hand.code(1), hand.code(1)
        with check("without Alt there is a handle above the number"):
            page = hand.page
            page.mouse.move(5, 5)
            page.mouse.move(*hand.place(1, "600"), steps=5)
            handle = page.locator(".streamroot-hand-handle")
            handle.wait_for()
            box = handle.bounding_box()
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            page.mouse.move(x, y, steps=5)
            page.mouse.down()
            page.mouse.move(x + 2 * STEP + 1, y)
            page.mouse.up()
            assert "Users 620 ISP" in hand.code(1), hand.code(1)
            hand.until(lambda: titles([{"outputs": hand.shown(1)}]) == [620], what="the figure of 620")
    lab.end_kernels()


def keys(check: Checks, lab: Lab) -> None:
    with lab.hand("knobs") as hand:
        hand.run_all()
        with check("Alt+Up and Alt+Down step a number, with Shift by ten"):
            hand.behind(1, "200")
            before = hand.code(1)
            for key, becomes in [("Alt+ArrowUp", 210), ("Alt+Shift+ArrowUp", 310), ("Alt+ArrowDown", 300)]:
                hand.page.keyboard.press(key)
                assert f"Users {becomes} ISP" in hand.code(1), hand.code(1)
            hand.until(lambda: titles([{"outputs": hand.shown(1)}]) == [300], what="the figure")
        with check("elsewhere they move the line, as ever"):
            hand.cursor(1, 0)
            hand.page.keyboard.press("End")
            hand.page.keyboard.press("Enter")
            hand.page.keyboard.type("// 5")
            hand.page.keyboard.press("Alt+ArrowUp")
            assert hand.code(1) == "// 5\n" + before.replace("200", "300"), hand.code(1)
    lab.end_kernels()


def below(check: Checks, lab: Lab) -> None:
    with lab.hand("below") as hand:
        for i in range(5):
            hand.run(i)
        count = lambda i: hand.of(i, "cell.model.executionCount")
        before = {i: count(i) for i in range(9)}
        hand.watch(4)
        with check("the cells below that use what a dragged cell binds follow, in order, and the page says which"):
            with hand.drags(1, "200") as move:
                for steps in range(1, 21):
                    move(steps)
                    hand.page.wait_for_timeout(150)
                hand.until(lambda: hand.chip(2) == "follows least", what="what cell 2 says")
                hand.until(lambda: hand.chip(4) == "follows title", what="what cell 4 says")
                lab.picture(hand.page, "below")
            hand.at_rest()
            assert hand.code(1) == "let least = 400;", hand.code(1)
            assert titles(hand.seen())[-1] == 400, titles(hand.seen())
            assert count(1) < count(2) < count(4)
        with check("their pictures came in order"):
            values = titles(hand.seen())
            assert values == sorted(values) and len(values) >= 3, values
        with check("no other cell was run: not those above, nor that of another name, nor one whose other names are not there"):
            assert {i: count(i) for i in (0, 3, 5, 6, 7, 8)} == {i: before[i] for i in (0, 3, 5, 6, 7, 8)}
        with check("what followed is said for a while, and then no more"):
            hand.until(lambda: not hand.chip(4), what="the end of what is said")
        with check("Alt+Up walks palettes and dimensions, and true and false, as the helper crate names them"):
            for word in ("Blues", "Isp"):
                hand.behind(4, word)
                old = hand.code(4)
                hand.page.keyboard.press("Alt+ArrowUp")
                hand.until(lambda: hand.code(4) != old, what="another word")
                hand.page.keyboard.press("Alt+ArrowUp")
                hand.page.keyboard.press("Alt+ArrowDown")
            assert ".count_by(Browser)" in hand.code(4) and ".palette(BuGn)" in hand.code(4), hand.code(4)
            hand.until(lambda: "Vectrice" in " ".join(hand.shown(4)), what="the browsers")
            hand.behind(8, "true")
            hand.page.keyboard.press("Alt+ArrowDown")
            hand.until(lambda: "false" in hand.code(8), what="false")
    lab.end_kernels()


def sliders(check: Checks, lab: Lab) -> None:
    with lab.hand("sliders") as hand:
        hand.run_all()
        page = hand.page
        shows = lambda words: hand.until(lambda: hand.shown(2) == [f'"{words}"'], what=f"{words} of {hand.shown(2)}")
        shows("200 0.5 true blue")
        least = page.get_by_role("slider", name="least")
        with check("a slider above the cell, named for screen readers, writes its value into the code, and what is below follows"):
            least.focus()
            for _ in range(3):
                page.keyboard.press("ArrowRight")
            assert "let least = 350; //@param" in hand.code(1), hand.code(1)
            shows("350 0.5 true blue")
            assert least.get_attribute("aria-valuetext") == "350"
        with check("it is dragged as one step for undo, and the last value is run"):
            box = least.bounding_box()
            y = box["y"] + box["height"] / 2
            page.mouse.move(box["x"] + box["width"] * 0.35, y)
            page.mouse.down()
            for at in range(35, 100):
                page.mouse.move(box["x"] + box["width"] * at / 100, y)
                page.wait_for_timeout(15)
            page.mouse.move(box["x"] + box["width"] + 20, y)
            page.mouse.up()
            assert "let least = 1000;" in hand.code(1), hand.code(1)
            shows("1000 0.5 true blue")
            hand.cursor(1, 0)
            page.keyboard.press("Control+z")
            assert "let least = 350;" in hand.code(1), hand.code(1)
            shows("350 0.5 true blue")
            assert least.input_value() == "350"
        with check("so do a number, a switch and a list"):
            number = page.get_by_role("spinbutton", name="share of all")
            number.focus()
            page.keyboard.press("ArrowUp")
            shows("350 0.6 true blue")
            number.fill("0.25")
            shows("350 0.25 true blue")
            page.get_by_role("checkbox", name="is shown").uncheck()
            shows("350 0.25 false blue")
            page.get_by_role("combobox", name="colours").select_option("green")
            shows("350 0.25 false green")
        with check("the controls follow what is typed"):
            hand.of(1, "cell.model.sharedModel.setSource(cell.model.sharedModel.getSource().replace('350', '100'))")
            assert least.input_value() == "100"
            assert page.locator(".streamroot-hand-param output").inner_text() == "100"
        with check("a comment that can't be read is said to be so"):
            said = page.locator(".streamroot-hand-param[data-wrong]").inner_text()
            assert said.startswith("The @param of wrong has no known type: write {type:"), said
        for theme in ("Light", "Dark"):
            with check(f"the controls can be read in the {theme.lower()} theme"):
                page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', { theme })", f"JupyterLab {theme}")
                page.wait_for_selector(f"body[data-jp-theme-name='JupyterLab {theme}']", state="attached")
                page.wait_for_timeout(500)
                lab.picture(page, f"sliders-{theme.lower()}")
                for kind in ("label", "output", "select", "input[type=number]"):
                    contrast = page.evaluate(CONTRAST, f".streamroot-hand-param {kind}")
                    assert contrast >= 4.5, f"{kind}: {contrast:.1f}"
        with check("what is saved is a plain notebook, with what is on the page"):
            page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
            file = lab.server.notebooks / "sliders.ipynb"
            hand.until(lambda: "least = 100" in file.read_text(), what="the saved notebook")
            saved = nbformat.read(file, as_version=4)
            nbformat.validate(saved)
            assert saved.cells[1].source == hand.code(1)
            assert saved.cells[2].outputs[0].data["text/plain"] == hand.shown(2)[0]
            assert "streamroot" not in json.dumps([cell.metadata for cell in saved.cells])
    lab.end_kernels()


# The contrast of an element's text with what is behind it (WCAG 2).
CONTRAST = """selector => {
    const parts = colour => colour.match(/[\\d.]+/g).map(Number);
    let behind = document.querySelector(selector);
    const ink = parts(getComputedStyle(behind).color);
    while (behind && (parts(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0) behind = behind.parentElement;
    const paper = parts(getComputedStyle(behind ?? document.body).backgroundColor);
    const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
        .map(c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const [one, other] = [light(ink), light(paper)].sort((a, b) => b - a);
    return (one + 0.05) / (other + 0.05);
}"""


def live(check: Checks, lab: Lab) -> None:
    with lab.hand("other") as hand:
        hand.run_all()
        page = hand.page
        (first,) = hand.pictures(1)
        switch = page.locator(".jp-NotebookPanel-toolbar").get_by_role("switch", name="Live")
        with check("a notebook is not live at first: what is typed is not run"):
            assert switch.get_attribute("aria-checked") == "false"
            hand.behind(1, "Users 50")
            page.keyboard.type("1")
            page.wait_for_timeout(900)
            assert hand.pictures(1) == [first]
            page.keyboard.press("Backspace")
        with check("switched on, a cell runs while it is typed"):
            switch.click()
            assert switch.get_attribute("aria-checked") == "true"
            hand.behind(1, "Users 50")
            page.keyboard.type("23")
            hand.until(lambda: titles([{"outputs": hand.shown(1)}]) == [5023], what="the figure of 5023")
            (good,) = hand.pictures(1)
            assert good != first
        with check("a text that does not compile leaves the last good figure, dimmed, with the error in one line below"):
            hand.watch(1)
            at_end = len(hand.code(1))
            hand.cursor(1, at_end)
            for key in ".top(":
                page.keyboard.type(key)
                page.wait_for_timeout(100)
                assert hand.note(1) == "", "an error before the typing stopped"
            hand.until(lambda: hand.note(1), what="the error")
            assert hand.pictures(1) == [good]
            assert page.evaluate("cell => getComputedStyle(cell.querySelector('.jp-OutputArea')).opacity", hand.cell(1)) == "0.4"
            height = page.evaluate("cell => cell.querySelector('.streamroot-hand-error').getBoundingClientRect().height", hand.cell(1))
            assert height < 30, f"the error is {height} pixels high"
            lab.picture(page, "stale")
        with check("and when it compiles, the new figure, without the line"):
            page.keyboard.type("2)")
            hand.until(lambda: not hand.note(1), what="no error")
            hand.until(lambda: hand.pictures(1) not in ([good], []), what="another picture")
            assert all(moment["pictures"] and moment["loaded"] for moment in hand.seen())
        with check("switched off, what is typed is not run any more"):
            switch.click()
            now = hand.pictures(1)
            hand.behind(1, "Users 50")
            page.keyboard.type("9")
            page.wait_for_timeout(900)
            assert hand.pictures(1) == now
        with check("a cell that is live itself is so after it was saved and opened again, and is not run by that"):
            hand.cursor(1, 0)
            page.locator(".jp-CodeCell .jp-InputPrompt").nth(1).click(button="right")
            page.locator(".lm-Menu-itemLabel").filter(has_text="Run This Cell While It Is Typed").click()
            assert hand.of(1, "cell.model.getMetadata('streamroot')") == {"live": True}
            page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
            file = lab.server.notebooks / "other.ipynb"
            hand.until(lambda: '"live": true' in file.read_text(), what="the saved notebook")
            count = hand.of(1, "cell.model.executionCount")
            hand.open()
            page.wait_for_timeout(1000)
            assert hand.of(1, "cell.model.executionCount") == count
            hand.behind(1, "Users 50")
            page.keyboard.type("7")
            hand.until(lambda: hand.of(1, "cell.model.executionCount") > count, what="a run")
            page.evaluate("() => jupyterapp.commands.execute('streamroot:live-cell')")
            assert hand.of(1, "cell.model.getMetadata('streamroot') ?? null") is None
        with check("its own toolbar has the switch, too"):
            hand.cursor(0, 0)
            page.locator(".jp-cell-toolbar").get_by_role("switch", name="Live").click()
            assert hand.of(0, "cell.model.getMetadata('streamroot')") == {"live": True}
    lab.end_kernels()


def slow_cells(check: Checks, lab: Lab) -> None:
    with lab.hand("slow") as hand:
        hand.run_all()
        with check("a cell that is known to be slow waits for the hand to let go, and the page says so"):
            for _ in range(2):  # the first time nobody knows
                before = hand.of(1, "cell.model.executionCount")
                with hand.drags(0, "1" if _ == 0 else "2") as move:
                    move(1)
                    hand.until(lambda: hand.shown(2) == [str(10 * (2 + _))], what="the quick cell")
                    if _:
                        hand.until(lambda: "runs when you let go" in hand.chip(1), what="what the page says")
                        hand.page.wait_for_timeout(500)
                        assert hand.of(1, "cell.model.executionCount") == before
                        lab.picture(hand.page, "slow")
                hand.until(lambda: hand.shown(1) == [str(2 + _)], what="the slow cell")
                hand.at_rest()
            assert not hand.chip(1).startswith("takes")
    lab.end_kernels()


def what_goes_wrong(check: Checks, lab: Lab) -> None:
    with lab.hand("knobs") as hand:
        hand.run_all()
        page = hand.page
        with check("a number that the code can't have leaves the last good figure, and says why in a line"):
            (good,) = hand.pictures(2)
            hand.behind(2, "[u8; 2")
            page.keyboard.press("Alt+ArrowUp")
            assert "[u8; 3]" in hand.code(2), hand.code(2)
            hand.until(lambda: hand.note(2), what="the error")
            assert "mismatched" in hand.note(2) and hand.pictures(2) == [good], hand.note(2)
            page.keyboard.press("Alt+ArrowDown")
            hand.until(lambda: not hand.note(2), what="no error")
            assert hand.pictures(2) == [good]
        with check("an interrupt while dragging costs nothing, and the last value is run"):
            with hand.drags(1, "200") as move:
                for steps in range(1, 31):
                    move(steps)
                    page.wait_for_timeout(40)
                    if steps % 10 == 5:
                        page.evaluate("notebook => notebook.sessionContext.session.kernel.interrupt()", hand.notebook)
            hand.until(lambda: titles([{"outputs": hand.shown(1)}]) == [500] and not hand.note(1), what="the figure of 500")
        with check("a kernel that dies while dragging: nothing hangs, and the page is usable when it is back"):
            with hand.drags(1, "500") as move:
                for steps in range(1, 21):
                    move(steps)
                    page.wait_for_timeout(40)
                    if steps == 10:
                        for pid in lab.server.kernels():
                            os.kill(pid, signal.SIGKILL)
            assert "Users 700 ISP" in hand.code(1), hand.code(1)
            dialog = page.locator(".jp-Dialog")
            dialog.wait_for(timeout=60_000)
            dialog.get_by_role("button").last.click()
            hand.idle()
            hand.run_all()
            hand.until(lambda: titles([{"outputs": hand.shown(1)}]) == [700], what="the figure of 700")
            with hand.drags(1, "700") as move:
                move(3)
            hand.until(lambda: titles([{"outputs": hand.shown(1)}]) == [730], what="the figure of 730")
    lab.end_kernels()


def two_notebooks(check: Checks, lab: Lab) -> None:
    with lab.hand("knobs") as one, lab.hand("other") as other:
        one.run_all()
        other.run_all()
        other_before = other.code(1)
        with check("two notebooks are dragged at once, each with its own kernel"):
            number = TITLE.search(other_before)[1]
            start = TITLE.search(one.code(1))[1]
            with one.drags(1, start) as move, other.drags(1, number) as move_other:
                for steps in range(1, 21):
                    move(steps)
                    move_other(steps)
                    one.page.wait_for_timeout(40)
            for hand in (one, other):
                wanted = int(TITLE.search(hand.code(1))[1])
                hand.until(lambda: titles([{"outputs": hand.shown(1)}]) == [wanted], what=f"the figure of {wanted}")
            assert one.code(1) != other.code(1)
    lab.end_kernels()


# The pointer, which screenshots leave out.
POINTER = """() => {
    const pointer = document.createElement('div');
    pointer.textContent = '↔';
    pointer.style.cssText = 'position:fixed;z-index:9999;pointer-events:none;font:bold 22px sans-serif;color:#d33;' +
        'text-shadow:0 0 3px #fff;transform:translate(-50%,-10%)';
    document.body.append(pointer);
    addEventListener('mousemove', event => {
        pointer.style.left = `${event.clientX}px`;
        pointer.style.top = `${event.clientY}px`;
    }, true);
}"""
LARGEST = 1_000_000  # bytes of the film
FRAMES = 32


def a_short_film(check: Checks, lab: Lab) -> None:
    """What the README shows: a number is dragged, the slider and the figure go with it. As quick as it is while it is filmed."""
    with lab.hand("film") as hand, check("a film of it is made for the README"):
        page = hand.page
        page.set_viewport_size({"width": 1000, "height": 640})
        page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area')")
        hand.run_all()
        page.evaluate(POINTER)
        cells = [hand.cell(i).bounding_box() for i in (1, 2)]
        (left, top), (right, bottom) = (cells[0]["x"] + 60, cells[0]["y"]), (0, cells[1]["y"] + cells[1]["height"])
        right = left + 690
        clip = {"x": left, "y": top - 4, "width": right - left, "height": bottom - top + 4}
        frames = []
        with hand.drags(1, "40.0") as move:
            for frame in range(FRAMES):
                move(min(2 * frame, 60))
                page.wait_for_timeout(120)
                frames.append((time.monotonic(), Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")))
        hand.at_rest()
        frames.append((time.monotonic(), Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")))
        times, images = zip(*frames)
        # One palette for all, which is all that such a file has.
        strip = Image.new("RGB", (images[0].width, sum(image.height for image in images)))
        for n, image in enumerate(images):
            strip.paste(image, (0, n * image.height))
        colours = strip.quantize(256, kmeans=2, dither=Image.Dither.NONE)
        images = [image.quantize(palette=colours, dither=Image.Dither.NONE) for image in images]
        durations = [round(1000 * (after - before)) for before, after in zip(times, times[1:])] + [2000]
        path = lab.pictures / "film.png"
        images[0].save(path, save_all=True, append_images=images[1:], duration=durations, loop=0, optimize=True)
        with Image.open(path) as film:
            assert film.n_frames > FRAMES / 2, f"{film.n_frames} of {FRAMES} pictures differ"
        assert path.stat().st_size < LARGEST, f"{path.stat().st_size} bytes"
    lab.end_kernels()


def an_own_jupyterlab(check: Checks, lab: Lab) -> None:
    """One that knows nothing of these notebooks, with its own settings and no set-up to say anything of."""
    state = lab.root / "target/lab/by-hand-own"
    shutil.rmtree(state, ignore_errors=True)
    (state / "notebooks").mkdir(parents=True)
    write(state / "notebooks/own.ipynb", ["1"])
    places = {f"JUPYTER_{name.upper()}_DIR": str(state / name) for name in ("config", "data", "runtime")}
    places |= {"JUPYTERLAB_SETTINGS_DIR": str(state / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(state / "workspaces")}
    environment = {**os.environ, **places}
    with check("`cargo lab lab-extension --user` puts the page's part into a JupyterLab of the user's own"):
        done = subprocess.run([lab.program, "lab-extension", "--user"], env=environment, capture_output=True, text=True)
        assert done.returncode == 0 and str(state / "data") in done.stdout, done.stdout + done.stderr
        options = ["--no-browser", "--ServerApp.token=own", "--ServerApp.ip=127.0.0.1", "--allow-root"]
        command = [sys.executable, "-m", "jupyterlab", *options, f"--ServerApp.root_dir={state / 'notebooks'}"]
        with (state / "log").open("w") as log:
            server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            context = lab.engine.new_context(viewport={"width": 1200, "height": 700})
            context.set_default_timeout(START)
            page = context.new_page()
            address = r"http://127\.0\.0\.1:\d+/lab"
            within(60, "an address", lambda: re.search(address, (state / "log").read_text()))
            page.goto(re.search(address, (state / "log").read_text())[0] + "/tree/own.ipynb?token=own")
            page.locator(".jp-NotebookPanel-toolbar").get_by_role("switch", name="Live").wait_for()
            page.wait_for_selector(".streamroot-hand-number", state="attached")
            assert page.locator("#streamroot-setup").count() == 0
            context.close()
        finally:
            server.terminate()
            try:
                server.wait(timeout=30)
            except subprocess.TimeoutExpired:
                server.kill()  # a thread of its own may wait for ever
                server.wait()
    shutil.rmtree(state, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
