"""The plot follows the hand: in JupyterLab in Chromium, with a real kernel, numbers are dragged and figures looked at."""

import argparse
import re
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

import browser
from browser import find_chromium
from by_hand import START, Hand, chromium, jupyterlab
from checks import Checks, run

OPEN = 'let sessions = Sessions::open("../data/sessions.csv")?;'
FIGURE = 'sessions.count_by(Isp)?.bar().title("Users {n} ISP").palette(Blues).size(480, 320)'
NOTEBOOKS = {
    "knobs": [OPEN, FIGURE.replace("{n}", "200")],
    "other": [OPEN, FIGURE.replace("{n}", "50")],
}
TITLE = re.compile(r"Users (\d+) ISP")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, required=True, help="the top of the work tree")
    parser.add_argument("--only", help="one group of checks")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    path = find_chromium(root / "target/lab/logs/chromium.log")
    if path is None:
        print(f"{browser.NO_CHROMIUM}\n0 passed, 1 failed")
        return 1
    pictures = root / "target/lab/screenshots/by-hand"
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir(parents=True)
    groups = [numbers_as_written, a_drag, keys]
    if arguments.only:
        groups = [group for group in groups if group.__name__ == arguments.only]
    with (
        sync_playwright() as playwright,
        chromium(playwright, path) as engine,
        jupyterlab(root, root / "target/lab/by-hand", NOTEBOOKS) as server,
    ):
        lab = Lab(engine, server, pictures)
        return run(groups, lambda: lab)


class Lab:
    def __init__(self, engine, server, pictures: Path) -> None:
        self.engine, self.server, self.pictures = engine, server, pictures

    @contextmanager
    def hand(self, name: str):
        """A notebook, opened in a page of its own."""
        context = self.engine.new_context(viewport={"width": 1200, "height": 900})
        context.set_default_timeout(START)
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
                hand.page.wait_for_timeout(40)
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
            hand.page.keyboard.press("Alt+ArrowUp")
            assert hand.code(1) == before.replace("200", "300"), hand.code(1)
    lab.end_kernels()


if __name__ == "__main__":
    sys.exit(main())
