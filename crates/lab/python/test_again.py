"""Cells that run again with other numbers and texts, which are not compiled for that: each gives what it would if it were.

The second opinion is the same kernel once a cell of it has a `static`, from when on each run is compiled.
"""

import argparse
import os
import random
import signal
import sys
import time
from pathlib import Path

import nbformat

from checks import Checks, below, run
from kernel_client import Kernel, Result
from test_kernel import ASK, FIGURE, OPEN, SOON, Project, shows, succeeds

ALWAYS_COMPILED = "static PLAIN: () = ();"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, required=True, help="the top of the work tree")
    parser.add_argument("--thorough", action="store_true", help="all forms with more values, and all notebooks three times each")
    parser.add_argument("only", nargs="*", help="groups of checks, all of them if none is named")
    arguments = parser.parse_args()
    groups = [by_hand, notebooks, as_compiled_at_length] if arguments.thorough else [by_hand, as_compiled]
    groups = [group for group in groups if not arguments.only or group.__name__ in arguments.only]
    return run(groups, lambda: Project(arguments.root.resolve()), at_once=2)


class Compiled:
    """How many cells a kernel has compiled."""

    def __init__(self, project: Project, kernel: Kernel) -> None:
        [self.directory] = project.directories(kernel)
        self.before = self.count()

    def count(self) -> int:
        return len(list((self.directory / "build/target").rglob("libcode_*")))

    def since(self) -> int:
        before, self.before = self.before, self.count()
        return self.before - before


def parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def text(kernel: Kernel, code: str) -> str:
    return shows(kernel, code, "text/plain")


def waiting_again(kernel: Kernel) -> tuple[str, float]:
    """Runs a cell again that waits for ten minutes this time, and comes back when it has begun to."""
    wait = 'println!("begun"); std::thread::sleep(std::time::Duration::from_secs({}));'
    succeeds(kernel, wait.format(0))
    request, began = kernel.begin(wait.format(600)), time.perf_counter()
    while kernel.client.get_iopub_msg(timeout=SOON)["msg_type"] != "stream":
        pass
    return request, began


