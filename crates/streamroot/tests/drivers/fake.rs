//! An ADBC driver that answers with Arrow data which a real one gives rarely or never: parts of arrays, dictionaries, views,
//! empty batches, and data that are not valid. The query is the name of the answer. `tests/adbc_answers.rs` builds it.
#![allow(dead_code)]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicI64, Ordering};

/// How many structures have been handed out and not been released.
static ALIVE: AtomicI64 = AtomicI64::new(0);

#[repr(C)]
struct Failure {
    message: *mut c_char,
    vendor_code: i32,
    sqlstate: [c_char; 5],
    release: Option<unsafe extern "C" fn(*mut Failure)>,
    private_data: *mut c_void,
    private_driver: *const c_void,
}

#[repr(C)]
struct Handle {
    private_data: *mut c_void,
    private_driver: *const c_void,
}

#[repr(C)]
struct Schema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *mut *mut Schema,
    dictionary: *mut Schema,
    release: Option<unsafe extern "C" fn(*mut Schema)>,
    private_data: *mut c_void,
}

#[repr(C)]
struct Array {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *mut *const c_void,
    children: *mut *mut Array,
    dictionary: *mut Array,
    release: Option<unsafe extern "C" fn(*mut Array)>,
    private_data: *mut c_void,
}

#[repr(C)]
struct Stream {
    get_schema: Option<unsafe extern "C" fn(*mut Stream, *mut Schema) -> c_int>,
    get_next: Option<unsafe extern "C" fn(*mut Stream, *mut Array) -> c_int>,
    get_last_error: Option<unsafe extern "C" fn(*mut Stream) -> *const c_char>,
    release: Option<unsafe extern "C" fn(*mut Stream)>,
    private_data: *mut c_void,
}

// ---------------------------------------------------------------- the driver

type Status = u8;

unsafe extern "C" fn release_failure(failure: *mut Failure) {
    unsafe {
        drop(CString::from_raw((*failure).message));
        (*failure).release = None;
    }
    ALIVE.fetch_sub(1, Ordering::Relaxed);
}

unsafe fn fail(failure: *mut Failure, message: &str) -> Status {
    unsafe {
        (*failure).message = CString::new(message).unwrap().into_raw();
        (*failure).release = Some(release_failure);
    }
    ALIVE.fetch_add(1, Ordering::Relaxed);
    5
}

unsafe extern "C" fn new(handle: *mut Handle, _: *mut Failure) -> Status {
    unsafe { (*handle).private_data = Box::into_raw(Box::new(String::new())).cast() };
    ALIVE.fetch_add(1, Ordering::Relaxed);
    0
}

unsafe extern "C" fn init(_: *mut Handle, _: *mut Failure) -> Status {
    0
}

unsafe extern "C" fn connect(_: *mut Handle, _: *mut Handle, _: *mut Failure) -> Status {
    0
}

unsafe extern "C" fn statement(_: *mut Handle, handle: *mut Handle, failure: *mut Failure) -> Status {
    unsafe { new(handle, failure) }
}

unsafe extern "C" fn release(handle: *mut Handle, _: *mut Failure) -> Status {
    unsafe {
        drop(Box::from_raw((*handle).private_data.cast::<String>()));
        (*handle).private_data = null_mut();
    }
    ALIVE.fetch_sub(1, Ordering::Relaxed);
    0
}

unsafe extern "C" fn set_option(
    _: *mut Handle,
    key: *const c_char,
    value: *const c_char,
    failure: *mut Failure,
) -> Status {
    let (key, value) = unsafe { (CStr::from_ptr(key).to_str().unwrap(), CStr::from_ptr(value).to_str().unwrap()) };
    if key == "fine" { 0 } else { unsafe { fail(failure, &format!("there is no option {key} to set to {value}")) } }
}

unsafe extern "C" fn set_sql(handle: *mut Handle, sql: *const c_char, _: *mut Failure) -> Status {
    let sql = unsafe { CStr::from_ptr(sql) }.to_str().unwrap().to_owned();
    if sql == "no message" {
        return 9;
    }
    unsafe { *(*handle).private_data.cast::<String>() = sql };
    0
}

