//! Literals for a cell that runs again (`cell.rs` has the other side).

use libloading::Library;

/// What a cell exports that can be run with other literals.
pub const LITERALS: &str = "streamroot_literals";
/// How many literals such a cell may have.
pub const MOST: usize = 256;

/// A number's bits, or a text.
#[repr(C)]
struct Value {
    bits: u128,
    text: *const u8,
    length: usize,
}

#[repr(C)]
struct Literals {
    /// How many there are, and their types, once the cell has run.
    count: usize,
    kinds: [u8; MOST],
    values: *const Value,
}

/// Gives a cell its literals, and says whether all of them fit. Otherwise it keeps those that it has.
pub fn give(cell: &Library, literals: &[String]) -> bool {
    // SAFETY: what has this name is of this type, and nothing else uses it while no cell runs.
    let Ok(known) = (unsafe { cell.get::<*mut Literals>(LITERALS.as_bytes()) }) else { return false };
    let known = unsafe { &mut **known };
    if known.count != literals.len() {
        return false;
    }
    let values = known.kinds.iter().zip(literals).map(|(&kind, literal)| value(kind, literal));
    let Some(values) = values.collect::<Option<Vec<_>>>() else { return false };
    // The cell takes them as it begins. Texts stay for ever, as those in a program do.
    if !known.values.is_null() {
        // SAFETY: they were made here, as many.
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(known.values.cast_mut(), known.count)) });
    }
    known.values = Box::into_raw(values.into_boxed_slice()).cast();
    true
}

/// What a literal is in its type, if it fits.
fn value(kind: u8, literal: &str) -> Option<Value> {
    macro_rules! whole {
        ($type:ty) => {
            literal.parse::<$type>().ok()? as u128
        };
    }
    let bits = match kind {
        1 => whole!(i8),
        2 => whole!(i16),
        3 => whole!(i32),
        4 => whole!(i64),
        5 => whole!(i128),
        6 => whole!(isize),
        7 => whole!(u8),
        8 => whole!(u16),
        9 => whole!(u32),
        10 => whole!(u64),
        11 => whole!(u128),
        12 => whole!(usize),
        13 => literal.parse().ok().filter(|x: &f32| x.is_finite())?.to_bits().into(),
        14 => literal.parse().ok().filter(|x: &f64| x.is_finite())?.to_bits().into(),
        15 => literal.parse::<bool>().ok()?.into(),
        16 => 0,
        _ => return None,
    };
    let text = if kind == 16 { literal.to_owned().leak() } else { "" };
    Some(Value { bits, text: text.as_ptr(), length: text.len() })
}
