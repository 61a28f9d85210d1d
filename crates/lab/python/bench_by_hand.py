"""How quickly figures follow a hand: in JupyterLab in Chromium, with a real kernel, by the page's own clock.

A picture counts when its address is in the document and it has been loaded; the screen shows it with the next frame.
"""

import argparse
import statistics
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from browser import NO_CHROMIUM, chromium_options, find_chromium
from by_hand import START, Hand, jupyterlab
from checks import end_on_signals

OPEN = 'let sessions = Sessions::open("../data/sessions.csv")?;'
ONE = 'sessions.count_by(Isp)?.bar().title("Users per ISP, 2000").palette(Blues)'
TWO = """\
let megabytes = 100.0;
let large = sessions.filter(format!("p2p + cdn > {megabytes}e5").as_str())?;
Figure::row([
    large.count_by(Isp)?.bar().title(&format!("Users over {megabytes}")).palette(Blues),
    large.count_by(Browser)?.bar().title("Users per browser").palette(BuGn),
])"""
LEAST = "let megabytes = 100.0;"
BELOW = """\
sessions.filter(format!("p2p + cdn > {megabytes}e5").as_str())?.count_by(Isp)?.bar().title(&format!("Over {megabytes}"))"""
NOTEBOOKS = {"one": [OPEN, ONE], "two": [OPEN, TWO], "below": [OPEN, LEAST, BELOW], "live": [OPEN, ONE]}
SECONDS = 5  # that a drag takes
RESTS = 8  # how often the hand comes to rest
PAUSE = 0.3  # seconds without typing after which a live cell is run

NOW = """() => {
    window.moved = 0;
    for (const kind of ['mousemove', 'keydown']) addEventListener(kind, () => (window.moved = performance.now()), true);
}"""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, required=True, help="the top of the work tree")
    root = parser.parse_args().root.resolve()
    end_on_signals()
    path = find_chromium(root / "target/lab/logs/chromium.log")
    if path is None:
        print(NO_CHROMIUM)
        return 1
    print("| measure | reach | measured |\n|---|---|---|")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(**chromium_options(path)) as engine,
        jupyterlab(root, root / "target/lab/bench/by-hand", NOTEBOOKS) as server,
    ):

        def opened(name: str) -> Hand:
            context = engine.new_context(viewport={"width": 1200, "height": 900})
            context.set_default_timeout(START)
            hand = Hand(context.new_page(), server, name).open()
            hand.run_all()
            hand.page.evaluate(NOW)
            return hand

        drags(opened("one"), "one panel, a number in its title", 1, "2000", 1, 5, (0.25, 0.5))
        drags(opened("two"), "two panels over 534,954 rows, a number in their filter", 1, "100.0", 1, 4, (0.25, 0.5))
        drags(opened("below"), "a number in one cell, the figure in a cell below", 1, "100.0", 2, None, (0.4, None))
        types(opened("live"))
    return 0


def drags(hand: Hand, name: str, i: int, number: str, figure: int, pictures: int | None, rest: tuple) -> None:
    """Drags a number to and fro, and looks at a figure."""
    hand.watch(figure)
    with hand.drags(i, number) as move:
        began = hand.page.evaluate("() => performance.now()")
        for step in range(int(SECONDS / 0.016)):
            move(step % 60 + 1)
            hand.page.wait_for_timeout(16)
        ended = hand.page.evaluate("() => performance.now()")
    hand.at_rest()
    times = [at for at in changes(hand.seen()) if began <= at <= ended]
    rate = len(times) / ((ended - began) / 1000)
    line(f"{name}: new pictures a second", f"{pictures} or more" if pictures else "", f"{rate:.1f}")

    number = hand.code(i)[slice(*span(hand.code(i), number))]
    rests = []
    for run in range(RESTS):
        with hand.drags(i, number) as move:
            for step in range(1, 20 + run):
                move(step)
                hand.page.wait_for_timeout(16)
            hand.at_rest()
            rests.append((changes(hand.seen())[-1] - hand.page.evaluate("() => window.moved")) / 1000)
            hand.page.keyboard.press("Escape")
        hand.at_rest()
    line(f"{name}: from the hand's rest to the final picture", reach(*rest), spread(rests))


def span(code: str, number: str) -> tuple[int, int]:
    """Where the number is now that began as this one: at the same place, as long as it is written."""
    start = {"2000": code.find("ISP, ") + 5, "100.0": code.find("= ") + 2}[number]
    end = start
    while code[end].isalnum() or (code[end] == "." and code[end + 1].isdigit()):
        end += 1
    return start, end


def types(hand: Hand) -> None:
    hand.page.locator(".jp-NotebookPanel-toolbar").get_by_role("switch", name="Live").click()
    hand.watch(1)
    rests = []
    for run in range(RESTS):
        hand.behind(1, "ISP, ")
        for key in f"{10 + run}":
            hand.page.keyboard.type(key)
            hand.page.wait_for_timeout(60)
        hand.page.wait_for_timeout(200)
        hand.at_rest()
        rests.append((changes(hand.seen())[-1] - hand.page.evaluate("() => window.moved")) / 1000 - PAUSE)
    line("live, from a keystroke's pause of 0.3 s to the new figure", reach(0.25, None), spread(rests))


def changes(seen: list[dict]) -> list[float]:
    """When there was another picture."""
    found, last = [], None
    for moment in seen:
        if moment["pictures"] and moment["loaded"] and moment["pictures"] != last:
            found.append(moment["at"])
            last = moment["pictures"]
    return found


def reach(median: float, worst: float | None) -> str:
    return f"{median:g} s" + (f"; {worst:g} s" if worst else "")


def spread(times: list[float]) -> str:
    return f"{statistics.median(times):.2f} s; {max(times):.2f} s at worst, of {len(times)}"


def line(name: str, reach: str, measured: str) -> None:
    print(f"| {name} | {reach} | {measured} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
