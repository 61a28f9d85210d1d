"""What a hand does all day, and what must not come of it: Tab, an interrupt, a failed `?`, a flood of text, nonsense.

All of it in real kernels over the real Jupyter protocol. No check measures time; what must not take for ever has a limit
far above what it needs. With --thorough, Tab and Shift+Tab are pressed at every place of every notebook, which takes
half an hour; without, at some places of a cell.
"""

import argparse
import json
import os
import queue
import random
import re
import signal
import sys
import time
import unittest
from pathlib import Path

import nbformat
from jupyter_kernel_test import KernelTests

from checks import Checks, below, run
from kernel_client import Kernel, Result
from test_kernel import OPEN, SOON, Project, shows, succeeds, within

TOKENS = re.compile(r"\w+|\s+|[^\w\s]")
WAIT = "std::thread::sleep(std::time::Duration::from_secs(1));"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, required=True, help="the top of the work tree")
    parser.add_argument("--thorough", action="store_true")
    parser.add_argument("only", nargs="*", help="groups of checks, all of them if none is named")
    arguments = parser.parse_args()
    groups = [slips, interrupts, the_queue, output, input_lines, a_process_that_ends, memory]
    groups += [every_token if arguments.thorough else some_tokens, conformance]
    groups = [group for group in groups if not arguments.only or group.__name__ in arguments.only]
    return run(groups, lambda: Project(arguments.root.resolve()), at_once=2)


def fails(kernel: Kernel, code: str, *words: str) -> Result:
    """Runs a cell that has to fail, as a front end knows it, in words that name what is wrong."""
    result = kernel.run(code)
    assert result.status == "error", f"`{code}` was answered {result.status!r}"
    assert len(result.errors) == 1, f"`{code}` gave {len(result.errors)} errors"
    error = result.errors[0]
    said = "\n".join([error["evalue"], result.traceback])
    assert error["ename"] and error["evalue"], error
    missing = [word for word in words if word not in said]
    assert not missing, f"`{code}` said {said!r}, and not {missing}"
    lines = [line for line in error["traceback"] if "evcxr" in line.lower() or "src/lib.rs" in line]
    assert not lines, f"lines of evcxr's in the traceback: {lines}"
    return result


def holds(kernel: Kernel, name: str = "total", value: str = "7") -> None:
    shown = shows(kernel, name, "text/plain")
    assert shown == value, f"{name} is {shown}, not {value}"


def slips(check: Checks, project: Project) -> None:
    with project.kernel() as kernel:
        with check("the first cell of a fresh kernel is [1]"):
            kernel.client.execute("let total = 7;", allow_stdin=False)
            while (message := kernel.client.get_iopub_msg(timeout=300))["msg_type"] != "execute_input":
                pass
            assert message["content"]["execution_count"] == 1, message["content"]
            kernel.client.get_shell_msg(timeout=300)
        succeeds(kernel, OPEN)

        with check("Tab in, before and behind a whole name gives completions, and costs nothing"):
            for code in ("let x = total", "let x = sessions", "sessions.count_by(Isp)?.bar()"):
                for cursor in range(len(code) + 1):
                    kernel.complete(code, cursor)
            assert "total" in kernel.complete("let x = total", 13)
            assert any("count_by" in match for match in kernel.complete("sessions.count_by", 14))
            holds(kernel)

        with check("nonsense is answered: half a name, an open text, other alphabets, nesting without end"):
            for code in ("$$$", '"abc', "'", "/*", "\\", "é🦀.", "((((", "}", "use ", ":", ":no_such", "r#\"", "x" * 5000, "(" * 3000):
                kernel.complete(code, len(code))
                kernel.inspect(code, len(code))
                result = kernel.run(code)
                assert result.status in ("ok", "error") and len(result.errors) == (result.status == "error"), f"{code}: {result}"
            holds(kernel)

        with check("a failed `?` behind text without a line end is that text and an error, and costs nothing"):
            result = fails(kernel, 'print!("opening ");\nlet other = Sessions::open("missing.csv")?;', "missing.csv", "2 │ let other")
            assert result.stdout == "opening " and not result.stderr, result
            holds(kernel)

        with check("a variable that a failed cell was to bind anew keeps its old value"):
            fails(kernel, 'let sessions = Sessions::open("missing.csv")?;', "missing.csv")
            fails(kernel, 'let total: i32 = "7x".parse()?;', "invalid digit")
            fails(kernel, 'let total = 8; let none: Option<i32> = None; none.unwrap()', "None")
            holds(kernel)
            shows(kernel, "sessions.count_by(Isp)?", "text/plain")

        with check("a variable that a failed cell has given away is said to be lost, and no other is"):
            succeeds(kernel, "let given = vec![1, 2];")
            fails(kernel, 'drop(given); Err("no")?;', "no")
            assert "given is lost" in kernel.run("total").stderr
            holds(kernel)
            fails(kernel, "given", "given")

        with check("a panic is an error with its words and its line"):
            fails(kernel, "let bound = 1;\nlet none: Vec<i32> = vec![];\nnone[bound]", "index out of bounds", "3 │ none[bound]")
            holds(kernel)

        with check("a panic of a thread, or one that is caught, is text, and the cell goes on"):
            result = kernel.run('std::thread::spawn(|| { if true { panic!("in a thread") } }).join().is_err()')
            assert result.status == "ok" and result.data["text/plain"] == "true" and "in a thread" in result.stderr, result

        with check("a chart that can't be drawn is an error"):
            fails(kernel, 'Table::text(&["name"], &[&["value"]])?.bar()', "number")
            holds(kernel)

        with check("a compile error is one error, in words"):
            fails(kernel, 'let wrong: i32 = "text";', "mismatched types")
            fails(kernel, "totl", "totl")
            fails(kernel, "let a = 1;\n}", "Nothing is open", "2 │ }")
            fails(kernel, "let a = [1, 2;\na", "The [ that is opened here is not closed", "1 │ let a")
            fails(kernel, "1\n/* a", "does not end", "2 │ /* a")
            holds(kernel)

        with check("a warning is not among the errors"):
            succeeds(kernel, "macro_rules! unused { () => { 1 } }")
            assert "unused" not in fails(kernel, "let wrong: i32 = 1.5;", "mismatched types").traceback
            holds(kernel)