def by_hand(check: Checks, project: Project) -> None:
    with project.kernel() as kernel:
        succeeds(kernel, OPEN)
        succeeds(kernel, "let total = 7;")
        compiled = Compiled(project, kernel)

        with check("another number, text or truth is not compiled"):
            pictures = set()
            for title, width in (("one", 700), ('say "two"', 701), ("Zwölf\\n3", 702), ("", 703)):
                quoted = title.replace('"', '\\"')
                pictures.add(shows(kernel, f'sessions.count_by(Isp)?.bar().title("{quoted}").size({width}, 400)', "image/png"))
            assert len(pictures) == 4 and compiled.since() == 1
            assert [text(kernel, f"if {a} {{ {b} }} else {{ 0.5 }}") for a, b in (("true", 1.5), ("true", 2e3), ("false", 1.0))] == ["1.5", "2000.0", "0.5"]
            assert compiled.since() == 1
            assert [text(kernel, f"let limit = {n}; limit * 2") for n in ("1", "0x10", "1_000")] == ["2", "32", "2000"]
            assert compiled.since() == 1 and text(kernel, "limit") == "1000"

        with check("nor is a cell that is run again as it is, whose variables are others now"):
            assert text(kernel, "total + limit") == "1007"
            compiled.since()
            succeeds(kernel, "let limit = 5; limit * 2")
            assert text(kernel, "total + limit") == "12" and compiled.since() == 0

        with check("a number that does not fit its type is the compiler's to refuse, and costs nothing"):
            assert text(kernel, "let small: u8 = 200; small") == "200"
            for wrong in ("256", "99999999999"):
                result = kernel.run(f"let small: u8 = {wrong}; small")
                assert result.status == "error" and "out of range" in result.traceback, result
            compiled.since()
            assert text(kernel, "let small: u8 = 100; small") == "100" and compiled.since() == 0
            assert text(kernel, "small") == "100" and text(kernel, "total") == "7"
            assert kernel.run("300 as u8").status == "error" and text(kernel, "44 as u8") == "44"
            assert kernel.run("300 as u8").status == "error"

        with check("a `?` that fails says its words and its line, and costs nothing"):
            code = 'let got: i32 =\n["7", "x"][{}]\n.parse()?;'
            succeeds(kernel, code.format(0))
            result = kernel.run(code.format(1))
            assert result.status == "error" and "invalid digit" in result.traceback and '["7", "x"][1]' in result.traceback, result
            assert text(kernel, "got") == "7" and text(kernel, "total") == "7"
            succeeds(kernel, code.format(0))

        with check("what another cell defines anew is what is meant"):
            succeeds(kernel, "fn factor() -> i32 { 2 }")
            assert text(kernel, "factor() * 10") == "20" and text(kernel, "factor() * 20") == "40"
            succeeds(kernel, "fn factor() -> i32 { 3 }")
            assert text(kernel, "factor() * 10") == "30"
            succeeds(kernel, "let factor: fn() -> i32 = || 4;")
            assert text(kernel, "factor() * 10") == "40"

        with check("a variable that has another type now is what is meant"):
            succeeds(kernel, "let it = 1;")
            assert text(kernel, "(it, 2)") == "(1, 2)"
            succeeds(kernel, "let it = 2.5;")
            assert text(kernel, "(it, 2)") == "(2.5, 2)" and text(kernel, "(it, 3)") == "(2.5, 3)"

        with check("what a cell has given away is given away once"):
            succeeds(kernel, "let given = vec![1, 2];")
            succeeds(kernel, "let sum = given.into_iter().sum::<i32>() + 1;")
            result = kernel.run("let sum = given.into_iter().sum::<i32>() + 2;")
            assert result.status == "error" and "given" in result.traceback, result
            assert text(kernel, "sum") == "4"

        with check("a function keeps the numbers that it was made with"):
            succeeds(kernel, "let mut all: Vec<Box<dyn Fn(i32) -> i32>> = Vec::new();")
            for n in (1, 10, 100):
                succeeds(kernel, f"all.push(Box::new(move |x| x + {n}));")
            assert text(kernel, "all.iter().map(|f| f(1)).collect::<Vec<_>>()") == "[2, 11, 101]"

        with check("an interrupt ends such a run, and what is lost is named"):
            request, began = waiting_again(kernel)
            kernel.interrupt()
            error = kernel.collect(request, began, seconds=SOON).errors[0]
            assert error["ename"] == "Interrupted" and "total" in error["evalue"] and "let total = 7;" in error["evalue"], error
            succeeds(kernel, "let total = 7;")
            assert text(kernel, "total") == "7"

        with check("a process that ends in such a run is said to have ended, and the kernel goes on"):
            end = "if {} > 1 {{ std::process::exit(3) }}"
            succeeds(kernel, end.format(1))
            error = kernel.run(end.format(2)).errors[0]
            assert "exit code 3" in error["evalue"] and "lost: total" in error["evalue"], error
            succeeds(kernel, OPEN)
            shows(kernel, FIGURE, "image/png")
            assert shows(kernel, ASK, "text/plain") == shows(kernel, ASK, "text/plain")

        with check("the process that watches over the cells is killed meanwhile, and the kernel goes on"):
            request, began = waiting_again(kernel)
            [watching] = [process for process in below(kernel.pid) if parent(process) == kernel.pid and below(process) - {process}]
            os.kill(watching, signal.SIGKILL)
            assert kernel.collect(request, began, seconds=SOON).status == "error"
            succeeds(kernel, "let total = 7;")
            assert text(kernel, "total") == "7"

        with check("a line is asked for in such a run, and arrives as it was typed"):
            ask = 'let mut line = String::new(); std::io::stdin().read_line(&mut line)?; (line.trim_end().to_owned(), {})'
            compiled.since()
            for number, typed in ((1, "one"), (2, "two ü"), (3, "three")):
                request = kernel.client.execute(ask.format(number), allow_stdin=True)
                assert kernel.client.get_stdin_msg(timeout=SOON)["msg_type"] == "input_request"
                kernel.client.input(typed)
                result = kernel.collect(request, time.perf_counter())
                assert result.data["text/plain"] == f'("{typed}", {number})', result
            assert compiled.since() == 1

        with check("a `static` begins anew each time, as it does in a cell that is compiled"):
            count = "static N: std::sync::atomic::AtomicI32 = std::sync::atomic::AtomicI32::new({}); N.fetch_add(1, std::sync::atomic::Ordering::Relaxed)"
            assert [text(kernel, count.format(n)) for n in (1, 1, 5)] == ["1", "1", "5"]


