//! Arrow data as its C interface hands it over (<https://arrow.apache.org/docs/format/CDataInterface.html>), read into a
//! [`Table`]. Counts and types are checked before memory is read, but a driver that lies about the length of a buffer can't
//! be found out.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

use crate::table::moment::{date, moment};
use crate::table::unit::Unit;
use crate::table::{Column, Table, Values};
use crate::{Error, Result};

#[repr(C)]
pub(super) struct ArrowSchema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *mut *mut ArrowSchema,
    dictionary: *mut ArrowSchema,
    release: Option<unsafe extern "C" fn(*mut ArrowSchema)>,
    private_data: *mut c_void,
}

#[repr(C)]
pub(super) struct ArrowArray {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *mut *const c_void,
    children: *mut *mut ArrowArray,
    dictionary: *mut ArrowArray,
    release: Option<unsafe extern "C" fn(*mut ArrowArray)>,
    private_data: *mut c_void,
}

#[repr(C)]
pub(super) struct ArrowStream {
    get_schema: Option<unsafe extern "C" fn(*mut ArrowStream, *mut ArrowSchema) -> c_int>,
    get_next: Option<unsafe extern "C" fn(*mut ArrowStream, *mut ArrowArray) -> c_int>,
    get_last_error: Option<unsafe extern "C" fn(*mut ArrowStream) -> *const c_char>,
    release: Option<unsafe extern "C" fn(*mut ArrowStream)>,
    private_data: *mut c_void,
}

/// A structure that starts out as zeroes and whose filler leaves a `release` callback in it.
macro_rules! released_on_drop {
    ($($name:ident),*) => {$(
        impl $name {
            pub(super) fn zeroed() -> Self {
                // SAFETY: null pointers, zero counts and absent callbacks are valid values of every field.
                unsafe { std::mem::zeroed() }
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                if let Some(release) = self.release {
                    // SAFETY: the callback came with the structure, which is released once, here.
                    unsafe { release(self) };
                }
            }
        }
    )*};
}

pub(super) use released_on_drop;

released_on_drop!(ArrowSchema, ArrowArray, ArrowStream);

/// Reads a stream to its end, all its batches into one table.
pub(super) fn read(stream: &mut ArrowStream) -> Result<Table> {
    let mut schema = ArrowSchema::zeroed();
    let get_schema = stream.get_schema.ok_or_else(|| malformed("its stream has no schema"))?;
    let get_next = stream.get_next.ok_or_else(|| malformed("its stream has no batches"))?;
    // SAFETY: the driver filled the stream, and the schema lives here.
    if unsafe { get_schema(stream, &mut schema) } != 0 {
        return Err(stream_error(stream));
    }
    let fields = children(schema.children, schema.n_children)?;
    let mut columns = Vec::with_capacity(fields.len());
    for field in fields {
        let column = Column::new(&text(field.name)?, empty_values(field)?);
        // Decimals are shown with the digits that they have.
        let is_decimal = matches!(Type::of(field)?, Type::Decimal { scale } if scale > 0);
        columns.push(if is_decimal { column.with_unit(Unit::Exact) } else { column });
    }
    loop {
        let mut batch = ArrowArray::zeroed();
        // SAFETY: as above.
        if unsafe { get_next(stream, &mut batch) } != 0 {
            return Err(stream_error(stream));
        }
        if batch.release.is_none() {
            return Table::answered(columns);
        }
        let arrays = children(batch.children, batch.n_children)?;
        if arrays.len() != fields.len() {
            return Err(malformed("a batch has another number of columns than its schema"));
        }
        // A record batch is a struct array: rows it skips at its front are skipped in every column.
        let rows = Rows { start: count(batch.offset)?, len: count(batch.length)? };
        for ((column, field), array) in columns.iter_mut().zip(fields).zip(arrays) {
            append(column, field, array, rows)?;
        }
    }
}