def interrupt_when_running(kernel: Kernel, code: str) -> Result:
    """Runs a cell that prints a line when it has begun, and interrupts it then."""
    began = time.perf_counter()
    request = kernel.begin(code)
    while True:
        message = kernel.client.get_iopub_msg(timeout=SOON)
        if message["msg_type"] == "stream" and message["parent_header"].get("msg_id") == request:
            break
    kernel.interrupt()
    return kernel.collect(request, began, seconds=SOON)


def interrupts(check: Checks, project: Project) -> None:
    with project.kernel() as kernel:
        succeeds(kernel, "let total = 7;")
        succeeds(kernel, OPEN)

        with check("an interrupt while nothing runs does nothing"):
            for _ in range(3):
                kernel.interrupt()
            holds(kernel)

        with check("nor does one just as a cell ends"):
            for pause in (0.0, 0.05, 0.1, 0.15, 0.2, 0.3):
                request, began = kernel.begin("total"), time.perf_counter()
                time.sleep(pause)
                kernel.interrupt()
                kernel.collect(request, began)
                holds(kernel)

        with check("an interrupted cell that waits for a program ends with it, and nothing is lost"):
            result = interrupt_when_running(
                kernel, 'println!("begun"); std::process::Command::new("sleep").arg("5071").status()?;'
            )
            assert result.status == "error" and result.errors[0]["ename"] == "Interrupted", result
            assert "No variable is lost" in result.errors[0]["evalue"], result.errors
            assert not running("5071")
            holds(kernel)

        with check("a query that takes long is ended, and nothing is lost"):
            values = ", ".join(f"({i})" for i in range(16))
            query = f"SELECT COUNT(*) AS n FROM sessions, (VALUES {values}) v(x) WHERE REGEXP_MATCHES(REPEAT(isp, 300 + x), 'q.*z.*y')"
            some = "(SELECT cdn FROM sessions LIMIT 100000)"
            join = f"SELECT COUNT(*) AS n FROM {some} a JOIN {some} b ON a.cdn < b.cdn - 1e12"
            for ask in (f'sessions.sql("{query}")?', f'sessions.filter("cdn > 1")?.sql("{query}")?', f'sessions.sql("{join}")?'):
                result = interrupt_when_running(kernel, f'println!("begun"); {ask}')
                assert result.status == "error" and result.errors[0]["ename"] == "Interrupted", result
                assert "No variable is lost" in result.errors[0]["evalue"], result.errors
                holds(kernel)

        with check("so are both if the cell was only about to begin with them"):
            pause = 'println!("begun"); std::thread::sleep(std::time::Duration::from_millis(200));'
            for then in ('std::process::Command::new("sleep").arg("5076").status()?;', f'sessions.sql("{query}")?'):
                result = interrupt_when_running(kernel, f"{pause} {then}")
                assert result.status == "error" and "No variable is lost" in result.errors[0]["evalue"], result
                assert not running("5076")
                holds(kernel)

        with check("a compiler that takes long is ended, and nothing is lost"):
            request, began = kernel.begin("!sleep 5072"), time.perf_counter()
            within(SOON, "the program runs", lambda: running("5072"))
            kernel.interrupt()
            result = kernel.collect(request, began, seconds=SOON)
            assert result.status == "error" and "No variable is lost" in result.errors[0]["evalue"], result
            within(SOON, "the program ends", lambda: not running("5072"))
            holds(kernel)

        with check("a cell that does not end is ended with what it has started, and what is lost is named"):
            result = interrupt_when_running(
                kernel,
                'let child = std::process::Command::new("sh").args(["-c", "sleep 5073 & sleep 5073"]).spawn()?;'
                f'println!("begun"); loop {{ {WAIT} }}',
            )
            error = result.errors[0]
            assert error["ename"] == "Interrupted" and "lost: sessions, total" in error["evalue"], error
            assert OPEN in error["evalue"] and "let total = 7;" in error["evalue"], error
            within(SOON, "what the cell had started ends", lambda: not running("5073"))
            succeeds(kernel, "let total = 7;")
            holds(kernel)

        with check("a flood of lines can be interrupted"):
            result = interrupt_when_running(kernel, 'for i in 0.. { println!("line {i}"); }')
            assert result.status == "error" and result.errors[0]["ename"] == "Interrupted", result.errors
            succeeds(kernel, "let total = 7;")
            holds(kernel)

        with check("many interrupts, while a cell begins and ends, leave a kernel that works"):
            generator = random.Random(7)
            for _ in range(8):
                request, began = kernel.begin(f"let total = 7; {WAIT}"), time.perf_counter()
                for _ in range(3):
                    time.sleep(generator.random() / 2)
                    kernel.interrupt()
                assert kernel.collect(request, began, seconds=SOON).status in ("ok", "error")
            succeeds(kernel, "let total = 7;")
            holds(kernel)
            shows(kernel, "total + 1", "text/plain")


