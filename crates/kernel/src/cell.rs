//! What evcxr makes of a cell, and what becomes of that before it is compiled.
//!
//! evcxr wraps a cell into a function that takes the variables out of a store, runs, and puts them back. Around the
//! user's lines, this puts our own: marks that can't be mistaken for what a cell prints, the place where a `?` failed, a
//! panic's words, and a store that keeps the old value of a variable until the new one is there. No line moves, since
//! evcxr tells the user's lines by their numbers.

use anyhow::{Context, Result};

use crate::literals::Literals;
use crate::runner::literals::{LITERALS, MOST};
use crate::runner::marks::MARK;
use crate::runner::runtime::FLUSH;

/// The first and the last lines of evcxr's store.
const STORE_BEGINS: &str = "mod evcxr_internal_runtime {\n// Copyright 2020 The Evcxr Authors.\n";
const STORE_ENDS: &str = "    Box::into_raw(Box::new(VariableStore::new()))\n}\n}\n";
/// What evcxr prints of a panic that it caught.
const PANIC: &str = "    println!(\"EVCXR_PANIC_NOTIFICATION\");";
/// Where an error of a `?` arrives.
const ERROR_BEGINS: &str = "struct EvcxrUserCodeError {}";
const ERROR_ARRIVES: &str = "fn from(error: T) -> Self {";
const ERROR_IS_TOLD: &str = "println!(\"{}\", evcxr_internal_runtime::USER_ERROR_OCCURRED);";

/// A line of the store, which others can stand before.
const STORE_IS_MADE: &str = "pub fn create_variable_store()";

/// The store, ours. `SECRET` stands for what nobody can guess.
const STORE: &str = r#"mod evcxr_internal_runtime {
use std::any::Any;
use std::collections::HashMap;
#[derive(Default)]
pub struct VariableStore { variables: HashMap<String, Box<dyn Any>>, kept: HashMap<String, Box<dyn Any>> }
pub fn mark(kind: &str, at: Option<&std::panic::Location>, text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let (line, column) = at.filter(|at| at.file().ends_with("src/lib.rs")).map_or((0, 0), |at| (at.line(), at.column()));
    let _ = write!(out, "SECRET {kind} {line} {column} {}\n{text}\n", text.len());
    let _ = out.flush();
}
impl VariableStore {
    pub fn put_variable<T: 'static>(&mut self, name: &str, value: T) {
        self.kept.remove(name);
        self.variables.insert(name.to_owned(), Box::new(value));
    }
    pub fn check_variable<T: 'static>(&mut self, name: &str) -> bool {
        if !self.variables.contains_key(name) && let Some(kept) = self.kept.remove(name) {
            self.variables.insert(name.to_owned(), kept);
        }
        let lost = match self.variables.get(name) {
            Some(value) if value.is::<T>() => return true,
            Some(_) => "its type was defined anew",
            None => "a cell that failed had taken it",
        };
        eprintln!("The variable {name} is lost: {lost}.");
        mark("lost", None, name);
        false
    }
    pub fn take_variable<T: 'static>(&mut self, name: &str) -> T {
        match self.variables.remove(name).map(Box::<dyn Any>::downcast) {
            Some(Ok(value)) => *value,
            _ => panic!("the variable {name} is not there"),
        }
    }
    pub fn lazy_arc<T: 'static, F: FnOnce() -> T>(&mut self, name: &str, create: F) -> std::sync::Arc<T> {
        let made = self.variables.entry(name.to_owned()).or_insert_with(|| Box::new(std::sync::Arc::new(create())));
        std::sync::Arc::clone(made.downcast_ref().expect("lazy_arc"))
    }
}
pub fn create_variable_store() -> *mut VariableStore {
    std::panic::set_hook(Box::new(|info| mark("panicking", info.location(), info.payload_as_str().unwrap_or("it says nothing"))));
    Box::into_raw(Box::default())
}
pub struct Old<'a, T>(pub &'a T);
pub trait KeepCopy { fn keep(&self, store: &mut VariableStore, name: &str); }
impl<T: Clone + 'static> KeepCopy for Old<'_, T> {
    fn keep(&self, store: &mut VariableStore, name: &str) { store.kept.insert(name.to_owned(), Box::new(self.0.clone())); }
}
pub trait KeepNothing { fn keep(&self, store: &mut VariableStore, name: &str); }
impl<T> KeepNothing for &Old<'_, T> { fn keep(&self, _: &mut VariableStore, _: &str) {} }
#[unsafe(no_mangle)]
pub extern "C" fn FLUSH() { let _ = std::io::Write::flush(&mut std::io::stdout()); }
"#;