def notebooks(check: Checks, project: Project) -> None:
    for path in sorted(project.notebooks.glob("*.ipynb")):
        cells = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
        with project.kernel() as kernel, check(f"{path.stem} shows the same in every run"):
            first = [kernel.run(code) for code in cells]
            for _ in range(2):
                compiled = Compiled(project, kernel)
                for code, before in zip(cells, first, strict=True):
                    now = kernel.run(code)
                    assert (now.status, now.data, now.stdout) == (before.status, before.data, before.stdout), f"{code}\n{now}"
            assert compiled.since() < len(cells) / 4, "most cells are compiled again"


WHOLE = {f"{sign}{bits}": bits for sign in "iu" for bits in (8, 16, 32, 64, 128)} | {"isize": 64, "usize": 64}


class Values:
    """Literals of each kind, the ordinary and the extreme, and some that do not fit their type."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def whole(self, kind: str) -> str:
        most = 2 ** (WHOLE[kind] - (kind[0] == "i")) - 1
        value = self.random.choice([0, 1, 2, 3, 7, 100, most - 1, most, most + 1, self.random.randrange(most)])
        return self.random.choice([str(value), hex(value), f"{value:_}"])

    def real(self) -> str:
        ordinary = f"{self.random.uniform(0, 1000):.3f}"
        return self.random.choice([ordinary, ordinary, "0.0", "0.1", "1e-3", "1e300", "5e-324", "3.4e38", "1e39", "1.7976931348623157e308", "1_0.5_0"])

    def text(self) -> str:
        texts = ['"abc"', '""', '"say \\"it\\""', '"two\\nlines"', '"\\u{1F980} ä"', 'r"c:\\dir"', 'r#"a "b""#', '"a\\0b"', '"{not} a {}"', '"ab\\\n    cd"']
        return self.random.choice(texts)

    def truth(self) -> str:
        return self.random.choice(["true", "false"])


def forms(values: Values) -> list:
    """Cells, each with other literals each time."""
    whole, real, text, truth = values.whole, values.real, values.text, values.truth
    forms = [lambda kind=kind: f"let x: {kind} = {whole(kind)}; x" for kind in WHOLE]
    forms += [lambda kind=kind: f"{whole(kind)}{kind}.wrapping_mul({whole(kind)})" for kind in ("i8", "u16", "i64", "u128")]
    forms += [
        lambda: f"let x: f32 = {real()}; x",
        lambda: f"-{real()}_f64",
        lambda: f"{real()} * {real()} + {real()}",
        lambda: f"{text()}.chars().rev().collect::<String>()",
        lambda: f"({whole('i32')}, {real()}, {text()}, {truth()})",
        lambda: f"if {truth()} && !{truth()} {{ {text()} }} else {{ {text()} }}",
        lambda: f"match {values.random.randrange(4)} {{ 1 => {text()}, 2 | 3 => {text()}, _ => {text()} }}",
        lambda: f"[1, 2, 3][{values.random.randrange(4)}]",
        lambda: f"{whole('u16')} as u8",
        lambda: f"({whole('i8')} + 1) as f64 / {real()}",
        lambda: f"[{real()}; 3].iter().sum::<f64>()",
        lambda: f"[{truth()}; {values.random.randrange(1, 4)}]",
        lambda: f"&[{real()}, {real()}].iter().copied().fold({real()}, f64::max)",
        lambda: f"let f: Box<dyn Fn(f64) -> f64> = Box::new(move |x| x * {real()}); f({real()})",
        lambda: f"let f: Box<dyn Fn(f64) -> f64> = Box::new(|x| x * {real()}); f({real()})",
        lambda: f"let total = {{ const N: usize = 3; N + {values.random.randrange(9)} }}; total",
        lambda: f"{text()}.repeat({values.random.randrange(3)})",
        lambda: f"({values.random.randrange(5)}..{values.random.randrange(5)}).map(|n| n * {values.random.randrange(5)}).collect::<Vec<i64>>()",
        lambda: f"std::time::Duration::from_secs_f64({real()})",
        lambda: f"Some({whole('i32')}).filter(|n| *n > {values.random.randrange(99)}).unwrap_or({whole('i32')})",
        lambda: f"let word: &'static str = {text()}; word.len() + {values.random.randrange(9)}",
        lambda: f"println!(\"{{}} {values.random.randrange(9)}\", {text()});",
        lambda: f"vec![{real()}, {real()}]",
        lambda: f"let [a, b] = [{whole('u8')}, {whole('u8')}]; let sum: u8 = a / 2 + b / 2; sum",
        lambda: f"{text()}.parse::<i32>().is_err() == {truth()}",
        lambda: f"i32::from_str_radix({values.random.choice([chr(34) + 'ff' + chr(34), chr(34) + 'zz' + chr(34)])}, 16)?",
        lambda: f"let p = std::path::Path::new({text()}).join({text()}); p",
        lambda: f"(0..{values.random.randrange(1, 5)}).fold(String::new(), |all, _| all + {text()})",
        lambda: f"let x = {real()}; let x = x + {real()}; {{ let y = {real()}; x - y }}",
        lambda: f"sessions.share(\"p2p > {values.random.randrange(10**8)}\")?",
        lambda: f"sessions.count_by(Isp)?.top({values.random.randrange(1, 6)}).to_string()",
    ]
    return forms


def compare(check: Checks, project: Project, seed: int, chosen: int | None, each: int) -> None:
    values = Values(seed)
    of = forms(values)
    of = of if chosen is None else values.random.sample(of, chosen)
    with project.kernel() as kernel, project.kernel() as plain:
        for one in (kernel, plain):
            succeeds(one, OPEN)
        succeeds(plain, ALWAYS_COMPILED)
        with check(f"{len(of)} forms of cells with {each} values each give what they would if they were compiled (seed {seed})"):
            compiled = [Compiled(project, kernel), Compiled(project, plain)]
            for form in of:
                for code in [form() for _ in range(each)]:
                    again, expected = kernel.run(code), plain.run(code)
                    assert outcome(again) == outcome(expected), f"{code}\n{again}\n{expected}"
            again, plainly = (one.since() for one in compiled)
            assert again < plainly * 2 / 3, f"{again} cells were compiled, and {plainly} of the other kernel's"


def outcome(result: Result):
    """What a cell has come to. What is an error at once, to one who compiles, may be one as it runs."""
    return (result.status, result.data, result.stdout) if result.status == "ok" else result.status


def as_compiled(check: Checks, project: Project) -> None:
    compare(check, project, seed=int(time.time() // (7 * 24 * 3600)), chosen=8, each=3)


def as_compiled_at_length(check: Checks, project: Project) -> None:
    for seed in range(3):
        compare(check, project, seed, None, 6)


if __name__ == "__main__":
    sys.exit(main())