def running(argument: str) -> bool:
    """Whether a `sleep` of so many seconds runs."""
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = command.read_bytes().split(b"\0")
        except OSError:
            continue  # it ended meanwhile
        if words[0].endswith(b"sleep") and argument.encode() in words:
            return True
    return False


def the_queue(check: Checks, project: Project) -> None:
    with project.kernel() as kernel:
        succeeds(kernel, "let total = 7;")
        failing = {
            "a failed `?`": 'Sessions::open("missing.csv")?;',
            "a panic": 'panic!("on purpose");',
            "a compile error": 'let wrong: i32 = "text";',
            "a chart that can't be drawn": "table.bar()",
        }
        succeeds(kernel, 'let table = Table::text(&["name"], &[&["value"]])?;')
        for what, code in failing.items():
            with check(f"{what} stops the cells that wait behind it"):
                assert queued(kernel, [code, "let total = 8;", "total"]) == ["error", "aborted", "aborted"]
                holds(kernel)

        with check("without stop_on_error they run"):
            assert queued(kernel, [failing["a failed `?`"], "total"], stop_on_error=False) == ["error", "ok"]

        with check("a silent cell has no number, no input and no value on the page"):
            before = number(kernel)
            messages = everything(kernel, kernel.client.execute("total", silent=True, allow_stdin=False))
            assert {message["msg_type"] for message in messages} == {"status"}, messages
            assert number(kernel) == before + 1

        with check("a cell that is not to be remembered has no number of its own"):
            before = number(kernel)
            everything(kernel, kernel.client.execute("total", store_history=False, allow_stdin=False))
            assert number(kernel) == before + 1

        with check("user expressions are answered, each by itself"):
            request = kernel.client.execute(
                "let double = total * 2;", user_expressions={"good": "double", "bad": "nobody"}, allow_stdin=False
            )
            answers = reply(kernel, request)["user_expressions"]
            assert answers["good"]["status"] == "ok" and answers["good"]["data"]["text/plain"] == "14", answers
            assert answers["bad"]["status"] == "error" and "nobody" in answers["bad"]["evalue"], answers
            everything(kernel, None)

        with check("the cells that were run are remembered"):
            request = kernel.client.history(hist_access_type="tail", n=1, output=False, raw=True)
            history = reply(kernel, request)["history"]
            assert history[-1][2] == "let double = total * 2;", history