fn stream_error(stream: &mut ArrowStream) -> Error {
    let message = stream.get_last_error.and_then(|get| {
        // SAFETY: the text lives until the next call on the stream.
        let text = unsafe { get(stream) };
        // SAFETY: when there is one, it is a C string.
        (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
    });
    Error::Engine(message.unwrap_or_else(|| "the engine stopped in the middle of its answer".to_owned()))
}

fn malformed(what: &str) -> Error {
    Error::Engine(format!("the engine's answer is not valid Arrow data: {what}"))
}

fn count(n: i64) -> Result<usize> {
    usize::try_from(n).map_err(|_| malformed("a length is negative"))
}

/// The children of a schema or of an array.
fn children<'a, T>(pointers: *mut *mut T, n: i64) -> Result<&'a [&'a T]> {
    let n = count(n)?;
    if n == 0 {
        return Ok(&[]);
    }
    if pointers.is_null() {
        return Err(malformed("children are missing"));
    }
    // SAFETY: the interface promises `n` pointers; they are looked at before they are taken for references.
    unsafe {
        if std::slice::from_raw_parts(pointers, n).iter().any(|child| child.is_null()) {
            return Err(malformed("a child is missing"));
        }
        Ok(std::slice::from_raw_parts(pointers.cast::<&T>(), n))
    }
}

fn text(pointer: *const c_char) -> Result<String> {
    if pointer.is_null() {
        return Ok(String::new());
    }
    // SAFETY: formats and names are C strings that live as long as their schema.
    Ok(unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned())
}

/// Which values of an array belong to the answer, before the array's own offset is added.
#[derive(Clone, Copy)]
struct Rows {
    start: usize,
    len: usize,
}

/// The Arrow types that a [`Table`] can hold, each with what it becomes there.
#[derive(Clone, Copy)]
enum Type {
    Null,
    Bool,
    Int(usize),
    UInt(usize),
    Float(usize),
    Text { offset: usize },
    TextView,
    Days,
    Moment { per_second: i64 },
    Decimal { scale: i32 },
}

impl Type {
    /// How many digits stand behind the point.
    fn scale(self) -> i32 {
        if let Type::Decimal { scale } = self { scale } else { 0 }
    }

    /// Reads a format string of the Arrow C data interface.
    fn of(field: &ArrowSchema) -> Result<Type> {
        let format = text(field.format)?;
        Ok(match format.as_str() {
            "n" => Type::Null,
            "b" => Type::Bool,
            "c" => Type::Int(1),
            "s" => Type::Int(2),
            "i" => Type::Int(4),
            "l" => Type::Int(8),
            "C" => Type::UInt(1),
            "S" => Type::UInt(2),
            "I" => Type::UInt(4),
            "L" => Type::UInt(8),
            "f" => Type::Float(4),
            "g" => Type::Float(8),
            "u" => Type::Text { offset: 4 },
            "U" => Type::Text { offset: 8 },
            "vu" => Type::TextView,
            "tdD" => Type::Days,
            _ if format.starts_with("tss:") => Type::Moment { per_second: 1 },
            _ if format.starts_with("tsm:") => Type::Moment { per_second: 1_000 },
            _ if format.starts_with("tsu:") => Type::Moment { per_second: 1_000_000 },
            _ if format.starts_with("tsn:") => Type::Moment { per_second: 1_000_000_000 },
            _ => match decimal_scale(&format) {
                Some(scale) => Type::Decimal { scale },
                None => {
                    return Err(Error::Engine(format!(
                        "column {:?} has the Arrow type {format:?}, which a table can't show: CAST it to a number or to text",
                        text(field.name)?
                    )));
                }
            },
        })
    }
}

/// The scale of a 128-bit decimal: `d:38,2` has two digits after the point.
fn decimal_scale(format: &str) -> Option<i32> {
    let mut parts = format.strip_prefix("d:")?.split(',');
    let (_precision, scale, bits) = (parts.next()?, parts.next()?, parts.next());
    if bits.is_some_and(|bits| bits != "128") {
        return None;
    }
    scale.parse().ok()
}

fn empty_values(field: &ArrowSchema) -> Result<Values> {
    // SAFETY: the pointer is null or a schema that lives as long as its parent.
    let stored = unsafe { field.dictionary.as_ref() }.unwrap_or(field);
    Ok(match Type::of(stored)? {
        Type::Bool => Values::Bool(Vec::new()),
        Type::Int(_) | Type::UInt(_) | Type::Decimal { scale: 0 } => Values::Int(Vec::new()),
        Type::Float(_) | Type::Decimal { .. } => Values::Float(Vec::new()),
        Type::Null | Type::Text { .. } | Type::TextView | Type::Days | Type::Moment { .. } => Values::Text(Vec::new()),
    })
}

/// Appends `rows` of an array to a column.
fn append(column: &mut Column, field: &ArrowSchema, array: &ArrowArray, rows: Rows) -> Result<()> {
    let available = count(array.length)?;
    if rows.start.checked_add(rows.len).is_none_or(|end| end > available) {
        return Err(malformed("a column is shorter than its batch"));
    }
    // SAFETY: the pointers are null or structures that live as long as their parents.
    let dictionary = unsafe { (field.dictionary.as_ref(), array.dictionary.as_ref()) };
    if let (Some(value_field), Some(value_array)) = dictionary {
        let mut distinct = Column::new("", empty_values(value_field)?);
        let all = Rows { start: 0, len: count(value_array.length)? };
        append(&mut distinct, value_field, value_array, all)?;
        let mut keys = Column::new("", Values::Int(Vec::new()));
        append_plain(&mut keys, Type::of(field)?, array, rows)?;
        return column.append_by_key(&distinct, &keys);
    }
    if !field.dictionary.is_null() {
        return Err(malformed("a column changes its type: its dictionary is gone"));
    }
    append_plain(column, Type::of(field)?, array, rows)
}

fn append_plain(column: &mut Column, ty: Type, array: &ArrowArray, rows: Rows) -> Result<()> {
    let buffers = Buffers::of(array, rows)?;
    let positions = buffers.start..buffers.start + rows.len;
    if !matches!(column.values(), Values::Text(_)) && !buffers.fit(ty, positions.clone())? {
        let texts = (0..column.values().len()).map(|row| column.digits(row, ty.scale())).collect();
        *column.values_mut() = Values::Text(texts);
    }
    match (column.values_mut(), ty) {
        (Values::Text(out), Type::Null) => out.extend(positions.map(|_| None)),
        (Values::Bool(out), Type::Bool) => {
            let bits = buffers.data(1)?;
            out.extend(positions.map(|i| buffers.valid(i).then(|| bit(bits, i))));
        }
        (Values::Int(out), Type::Int(width)) => {
            let data = buffers.data(1)?;
            out.extend(positions.map(|i| buffers.valid(i).then(|| signed(data, i, width))));
        }
        (Values::Int(out), Type::UInt(width)) => {
            let data = buffers.data(1)?;
            for i in positions {
                out.push(match buffers.valid(i).then(|| unsigned(data, i, width)) {
                    None => None,
                    Some(n) => Some(i64::try_from(n).map_err(|_| malformed("a number is too large"))?),
                });
            }
        }
        (Values::Int(out), Type::Decimal { .. }) => {
            let data = buffers.data(1)?;
            for i in positions {
                out.push(match buffers.valid(i).then(|| decimal(data, i)) {
                    None => None,
                    Some(n) => Some(i64::try_from(n).map_err(|_| malformed("a number is too large"))?),
                });
            }
        }
        (Values::Float(out), Type::Decimal { scale }) => {
            let data = buffers.data(1)?;
            let unit = 10f64.powi(scale);
            out.extend(positions.map(|i| buffers.valid(i).then(|| decimal(data, i) as f64 / unit)));
        }
        (Values::Float(out), Type::Float(width)) => {
            let data = buffers.data(1)?;
            out.extend(positions.map(|i| buffers.valid(i).then(|| float(data, i, width))));
        }
        (Values::Text(out), Type::Text { offset }) => {
            let offsets = buffers.data(1)?;
            let bytes = buffers.data_or_empty(2);
            for i in positions {
                out.push(if buffers.valid(i) {
                    let (from, to) = (signed(offsets, i, offset), signed(offsets, i + 1, offset));
                    Some(utf8(slice(bytes, count(from)?, count(to)?)?))
                } else {
                    None
                });
            }
        }
        (Values::Text(out), Type::TextView) => {
            let views = buffers.data(1)?;
            for i in positions {
                out.push(if buffers.valid(i) { Some(utf8(buffers.view(views, i)?)) } else { None });
            }
        }
        (Values::Text(out), Type::UInt(width)) => {
            let data = buffers.data(1)?;
            out.extend(positions.map(|i| buffers.valid(i).then(|| unsigned(data, i, width).to_string())));
        }
        (Values::Text(out), Type::Decimal { scale }) => {
            let data = buffers.data(1)?;
            out.extend(positions.map(|i| buffers.valid(i).then(|| decimal_text(decimal(data, i), scale))));
        }
        (Values::Text(out), Type::Days) => {
            let data = buffers.data(1)?;
            out.extend(positions.map(|i| buffers.valid(i).then(|| date(signed(data, i, 4)))));
        }
        (Values::Text(out), Type::Moment { per_second }) => {
            let data = buffers.data(1)?;
            out.extend(positions.map(|i| buffers.valid(i).then(|| moment(signed(data, i, 8), per_second))));
        }
        _ => return Err(malformed("a column changes its type")),
    }
    Ok(())
}

/// The buffers of one array and which of its values count.
struct Buffers<'a> {
    pointers: &'a [*const c_void],
    /// The first value that counts, with all offsets added.
    start: usize,
    has_nulls: bool,
}