/// What gives literals: the ones that are written when the cell runs for the first time, which then are known by their types, and
/// from then on those that the process is told, which has looked whether they fit (`runner/literals.rs`).
const GIVEN: &str = r#"
#[repr(C)] pub struct Value { bits: u128, text: *const u8, length: usize }
#[repr(C)] pub struct Literals { count: usize, kinds: [u8; MOST], values: *const Value }
#[unsafe(no_mangle)] pub static mut LITERALS: Literals = Literals { count: 0, kinds: [0; MOST], values: std::ptr::null() };
pub trait Given { const KIND: u8; fn of(value: &Value) -> Self; }
macro_rules! given { ($($kind:literal $type:ty, $value:ident $of:expr;)*) => {
    $(impl Given for $type { const KIND: u8 = $kind; #[inline] fn of($value: &Value) -> Self { $of } })*
} }
given! {
    1 i8, v v.bits as _; 2 i16, v v.bits as _; 3 i32, v v.bits as _; 4 i64, v v.bits as _; 5 i128, v v.bits as _;
    6 isize, v v.bits as _; 7 u8, v v.bits as _; 8 u16, v v.bits as _; 9 u32, v v.bits as _; 10 u64, v v.bits as _;
    11 u128, v v.bits as _; 12 usize, v v.bits as _; 13 f32, v f32::from_bits(v.bits as _);
    14 f64, v f64::from_bits(v.bits as _); 15 bool, v v.bits != 0;
    16 &'static str, v unsafe { std::str::from_utf8_unchecked(std::slice::from_raw_parts(v.text, v.length)) };
}
pub fn given<T: Given>(written: T, at: usize) -> T { unsafe {
    let literals = &raw mut LITERALS;
    if !(*literals).values.is_null() { return T::of(&*(*literals).values.add(at)); }
    (*literals).kinds[at] = T::KIND;
    (*literals).count = at + 1;
    written
} }
"#;

/// What [`rewritten`] has made of a cell, with its literals given; nothing if they can't be.
pub fn given(rewritten: &str, literals: &Literals) -> Option<String> {
    let at = rewritten.find(STORE_IS_MADE).filter(|_| literals.values.len() <= MOST)?;
    let given = GIVEN.replace('\n', " ").replace("LITERALS", LITERALS).replace("MOST", &MOST.to_string());
    literals.given(&[&rewritten[..at], &given, &rewritten[at..]].concat())
}

/// The source to be compiled in the place of `source`, which evcxr has made.
///
/// # Errors
/// It is not as evcxr 0.22 makes it.
pub fn rewritten(source: &str, secret: &str) -> Result<String> {
    let strange = "This version of evcxr makes something else of a cell than the kernel knows";
    let Some(store_at) = source.find(STORE_BEGINS) else {
        // A cell without variables and without `?`.
        let panic = format!("    println!(\"{{}}{secret} panic 0 0 0\\n\", {:?});", MARK);
        return Ok(replace_last(source, PANIC, &panic));
    };
    let (before, rest) = source.split_at(store_at);
    let store_length = rest.find(STORE_ENDS).context(strange)? + STORE_ENDS.len();
    let (store, function) = rest.split_at(store_length);

    let mut before = before.to_owned();
    if let Some(at) = before.rfind(ERROR_BEGINS) {
        let error = before.split_off(at);
        let (told_begins, told) = error.split_once("eprintln!(").context(strange)?;
        let (format, told) = told.split_once(", error);").context(strange)?;
        let told_begins = told_begins.replacen(ERROR_ARRIVES, &format!("#[track_caller] {ERROR_ARRIVES}"), 1);
        let told = told.replacen(ERROR_IS_TOLD, "", 1);
        let mark = r#"evcxr_internal_runtime::mark("failed", Some(std::panic::Location::caller()), "#;
        before.push_str(&format!("{told_begins}{mark}&format!({format}, error));{told}"));
    }

    let mark = format!("\\u{{{:x}}}{secret}", u32::from(MARK));
    let mut ours = STORE.replace("SECRET", &mark).replace("FLUSH", FLUSH);
    let lines = |text: &str| text.matches('\n').count();
    // One line is that of the closing brace.
    let missing = lines(store).checked_sub(lines(&ours) + 1).context(strange)?;
    ours.extend(std::iter::repeat_n('\n', missing));
    ours.push_str("}\n");

    let function = replace_last(function, PANIC, r#"    evcxr_internal_runtime::mark("panic", None, "");"#);
    Ok([before, ours, keep_old_values(&function)].concat())
}

/// Keeps a copy of each variable that the cell binds anew, if it can be copied. It is in the store until the new one is.
fn keep_old_values(function: &str) -> String {
    // What is put back inside of the closure that may panic is new.
    let new_ends = function.rfind("})) { \n").unwrap_or(0);
    let mut lines = String::with_capacity(function.len());
    for line in function.split_inclusive('\n') {
        let name = line
            .strip_prefix("let ")
            .filter(|rest| rest.contains(" = evcxr_variable_store.take_variable::<"))
            .and_then(|rest| rest.trim_end().strip_suffix("));")?.rsplit_once("(stringify!("))
            .map(|(_, name)| name);
        match name {
            Some(name) if function[..new_ends].contains(&format!(">(stringify!({name}), {name});\n")) => {
                lines.push_str(line.trim_end_matches('\n'));
                lines.push_str(" { use evcxr_internal_runtime::{KeepCopy as _, KeepNothing as _}; ");
                lines.push_str("(&evcxr_internal_runtime::Old(&");
                lines.push_str(name);
                lines.push_str(")).keep(evcxr_variable_store, stringify!(");
                lines.push_str(name);
                lines.push_str(")); }\n");
            }
            _ => lines.push_str(line),
        }
    }
    lines
}

fn replace_last(text: &str, old: &str, new: &str) -> String {
    match text.rfind(old) {
        Some(at) => [&text[..at], new, &text[at + old.len()..]].concat(),
        None => text.to_owned(),
    }
}