def queued(kernel: Kernel, codes: list[str], **options) -> list[str]:
    """Sends cells at once, and gives how each was answered."""
    requests = [kernel.client.execute(code, allow_stdin=False, **options) for code in codes]
    answers = {}
    while len(answers) < len(requests):
        message = kernel.client.get_shell_msg(timeout=SOON)
        answers[message["parent_header"]["msg_id"]] = message["content"]["status"]
    everything(kernel, None)
    return [answers[request] for request in requests]


def reply(kernel: Kernel, request: str) -> dict:
    while (message := kernel.client.get_shell_msg(timeout=SOON))["parent_header"].get("msg_id") != request:
        pass
    return message["content"]


def everything(kernel: Kernel, request: str | None) -> list[dict]:
    """What is published for a request, up to its end; or whatever still comes within a moment."""
    messages = []
    while True:
        try:
            message = kernel.client.get_iopub_msg(timeout=SOON if request else 0.3)
        except queue.Empty:
            return messages
        if request and message["parent_header"].get("msg_id") != request:
            continue
        messages.append(message)
        if request and message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            reply(kernel, request)
            return messages


def number(kernel: Kernel) -> int:
    """The number of a cell that is run now."""
    return reply(kernel, kernel.client.execute("1;", allow_stdin=False))["execution_count"]