impl<'a> Buffers<'a> {
    fn of(array: &'a ArrowArray, rows: Rows) -> Result<Buffers<'a>> {
        let n = count(array.n_buffers)?;
        let pointers = if n == 0 {
            &[]
        } else if array.buffers.is_null() {
            return Err(malformed("buffers are missing"));
        } else {
            // SAFETY: the interface promises `n` pointers.
            unsafe { std::slice::from_raw_parts(array.buffers.cast_const(), n) }
        };
        let has_nulls = array.null_count != 0 && pointers.first().is_some_and(|p| !p.is_null());
        Ok(Buffers { pointers, start: count(array.offset)? + rows.start, has_nulls })
    }

    fn data(&self, index: usize) -> Result<*const u8> {
        let data = self.data_or_empty(index);
        if data.is_null() { Err(malformed("a buffer is missing")) } else { Ok(data) }
    }

    fn data_or_empty(&self, index: usize) -> *const u8 {
        self.pointers.get(index).map_or(ptr::null(), |pointer| pointer.cast())
    }

    /// Whether numbers of a type are such as a column of numbers keeps: whole ones of 64 bits with a sign, and decimals of as
    /// many digits as a double has.
    fn fit(&self, ty: Type, mut positions: std::ops::Range<usize>) -> Result<bool> {
        Ok(match ty {
            Type::UInt(8) => {
                let data = self.data(1)?;
                positions.all(|i| !self.valid(i) || i64::try_from(unsigned(data, i, 8)).is_ok())
            }
            Type::Decimal { scale } => {
                let data = self.data(1)?;
                let fits = |n: i128| if scale == 0 { i64::try_from(n).is_ok() } else { n.unsigned_abs() <= 1 << 53 };
                positions.all(|i| !self.valid(i) || fits(decimal(data, i)))
            }
            _ => true,
        })
    }

    fn valid(&self, position: usize) -> bool {
        !self.has_nulls || bit(self.pointers[0].cast(), position)
    }

    /// A string view: four bytes of length, then the bytes themselves (up to twelve) or a prefix, a buffer and a place.
    fn view(&self, views: *const u8, position: usize) -> Result<&'a [u8]> {
        let field = |i: usize| signed(views, position * 4 + i, 4);
        let len = count(field(0))?;
        if len <= 12 {
            // SAFETY: a view is sixteen bytes long, the last twelve of which hold a short string.
            return slice(unsafe { views.add(position * 16 + 4) }, 0, len);
        }
        let (buffer, from) = (count(field(2))?, count(field(3))?);
        slice(self.data(2 + buffer)?, from, from + len)
    }
}

