//! The ADBC client against a driver that answers what real ones answer rarely or never, which `drivers/fake.rs` is.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use streamroot::prelude::*;
use support::flat;

/// The driver, which the compiler that has built this test builds too.
fn driver() -> &'static Path {
    static DRIVER: OnceLock<PathBuf> = OnceLock::new();
    DRIVER.get_or_init(|| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let (path, unfinished) = (directory.join("libfake.so"), directory.join(format!("{}.so", std::process::id())));
        let beside_cargo = std::env::var_os("CARGO").map(|cargo| PathBuf::from(cargo).with_file_name("rustc"));
        let rustc = beside_cargo.filter(|rustc| rustc.exists()).unwrap_or_else(|| PathBuf::from("rustc"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drivers/fake.rs");
        let built = Command::new(rustc)
            .args(["--edition", "2024", "--crate-type", "cdylib", "--crate-name", "fake", "-o"])
            .args([&unfinished, &source])
            .output()
            .unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        std::fs::rename(unfinished, &path).unwrap();
        path
    })
}

/// The driver under another name, which is that of another function it begins with.
fn named(name: &str) -> String {
    let path = driver().with_file_name(format!("{name}.so"));
    let _ = std::fs::remove_file(&path);
    std::fs::hard_link(driver(), &path).unwrap();
    path.to_str().unwrap().to_owned()
}

fn connect(driver: &str, options: &[(&str, &str)]) -> streamroot::Result<Sessions> {
    let options = options.iter().fold(Sessions::connect_options(), |all, (name, value)| all.option(name, value));
    options.connect(driver, "", "sessions")
}

fn engine() -> Sessions {
    connect(driver().to_str().unwrap(), &[]).unwrap()
}

#[track_caller]
fn fails(engine: &Sessions, answer: &str, part: &str) {
    let error = engine.sql(answer).err().unwrap_or_else(|| panic!("{answer} was read")).to_string();
    assert!(error.contains(part), "{answer}: {error}");
}

// One test, since it counts what the driver has handed out and not got back.
#[test]
fn answers_are_read_whole_or_refused_and_always_given_back() {
    let engine = engine();
    let alive = || engine.sql("alive").unwrap().columns()[0].number(0).unwrap();
    let before = alive();

    // Values 5 to 8 of each column, of which 6 is missing.
    let parts = engine.sql("parts").unwrap();
    let column = |i: usize| {
        let column = &parts.columns()[i];
        (0..parts.rows()).map(|row| support::value(column, row)).collect::<Vec<_>>().join(" ")
    };
    let expected = [
        "- - - -",
        "false - false false",
        "5 - 7 8",
        "5 - 7 8",
        "5 - 7 8",
        "-5 - -7 -8",
        "255 - 251 252",
        "5 - 7 8",
        "5 - 7 8",
        "5 - 7 8",
        "2.5 - 3.5 4",
        "1.25 - 1.75 2",
        "a long text, number 5 - a long text, number 7 s8",
        "a long text, number 5 - a long text, number 7 s8",
        "a long text, number 5 - a long text, number 7 s8",
        "1970-01-06 - 1970-01-08 1970-01-09",
        "1970-01-01 00:05:02.5 - 1970-01-01 00:07:03.5 1970-01-01 00:08:04",
        "1.25 - 1.75 2",
        "odd - odd even",
    ];
    assert_eq!(parts.columns().len(), expected.len());
    for (i, expected) in expected.iter().enumerate() {
        assert_eq!(column(i), *expected, "column {i}");
    }

    let empty = engine.sql("empty").unwrap();
    assert_eq!((empty.rows(), empty.columns().len()), (0, expected.len()));
    assert_eq!(engine.sql("no columns").unwrap().columns().len(), 0);
    assert_eq!(flat(&engine.sql("empty texts").unwrap()), " ");
    // 0 + 1 + … + 999.
    assert_eq!(f64::from(engine.sql("many batches").unwrap().sum("v").unwrap()), 499_500.0);
    assert_eq!(flat(&engine.sql("invalid text").unwrap()), "\u{fffd}x");
    assert_eq!(flat(&engine.sql("key beyond its dictionary").unwrap()), "-");

    for (answer, part) in [
        ("strange type", "\"+l\""),
        ("no type", "\"\""),
        ("wide decimal", "\"d:50,2,256\""),
        ("short column", "shorter"),
        ("offset beyond", "shorter"),
        ("negative length", "negative"),
        ("negative offset", "negative"),
        ("no buffers", "buffer"),
        ("missing buffer", "buffer"),
        ("missing text", "makes no sense"),
        ("backward text", "makes no sense"),
        ("negative text", "negative"),
        ("view without buffer", "buffer"),
        ("negative view", "negative"),
        ("other columns", "another number of columns"),
        ("absent column", "a child is missing"),
        ("absent columns", "children are missing"),
        ("dictionary without values", "type"),
        ("error at once", "the disk is on fire"),
        ("error in the middle", "the disk is on fire"),
        ("error without a message", "in the middle"),
        ("no schema", "there is no schema"),
        ("nothing", "no answer is called nothing"),
        ("no message", "status 9"),
    ] {
        fails(&engine, answer, part);
    }
    // What "absent columns" hid from the client can't be given back by it.
    assert_eq!(alive() - before, 0.0, "not everything was released");

    let fake = driver().to_str().unwrap();
    let error = connect(fake, &[("fine", "1"), ("coarse", "2")]).err().unwrap().to_string();
    assert!(error.contains("there is no option coarse to set to 2"), "{error}");
    for (name, part) in [
        ("libfake_fails", "this driver needs a newer manager"),
        ("libfake_fails_silently", "status 3"),
        ("libfake_without_connections", "lacks a function"),
        ("libfake_without_execute", "lacks a function"),
    ] {
        let error = connect(&named(name), &[]).err().unwrap().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(alive() - before, 0.0, "not everything was released");
}