def output(check: Checks, project: Project) -> None:
    with project.kernel() as kernel:
        succeeds(kernel, "let total = 7;")

        with check("text without a line end is shown"):
            assert succeeds(kernel, 'print!("abc");').stdout == "abc"
            result = kernel.run('eprint!("Zoë 東京 🦀");')
            assert result.stderr == "Zoë 東京 🦀", result

        with check("a unit shows nothing"):
            result = succeeds(kernel, 'for i in 0..3 { println!("{i}"); }')
            assert result.stdout == "0\n1\n2\n" and not result.data, result
            assert not succeeds(kernel, "()").data

        with check("both streams are complete before the kernel is idle"):
            code = 'for i in 0..200 { println!("out {i}"); eprintln!("err {i}"); } eprint!("end");'
            for _ in range(10):
                request = kernel.client.execute(code, allow_stdin=False)
                texts = {"stdout": "", "stderr": ""}
                for message in everything(kernel, request):
                    if message["msg_type"] == "stream":
                        texts[message["content"]["name"]] += message["content"]["text"]
                assert texts["stdout"] == "".join(f"out {i}\n" for i in range(200))
                assert texts["stderr"] == "".join(f"err {i}\n" for i in range(200)) + "end"

        with check("what looks like evcxr's marks is text, and the marks themselves are never shown"):
            printed = [
                "EVCXR_EXECUTION_COMPLETE", "EVCXR_PANIC_NOTIFICATION", "EVCXR_ERROR_OCCURRED", "EVCXR_END_CONTENT",
                "EVCXR_VARIABLE_CHANGED_TYPE:total", "EVCXR_BEGIN_CONTENT text/plain", "EVCXR_BEGIN_CONTENT", "LOAD_AND_RUN a b",
                "\u001e", "\u001e failed 1 1 0", "see EVCXR_INPUT_REQUEST:x",
            ]
            literal = lambda text: json.dumps(text, ensure_ascii=False).replace("\\u001e", "\\u{1e}")
            lines = "".join(f"println!({literal(line)});" for line in printed)
            result = succeeds(kernel, lines + "total")
            assert result.stdout == "".join(f"{line}\n" for line in printed), result.stdout
            assert result.data["text/plain"] == "7"
            result = kernel.run(lines + 'print!("half"); Err("stop")?;')
            assert result.stdout == "".join(f"{line}\n" for line in printed) + "half", result.stdout
            assert result.errors[0]["evalue"] == "stop", result.errors
            holds(kernel)

        with check("a value behind text without a line end is shown, and so is each of several"):
            block = 'print!("EVCXR_BEGIN_CONTENT text/html\\n<b>{}</b>\\nEVCXR_END_CONTENT\\n", '
            request = kernel.client.execute(f'print!("abc"); {block}1); println!("def"); {block}2); {block}3);', allow_stdin=False)
            seen = [
                message["content"].get("text") or message["content"]["data"]["text/html"]
                for message in everything(kernel, request)
                if message["msg_type"] in ("stream", "display_data", "execute_result")
            ]
            assert seen == ["abc", "<b>1</b>", "def\n", "<b>2</b>", "<b>3</b>"], seen

        with check("a value that shows itself does so in a cell that uses up what it is made of"):
            succeeds(kernel, OPEN)
            codes = ['t.title("again")', 'drop(u); t.title("again")', "let v = t; drop(v); u", '{ let v = t; v.title("again") }']
            codes += ["std::thread::spawn(move || t).join().unwrap()", "std::convert::identity::<Result<Chart, String>>(Ok(t))?"]
            for code in codes:
                succeeds(kernel, "let t = sessions.count_by(Isp)?.bar(); let u = t.clone();")
                shows(kernel, code, "image/png")
            fails(kernel, "t", "cannot find value `t`")

        with check("one that is shown as text is, and what uses a variable twice is an error"):
            succeeds(kernel, "let t = sessions.count_by(Isp)?.bar(); let list = vec![1, 2];")
            assert shows(kernel, "list.into_iter().rev().collect::<Vec<i32>>()", "text/plain") == "[2, 1]"
            fails(kernel, 'let title = "a"; drop(t); t.title(title)', "use of moved value: `t`", "drop(t)")
            shows(kernel, "t", "image/png")

        with check("a display that is rewritten is one output"):
            block = 'print!("EVCXR_BEGIN_CONTENT text/plain display=load\\n{} %\\nEVCXR_END_CONTENT\\n", '
            request = kernel.client.execute(f"{block}1); {block}50); {block}100);", allow_stdin=False)
            kinds = [message["msg_type"] for message in everything(kernel, request)]
            assert kinds.count("display_data") == 1 and kinds.count("update_display_data") == 2, kinds

        with check("a flood of a million lines comes whole"):
            result = succeeds(kernel, 'for i in 0..1_000_000 { println!("{i}"); }')
            assert result.stdout == "".join(f"{i}\n" for i in range(1_000_000))

        with check("what a thread prints between cells arrives"):
            spawn = f'std::thread::spawn(|| {{ {WAIT} println!("later"); }});'
            request = kernel.client.execute(spawn, allow_stdin=False)
            everything(kernel, request)
            while (message := kernel.client.get_iopub_msg(timeout=SOON))["msg_type"] != "stream":
                pass
            assert message["content"]["text"] == "later\n", message

        with check("Shift+Tab shows the signature and the first paragraph of the documentation"):
            for code, cursor in (("Sessions::open(", 15), ("Sessions::open(", 12), ('Sessions::open("a.csv")', 18)):
                text = kernel.inspect(code, cursor)["data"]["text/plain"]
                assert "pub fn open(path: &str)" in text and "Opens a CSV" in text, text
                assert "The file is refused" not in text, "more than the first paragraph"


def input_lines(check: Checks, project: Project) -> None:
    read = "let mut line = String::new(); std::io::stdin().read_line(&mut line)?;"
    with project.kernel() as kernel:
        succeeds(kernel, "let total = 7;")

        with check("lines are asked for, one after the other, and arrive as they were typed"):
            request = kernel.client.execute(f"{read} let mut other = line.clone(); {read} (other, line)", allow_stdin=True)
            for line in ("one", "two ü 東京 \u0003 " + "x" * 9000):
                assert kernel.client.get_stdin_msg(timeout=SOON)["msg_type"] == "input_request"
                kernel.client.input(line)
            result = kernel.collect(request, time.perf_counter())
            assert result.status == "ok", result.errors
            assert '"one\\n"' in result.data["text/plain"] and "x" * 9000 in result.data["text/plain"], result.data
            holds(kernel)

        with check("where nobody can type, that is said at once"):
            fails(kernel, read, "standard input")
            holds(kernel)

        with check("a cell that waits for a line can be interrupted, and nothing is lost"):
            request = kernel.client.execute(read, allow_stdin=True)
            kernel.client.get_stdin_msg(timeout=SOON)
            kernel.interrupt()
            kernel.collect(request, time.perf_counter(), seconds=SOON)
            holds(kernel)