unsafe extern "C" fn execute(handle: *mut Handle, stream: *mut Stream, _: *mut i64, failure: *mut Failure) -> Status {
    let sql = unsafe { &*(*handle).private_data.cast::<String>() };
    let Some(answer) = answer(sql) else { return unsafe { fail(failure, &format!("no answer is called {sql}")) } };
    ALIVE.fetch_add(1, Ordering::Relaxed);
    unsafe {
        stream.write(Stream {
            get_schema: Some(get_schema),
            get_next: Some(get_next),
            get_last_error: Some(get_last_error),
            release: Some(release_stream),
            private_data: Box::into_raw(Box::new(answer)).cast(),
        });
    }
    0
}

/// The driver's table of functions, by their places in `adbc.h`.
unsafe fn fill(driver: *mut c_void, without: usize) {
    let functions: [(usize, *const c_void); 11] = [
        (3, init as _),
        (4, new as _),
        (5, set_option as _),
        (6, release as _),
        (12, connect as _),
        (13, new as _),
        (16, release as _),
        (20, execute as _),
        (23, statement as _),
        (25, release as _),
        (27, set_sql as _),
    ];
    for (place, function) in functions {
        if place != without {
            unsafe { driver.cast::<*const c_void>().add(place).write(function) };
        }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn AdbcDriverInit(_: c_int, driver: *mut c_void, _: *mut c_void) -> Status {
    unsafe { fill(driver, usize::MAX) };
    0
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn AdbcFakeWithoutExecuteInit(_: c_int, driver: *mut c_void, _: *mut c_void) -> Status {
    unsafe { fill(driver, 20) };
    0
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn AdbcFakeWithoutConnectionsInit(_: c_int, driver: *mut c_void, _: *mut c_void) -> Status {
    unsafe { fill(driver, 13) };
    0
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn AdbcFakeFailsInit(_: c_int, _: *mut c_void, failure: *mut c_void) -> Status {
    unsafe { fail(failure.cast(), "this driver needs a newer manager") }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn AdbcFakeFailsSilentlyInit(_: c_int, _: *mut c_void, _: *mut c_void) -> Status {
    3
}

// ---------------------------------------------------------------- answers

#[derive(Clone, Default)]
struct Field {
    format: &'static str,
    name: &'static str,
    dictionary: Option<Box<Field>>,
}

#[derive(Clone, Default)]
struct Values {
    length: i64,
    offset: i64,
    null_count: i64,
    /// `None` is a null pointer.
    buffers: Vec<Option<Vec<u8>>>,
    dictionary: Option<Box<Values>>,
    absent: bool,
}

#[derive(Clone, Default)]
struct Batch {
    length: i64,
    offset: i64,
    columns: Vec<Values>,
    without_children: bool,
}

#[derive(Default)]
struct Answer {
    fields: Vec<Field>,
    batches: std::collections::VecDeque<Batch>,
    /// What goes wrong when the batches have been read.
    error: Option<Option<CString>>,
    no_schema: bool,
}

fn bits(values: impl Iterator<Item = bool>) -> Vec<u8> {
    let mut bytes = vec![0_u8; 8];
    for (i, value) in values.enumerate() {
        bytes[i / 8] |= u8::from(value) << (i % 8);
    }
    bytes
}

fn le<const N: usize, T>(values: impl Iterator<Item = T>, bytes: fn(T) -> [u8; N]) -> Option<Vec<u8>> {
    Some(values.flat_map(bytes).collect())
}

/// Texts with four- or eight-byte offsets.
fn texts(texts: &[&str], wide: bool) -> Vec<Option<Vec<u8>>> {
    let mut ends = vec![0_i64];
    for text in texts {
        ends.push(ends[ends.len() - 1] + text.len() as i64);
    }
    let offsets = match wide {
        true => le(ends.into_iter(), i64::to_le_bytes),
        false => le(ends.into_iter().map(|n| n as i32), i32::to_le_bytes),
    };
    vec![None, offsets, Some(texts.concat().into_bytes())]
}

/// Twelve values of each type, which count from 0 on; of them, those from the fifth on belong to the answer: three are
/// skipped by the array, two by the batch.
fn parts() -> (Vec<Field>, Vec<Values>) {
    let names: Vec<String> =
        (0..12).map(|i| if i % 2 == 0 { format!("s{i}") } else { format!("a long text, number {i}") }).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let valid = || Some(bits((0..12).map(|i| i != 6)));
    let mut views = Vec::new();
    let mut long = Vec::new();
    for name in &names {
        views.extend((name.len() as i32).to_le_bytes());
        if name.len() <= 12 {
            views.extend(name.bytes().chain(std::iter::repeat(0)).take(12));
        } else {
            views.extend(&name.as_bytes()[..4]);
            views.extend(0_i32.to_le_bytes());
            views.extend((long.len() as i32).to_le_bytes());
            long.extend(name.bytes());
        }
    }
    let sizes = Some((long.len() as i64).to_le_bytes().to_vec());
    let columns: Vec<(&str, Vec<Option<Vec<u8>>>)> = vec![
        ("n", vec![]),
        ("b", vec![valid(), Some(bits((0..12).map(|i| i % 3 == 0)))]),
        ("c", vec![valid(), le(0..12_i8, i8::to_le_bytes)]),
        ("s", vec![valid(), le(0..12_i16, i16::to_le_bytes)]),
        ("i", vec![valid(), le(0..12_i32, i32::to_le_bytes)]),
        ("l", vec![valid(), le((0..12_i64).map(|n| -n), i64::to_le_bytes)]),
        ("C", vec![valid(), le(250..=255_u8, u8::to_le_bytes).map(|b| [b.clone(), b].concat())]),
        ("S", vec![valid(), le(0..12_u16, u16::to_le_bytes)]),
        ("I", vec![valid(), le(0..12_u32, u32::to_le_bytes)]),
        ("L", vec![valid(), le(0..12_u64, u64::to_le_bytes)]),
        ("f", vec![valid(), le((0..12).map(|n| n as f32 / 2.0), f32::to_le_bytes)]),
        ("g", vec![valid(), le((0..12).map(|n| f64::from(n) / 4.0), f64::to_le_bytes)]),
        ("u", [vec![valid()], texts(&names, false)[1..].to_vec()].concat()),
        ("U", [vec![valid()], texts(&names, true)[1..].to_vec()].concat()),
        ("vu", vec![valid(), Some(views), Some(long), sizes]),
        ("tdD", vec![valid(), le(0..12_i32, i32::to_le_bytes)]),
        ("tsm:", vec![valid(), le((0..12_i64).map(|n| n * 60_500), i64::to_le_bytes)]),
        ("d:5,2", vec![valid(), le((0..12_i128).map(|n| n * 25), i128::to_le_bytes)]),
        ("C", vec![valid(), le((0..12_u8).map(|n| n % 2), u8::to_le_bytes)]),
    ];
    let mut fields = Vec::new();
    let mut values = Vec::new();
    for (i, (format, buffers)) in columns.into_iter().enumerate() {
        let is_dictionary = i == 18;
        // The dictionary starts in the middle of its own array, too.
        let dictionary =
            Values { length: 2, offset: 1, buffers: texts(&["no", "even", "odd"], false), ..Values::default() };
        fields.push(Field {
            format,
            name: "v",
            dictionary: is_dictionary.then(|| Box::new(Field { format: "u", ..Field::default() })),
        });
        values.push(Values {
            length: 9,
            offset: 3,
            // Unknown, as the interface allows.
            null_count: -1,
            buffers,
            dictionary: is_dictionary.then(|| Box::new(dictionary)),
            absent: false,
        });
    }
    (fields, values)
}

fn one(format: &'static str, values: Values) -> Answer {
    let batch = Batch { length: values.length, columns: vec![values], ..Batch::default() };
    Answer { fields: vec![Field { format, name: "v", dictionary: None }], batches: [batch].into(), ..Answer::default() }
}

fn ints(values: &[i64]) -> Values {
    let buffers = vec![None, le(values.iter().copied(), i64::to_le_bytes)];
    Values { length: values.len() as i64, buffers, ..Values::default() }
}

fn answer(name: &str) -> Option<Answer> {
    let text = |buffers| Values { length: 1, buffers, ..Values::default() };
    Some(match name {
        // What is asked when sessions are connected to: how names are quoted, and which columns there are.
        "SELECT \"quoted\" FROM (SELECT 1 AS \"quoted\") AS probe" => one("l", ints(&[1])),
        "SELECT * FROM sessions LIMIT 0" => {
            let field = |name| Field { format: "g", name, dictionary: None };
            Answer { fields: vec![field("p2p"), field("cdn")], ..Answer::default() }
        }
        "alive" => one("l", ints(&[ALIVE.load(Ordering::Relaxed)])),
        "parts" => {
            let (fields, columns) = parts();
            let batch = Batch { length: 4, offset: 2, columns, without_children: false };
            let nothing = Batch { length: 0, offset: 7, ..batch.clone() };
            Answer { fields, batches: [nothing.clone(), batch, nothing].into(), ..Answer::default() }
        }
        "empty" => Answer { fields: parts().0, ..Answer::default() },
        "no columns" => Answer::default(),
        "empty texts" => {
            one("u", Values { length: 2, buffers: vec![None, Some(vec![0; 12]), None], ..Values::default() })
        }
        "many batches" => {
            let batches = (0..1000).map(|i| Batch { length: 1, columns: vec![ints(&[i])], ..Batch::default() });
            Answer { batches: batches.collect(), ..one("l", ints(&[])) }
        }
        "key beyond its dictionary" => {
            let (fields, mut columns) = parts();
            let mut column = columns.pop()?;
            column.buffers[1] = Some(vec![200; 12]);
            let batch = Batch { length: 1, columns: vec![column], ..Batch::default() };
            Answer { fields: fields[18..].to_vec(), batches: [batch].into(), ..Answer::default() }
        }
        "dictionary without values" => {
            let (fields, mut columns) = parts();
            let mut column = columns.pop()?;
            column.dictionary = None;
            let batch = Batch { length: 1, columns: vec![column], ..Batch::default() };
            Answer { fields: fields[18..].to_vec(), batches: [batch].into(), ..Answer::default() }
        }
        "strange type" => one("+l", Values::default()),
        "no type" => one("", Values::default()),
        "wide decimal" => one("d:50,2,256", Values::default()),
        "short column" => Answer {
            batches: [Batch { length: 3, columns: vec![ints(&[1, 2])], ..Batch::default() }].into(),
            ..one("l", ints(&[]))
        },
        "offset beyond" => Answer {
            batches: [Batch { length: 1, offset: i64::MAX, columns: vec![ints(&[1, 2])], ..Batch::default() }].into(),
            ..one("l", ints(&[]))
        },
        "negative length" => Answer {
            batches: [Batch { length: -1, columns: vec![ints(&[1])], ..Batch::default() }].into(),
            ..one("l", ints(&[]))
        },
        "negative offset" => one("l", Values { offset: -1, ..ints(&[1]) }),
        "no buffers" => one("l", Values { buffers: vec![], ..ints(&[1]) }),
        "missing buffer" => one("l", Values { buffers: vec![None, None], ..ints(&[1]) }),
        "missing text" => one("u", text(vec![None, le([0, 5].into_iter(), i32::to_le_bytes), None])),
        "backward text" => one("u", text(vec![None, le([5, 0].into_iter(), i32::to_le_bytes), Some(vec![b'x'; 9])])),
        "negative text" => one("u", text(vec![None, le([-5, 3].into_iter(), i32::to_le_bytes), Some(vec![b'x'; 9])])),
        "invalid text" => one("u", text(vec![None, le([0, 2].into_iter(), i32::to_le_bytes), Some(vec![0xff, b'x'])])),
        "view without buffer" => one("vu", text(vec![None, le([20, 0, 3, 0].into_iter(), i32::to_le_bytes)])),
        "negative view" => one("vu", text(vec![None, le([-20, 0, 0, 0].into_iter(), i32::to_le_bytes)])),
        "other columns" => Answer {
            batches: [Batch { length: 1, columns: vec![ints(&[1]), ints(&[2])], ..Batch::default() }].into(),
            ..one("l", ints(&[]))
        },
        "absent column" => one("l", Values { absent: true, ..ints(&[1]) }),
        "absent columns" => Answer {
            batches: [Batch { length: 1, columns: vec![ints(&[1])], without_children: true, ..Batch::default() }]
                .into(),
            ..one("l", ints(&[]))
        },
        "error at once" => Answer { error: Some(Some(c"the disk is on fire".into())), ..one("l", ints(&[])) },
        "error in the middle" => Answer { error: Some(Some(c"the disk is on fire".into())), ..answer("many batches")? },
        "error without a message" => Answer { error: Some(None), ..one("l", ints(&[1])) },
        "no schema" => Answer { no_schema: true, error: Some(Some(c"there is no schema".into())), ..Answer::default() },
        _ => return None,
    })
}

unsafe extern "C" fn get_schema(stream: *mut Stream, schema: *mut Schema) -> c_int {
    let answer = unsafe { &*(*stream).private_data.cast::<Answer>() };
    if answer.no_schema {
        return 5;
    }
    let root = Field { format: "+s", ..Field::default() };
    unsafe { schema.write(exported_field(&root, &answer.fields)) };
    0
}

fn exported_field(field: &Field, children: &[Field]) -> Schema {
    ALIVE.fetch_add(1, Ordering::Relaxed);
    let pointers: Vec<*mut Schema> =
        children.iter().map(|child| Box::into_raw(Box::new(exported_field(child, &[])))).collect();
    let dictionary =
        field.dictionary.as_ref().map_or(null_mut(), |field| Box::into_raw(Box::new(exported_field(field, &[]))));
    Schema {
        format: CString::new(field.format).unwrap().into_raw(),
        name: CString::new(field.name).unwrap().into_raw(),
        metadata: null(),
        flags: 2,
        n_children: children.len() as i64,
        children: Box::leak(pointers.into_boxed_slice()).as_mut_ptr(),
        dictionary,
        release: Some(release_schema),
        private_data: null_mut(),
    }
}

unsafe extern "C" fn release_schema(schema: *mut Schema) {
    unsafe {
        let schema = &mut *schema;
        for &child in std::slice::from_raw_parts(schema.children, schema.n_children as usize) {
            release_schema(child);
        }
        if !schema.dictionary.is_null() {
            release_schema(schema.dictionary);
        }
        // What is read after its release is seen to be wrong.
        *schema.format.cast_mut() = b'?' as c_char;
        schema.release = None;
    }
    ALIVE.fetch_sub(1, Ordering::Relaxed);
}

unsafe extern "C" fn get_next(stream: *mut Stream, array: *mut Array) -> c_int {
    let answer = unsafe { &mut *(*stream).private_data.cast::<Answer>() };
    let Some(batch) = answer.batches.pop_front() else {
        return if answer.error.is_some() { 5 } else { 0 };
    };
    let mut children: Vec<*mut Array> = Vec::new();
    for values in &batch.columns {
        children.push(if values.absent { null_mut() } else { Box::into_raw(Box::new(exported_values(values))) });
    }
    ALIVE.fetch_add(1, Ordering::Relaxed);
    let (n_children, children) = (children.len() as i64, Box::leak(children.into_boxed_slice()).as_mut_ptr());
    let root = Values { length: batch.length, offset: batch.offset, buffers: vec![None], ..Values::default() };
    let root = exported_values(&root);
    ALIVE.fetch_sub(1, Ordering::Relaxed);
    let children = if batch.without_children { null_mut() } else { children };
    unsafe { array.write(Array { n_children, children, ..root }) };
    0
}

fn exported_values(values: &Values) -> Array {
    ALIVE.fetch_add(1, Ordering::Relaxed);
    // One byte more in front, so that nothing is aligned.
    let pointer = |buffer: &Option<Vec<u8>>| match buffer {
        None => null(),
        Some(bytes) => {
            let shifted: Vec<u8> = std::iter::once(0xaa).chain(bytes.iter().copied()).collect();
            unsafe { Box::leak(shifted.into_boxed_slice()).as_ptr().add(1).cast::<c_void>() }
        }
    };
    let buffers: Vec<*const c_void> = values.buffers.iter().map(pointer).collect();
    Array {
        length: values.length,
        null_count: values.null_count,
        offset: values.offset,
        n_buffers: buffers.len() as i64,
        n_children: 0,
        buffers: Box::leak(buffers.into_boxed_slice()).as_mut_ptr(),
        children: null_mut(),
        dictionary: values
            .dictionary
            .as_ref()
            .map_or(null_mut(), |values| Box::into_raw(Box::new(exported_values(values)))),
        release: Some(release_array),
        private_data: null_mut(),
    }
}

unsafe extern "C" fn release_array(array: *mut Array) {
    unsafe {
        let array = &mut *array;
        if !array.children.is_null() {
            for &child in std::slice::from_raw_parts(array.children, array.n_children as usize) {
                if !child.is_null() {
                    release_array(child);
                }
            }
        } else {
            ALIVE.fetch_sub(array.n_children, Ordering::Relaxed);
        }
        if !array.dictionary.is_null() {
            release_array(array.dictionary);
        }
        array.release = None;
    }
    ALIVE.fetch_sub(1, Ordering::Relaxed);
}

unsafe extern "C" fn get_last_error(stream: *mut Stream) -> *const c_char {
    let answer = unsafe { &*(*stream).private_data.cast::<Answer>() };
    answer.error.iter().flatten().next().map_or(null(), |message| message.as_ptr())
}

unsafe extern "C" fn release_stream(stream: *mut Stream) {
    unsafe {
        drop(Box::from_raw((*stream).private_data.cast::<Answer>()));
        (*stream).release = None;
    }
    ALIVE.fetch_sub(1, Ordering::Relaxed);
}