fn slice<'a>(bytes: *const u8, from: usize, to: usize) -> Result<&'a [u8]> {
    if from == to {
        return Ok(&[]);
    }
    if bytes.is_null() || from > to {
        return Err(malformed("a string's place makes no sense"));
    }
    // SAFETY: the driver's offsets lie within its buffer, and the batch outlives the use of the slice.
    Ok(unsafe { std::slice::from_raw_parts(bytes.add(from), to - from) })
}

fn utf8(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn bit(bits: *const u8, i: usize) -> bool {
    // SAFETY: bitmaps have a bit for each value.
    unsafe { *bits.add(i / 8) >> (i % 8) & 1 == 1 }
}

fn signed(data: *const u8, i: usize, width: usize) -> i64 {
    // SAFETY: the buffer has a value of this width for each position; Arrow does not promise its alignment.
    unsafe {
        match width {
            1 => data.cast::<i8>().add(i).read_unaligned().into(),
            2 => data.cast::<i16>().add(i).read_unaligned().into(),
            4 => data.cast::<i32>().add(i).read_unaligned().into(),
            _ => data.cast::<i64>().add(i).read_unaligned(),
        }
    }
}

fn unsigned(data: *const u8, i: usize, width: usize) -> u64 {
    // SAFETY: as for `signed`.
    unsafe {
        match width {
            1 => data.add(i).read().into(),
            2 => data.cast::<u16>().add(i).read_unaligned().into(),
            4 => data.cast::<u32>().add(i).read_unaligned().into(),
            _ => data.cast::<u64>().add(i).read_unaligned(),
        }
    }
}

fn decimal(data: *const u8, i: usize) -> i128 {
    // SAFETY: as for `signed`.
    unsafe { data.cast::<i128>().add(i).read_unaligned() }
}

fn float(data: *const u8, i: usize, width: usize) -> f64 {
    // SAFETY: as for `signed`.
    unsafe {
        match width {
            4 => data.cast::<f32>().add(i).read_unaligned().into(),
            _ => data.cast::<f64>().add(i).read_unaligned(),
        }
    }
}

/// A number that is held as its last digit: 1250 is `12.50` with two digits behind the point.
fn decimal_text(number: i128, scale: i32) -> String {
    let Some(scale) = usize::try_from(scale).ok().filter(|scale| *scale > 0) else { return number.to_string() };
    let digits = format!("{:0>1$}", number.unsigned_abs(), scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    format!("{}{whole}.{fraction}", if number < 0 { "-" } else { "" })
}