def a_process_that_ends(check: Checks, project: Project) -> None:
    with project.kernel() as kernel:
        ends = {
            "std::process::exit(3)": "exit code 3",
            "std::process::abort()": "SIGABRT",
            "unsafe { *(8 as *mut i32) = 1; }": "SIGSEGV",
            "fn deeper(n: u64) -> u64 { if n == 0 { 0 } else { 1 + deeper(n + 1) } } deeper(1)": "SIG",
        }
        for code, word in ends.items():
            with check(f"`{code}` names what is lost and what brings it back, and the kernel goes on"):
                succeeds(kernel, "let total = 7;")
                fails(kernel, code, word, "lost: total", "let total = 7;")

        with check("the lines that bring back what is lost run as they stand, in the order in which the cells ran"):
            cells = ["let v = vec![1, 2];", "let w = v; w.len()", "let q = w.iter().map(|x| x * 2).collect::<Vec<_>>();"]
            cells += ["let b = 5;", "let c = b + 1;", "let mut m = vec![0];\nfor i in 1..3 {\n    m.push(i)\n}", "let width = 3_usize;"]
            cells += ['let s = format!("{b:>width$}");', "let d = vec![b]; drop(d);", "c + 1", 'let b: i32 = "5".parse()?;']
            values = {"b": "5", "c": "6", "m": "[0, 1, 2]", "q": "[2, 4]", "s": '"  5"', "w": "[1, 2]", "width": "3"}
            back(kernel, values, *cells)
            back(kernel, {"a": "4", "b": "3"}, "let a = 1; let b = a + 2;", "let a = b + 1; a", "a * 1")

        with check("where a line that is needed can't be had, no line is said to do"):
            for failing in ('many.push(1); Err("no")?', 'many.push(1); panic!("no")'):
                succeeds(kernel, "let mut many = vec![0]; let total = 7;")
                fails(kernel, failing, "no")
                assert "or run" not in fails(kernel, "std::process::exit(3)", "lost: many, total. To", "Cell.").traceback

        with check("nor is a line of a cell that has failed, which may have been compiled before"):
            succeeds(kernel, 'let total: i32 = "7".parse()?;')
            succeeds(kernel, 'let total: i32 = "8".parse()?;')
            for failing in ("parse()", "parse::<i32>()"):
                fails(kernel, f'let total: i32 = "7x".{failing}?;', "invalid digit")
            back(kernel, {"total": "8"})

        with check("a process that a cell has started ends with the kernel"):
            succeeds(kernel, 'let child = std::process::Command::new("setsid").args(["sleep", "5074"]).spawn()?;')
            within(SOON, "it runs", lambda: running("5074"))
    with check("a process that a cell has started ends with the kernel, after a shutdown"):
        within(SOON, "it ends", lambda: not running("5074"))

    with project.kernel() as kernel:
        succeeds(kernel, 'let child = std::process::Command::new("sleep").arg("5075").spawn()?;')
        processes = below(kernel.pid)
        os.kill(kernel.pid, signal.SIGKILL)
        with check("nothing is left of a kernel that was killed"):
            within(SOON, "its processes end", lambda: not any(Path(f"/proc/{process}/exe").exists() for process in processes))
            assert not running("5075")


def back(kernel: Kernel, values: dict[str, str], *cells: str) -> None:
    """Ends the process behind some cells, runs the lines that it says, and looks whether all is as it was."""
    for code in cells:
        succeeds(kernel, code)
    error = fails(kernel, "std::process::exit(3)", f"lost: {', '.join(values)}.", "or run:\n").errors[0]
    succeeds(kernel, error["evalue"].partition("or run:\n")[2])
    for name, value in values.items():
        holds(kernel, name, value)
    assert fails(kernel, "std::process::exit(3)").errors[0]["evalue"] == error["evalue"]


def memory(check: Checks, project: Project) -> None:
    with project.kernel() as kernel, check("cells may have large pages, and know nothing of what the kernel's allocator was told"):
        status = shows(kernel, 'std::fs::read_to_string("/proc/self/status")?.lines().find(|line| line.starts_with("THP"))', "text/plain")
        assert status in ('Some("THP_enabled:\\t1")', "None"), status  # which Linux says since 5.0
        assert shows(kernel, 'std::env::vars().any(|(name, _)| name.starts_with("MIMALLOC"))', "text/plain") == "false"
    with project.kernel(env={"STREAMROOT_MEMORY": "1GB"}) as kernel:
        succeeds(kernel, "let total = 7;")
        with check("a cell that outgrows its share of the memory is ended with a sentence"):
            grow = "let mut all: Vec<Vec<u8>> = vec![]; loop { all.push(vec![1; 1 << 26]); }"
            fails(kernel, grow, "1.0 GB", "STREAMROOT_MEMORY", "lost: total")
            succeeds(kernel, "let total = 7;")
            holds(kernel)


def some_tokens(check: Checks, project: Project) -> None:
    """Some places of a cell, another one each week."""
    week = int(time.time() // (7 * 24 * 3600))
    tokens(check, project, ["08-opportunity"], lambda cells: random.Random(week).sample(cells, 1), every=False)


def every_token(check: Checks, project: Project) -> None:
    tokens(check, project, sorted(path.stem for path in project.notebooks.glob("*.ipynb")), lambda cells: cells, every=True)


def tokens(check: Checks, project: Project, names: list[str], choose, every: bool) -> None:
    slowest = 0.0
    for name in names:
        notebook = nbformat.read(project.notebooks / f"{name}.ipynb", as_version=4)
        cells = [cell.source for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
        with project.kernel() as kernel, check(f"Tab and Shift+Tab everywhere in {name}, and a cell after each"):
            for cell in cells:
                succeeds(kernel, cell)
            variables = shows(kernel, ":vars", "text/plain")
            succeeds(kernel, "let total = 7;")
            places = 0
            for cell in choose(cells):
                ends = {0, *(token.end() for token in TOKENS.finditer(cell))}
                for place in sorted(ends if every else random.Random(cell).sample(sorted(ends), min(60, len(ends)))):
                    for ask in (kernel.complete, kernel.inspect):
                        began = time.perf_counter()
                        ask(cell, place)
                        slowest = max(slowest, time.perf_counter() - began)
                    places += 1
                holds(kernel)
                succeeds(kernel, cell)
            after = {line for line in shows(kernel, ":vars", "text/plain").splitlines() if not line.startswith("total:")}
            assert set(variables.splitlines()) == after, f"{variables} before, {after} after"
            print(f"    {places} places, the slowest answer so far after {slowest:.2f} s", flush=True)


class Conformance(KernelTests):
    """The samples that the ecosystem's own suite asks of a kernel."""

    kernel_name = "streamroot"
    language_name = "Rust"
    file_extension = ".rs"
    code_hello_world = 'println!("hello, world");'
    code_stderr = 'eprintln!("oops");'
    completion_samples = [{"text": "Sessions::connect_opt", "matches": {"connect_options()"}}]
    complete_code_samples = ["1 + 1", "let x = 5;", "fn f() -> i32 { 1 }"]
    incomplete_code_samples = ["fn f() {", 'let s = "abc', "let x ="]
    invalid_code_samples = ["let = 5; f()"]
    code_generate_error = 'Err("no")?;'
    code_execute_result = [{"code": "6 * 7", "result": "42"}, {"code": '"a".to_owned()', "result": '"a"'}]
    code_display_data = [
        {"code": 'println!("EVCXR_BEGIN_CONTENT text/html\\n<b>x</b>\\nEVCXR_END_CONTENT\\nshown");', "mime": "text/html"}
    ]
    code_history_pattern = "6 *"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Sessions::open"

    @classmethod
    def setUpClass(cls) -> None:
        """Waits until the kernel can run cells: until then it knows nothing to complete."""
        super().setUpClass()
        cls.kc.execute("1", reply=True, timeout=300)


def conformance(check: Checks, project: Project) -> None:
    os.chdir(project.notebooks)
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Conformance)
    result = unittest.TextTestRunner(stream=open(os.devnull, "w"), verbosity=0).run(suite)
    wrong = {test.id(): said for test, said in result.failures + result.errors}
    skipped = {test.id() for test, _ in result.skipped}
    for name in unittest.defaultTestLoader.getTestCaseNames(Conformance):
        said = [text for test, text in wrong.items() if f".{name}" in test]
        if not any(test.endswith(f".{name}") for test in skipped):
            check.report(f"jupyter_kernel_test: {name}", not said, "\n".join(said))
    with check("jupyter_kernel_test ran, and left out only what kernels may lack"):
        allowed = {"test_pager", "test_clear_output"}
        left_out = {test.rpartition(".")[2] for test in skipped}
        assert result.testsRun >= 12 and left_out <= allowed, f"{result.testsRun} ran, {left_out} were left out"


if __name__ == "__main__":
    sys.exit(main())
