//! The functions and operators of single rows: each a line of a table, with what it takes, gives and becomes.

use std::cmp::Ordering;

use polars::prelude as polars;

use super::function::{Becomes, Function, Gives, Takes};
use super::types::Type;
use crate::run::{numbers, rows::Rows, strptime, text, times};

use Becomes::{FirstThere, One, Two};
use Gives::{First, Unscaled};
use Takes::{Any, Double, Number, Same, Text, Time, Whole};

const fn operator(name: &'static str, gives: Type, becomes: Becomes) -> Function {
    Function { name, takes: &[], optional: 0, many: false, gives: Gives::Type(gives), becomes, fails: false }
}

const fn rows(name: &'static str, takes: &'static [Takes], gives: Gives, rows: Rows) -> Function {
    Function { name, takes, optional: 0, many: false, gives, becomes: Becomes::Rows(rows), fails: false }
}

impl Function {
    const fn optional(self, optional: usize) -> Function {
        Function { optional, ..self }
    }

    const fn many(self) -> Function {
        Function { many: true, ..self }
    }

    const fn fails(self) -> Function {
        Function { fails: true, ..self }
    }
}

// ---------------------------------------------------------------- operators

pub static EQ: Function = operator("=", Type::Bool, Two(polars::Expr::eq));
pub static NE: Function = operator("<>", Type::Bool, Two(polars::Expr::neq));
pub static LT: Function = operator("<", Type::Bool, Two(polars::Expr::lt));
pub static LE: Function = operator("<=", Type::Bool, Two(polars::Expr::lt_eq));
pub static GT: Function = operator(">", Type::Bool, Two(polars::Expr::gt));
pub static GE: Function = operator(">=", Type::Bool, Two(polars::Expr::gt_eq));
pub static SAME: Function = operator("IS NOT DISTINCT FROM", Type::Bool, Two(polars::Expr::eq_missing));
pub static AND: Function = operator("AND", Type::Bool, Two(polars::Expr::and));
pub static OR: Function = operator("OR", Type::Bool, Two(polars::Expr::or));
pub static NOT: Function = operator("NOT", Type::Bool, One(polars::Expr::not));
pub static IS_NULL: Function = operator("IS NULL", Type::Bool, One(polars::Expr::is_null));
pub static ADD_DOUBLES: Function = operator("+ of DOUBLE", Type::Double, Two(|a, b| a + b));
pub static SUBTRACT_DOUBLES: Function = operator("- of DOUBLE", Type::Double, Two(|a, b| a - b));
pub static MULTIPLY_DOUBLES: Function = operator("* of DOUBLE", Type::Double, Two(|a, b| a * b));
/// polars multiplies by the reciprocal of what all rows are divided by, which is not the same.
pub static DIVIDE: Function = rows("/", &[Double, Double], First, |args| numbers::of_numbers(args, |a, b| Some(a / b)));
pub static COALESCE: Function = operator("COALESCE", Type::Null, FirstThere);

pub static ADD: Function =
    rows("+", &[Number, Number], First, |args| numbers::of_wholes(args, i128::checked_add)).fails();
pub static SUBTRACT: Function =
    rows("-", &[Number, Number], First, |args| numbers::of_wholes(args, i128::checked_sub)).fails();
pub static MULTIPLY: Function = rows("*", &[Number, Number], First, numbers::multiply).fails();
pub static DIVIDE_WHOLE: Function = rows("//", &[Whole, Whole], First, numbers::divide_whole).fails();
pub static DIVIDE_DOWN: Function =
    rows("// of DOUBLE", &[Double, Double], First, |args| numbers::of_numbers(args, |a, b| (b != 0.0).then(|| a / b)));
pub static REMAINDER: Function = rows("%", &[Number, Number], First, numbers::remainder).fails();
pub static REMAINDER_DOUBLE: Function =
    rows("% of DOUBLE", &[Double, Double], First, |args| numbers::of_numbers(args, |a, b| Some(a % b)));
pub static NEGATE: Function = rows("-x", &[Number], First, |args| numbers::of_whole(args, |value| -value)).fails();
pub static NEGATE_DOUBLE: Function =
    rows("-x of DOUBLE", &[Double], First, |args| numbers::of_number(args, |x| Some(-x)));
pub static BIT_AND: Function = rows("&", &[Whole, Whole], First, |args| numbers::bits(args, |a, b| a & b));
pub static BIT_OR: Function = rows("|", &[Whole, Whole], First, |args| numbers::bits(args, |a, b| a | b));
pub static SHIFT_LEFT: Function = rows("<<", &[Whole, Whole], First, numbers::shift_left).fails();
pub static SHIFT_RIGHT: Function = rows(">>", &[Whole, Whole], First, |args| {
    numbers::bits(args, |a, by| if (0..64).contains(&by) { a >> by } else { 0 })
});
pub static JOIN: Function = rows("||", &[Text, Text], Gives::Type(Type::Text), text::join);
pub static LIKE: Function = rows("LIKE", &[Text, Text], Gives::Type(Type::Bool), text::like).fails();
pub static ILIKE: Function = rows("ILIKE", &[Text, Text], Gives::Type(Type::Bool), text::ilike).fails();
pub static MATCHES: Function =
    rows("~", &[Text, Text], Gives::Type(Type::Bool), |args| text::matches(args, true)).fails();
pub static POWER: Function =
    rows("POWER", &[Double, Double], DOUBLE, |args| numbers::of_numbers(args, |a, b| Some(a.powf(b))));
pub static TRIM: Function = rows("TRIM", &[Text, Text], TEXT, |args| text::trimmed(args, true, true)).optional(1);
pub static TRIM_START: Function =
    rows("LTRIM", &[Text, Text], TEXT, |args| text::trimmed(args, true, false)).optional(1);
pub static TRIM_END: Function = rows("RTRIM", &[Text, Text], TEXT, |args| text::trimmed(args, false, true)).optional(1);
pub static SUBSTR: Function = rows("SUBSTRING", &[Text, Whole, Whole], TEXT, text::substr).optional(1);
pub static POSITION: Function = rows("STRPOS", &[Text, Text], BIGINT, text::position);
pub static FLOOR: Function =
    rows("FLOOR", &[Number], Unscaled, |args| numbers::to_whole(args, i128::div_euclid, f64::floor));
pub static CEIL: Function = rows("CEIL", &[Number], Unscaled, |args| {
    numbers::to_whole(args, |value, unit| -(-value).div_euclid(unit), f64::ceil)
});
pub static DATE_PART: Function = rows("DATE_PART", &[Text, Time], BIGINT, times::part).fails();
pub static EPOCH: Function = rows("EPOCH", &[Time], DOUBLE, times::epoch);
pub static DATE_DIFF: Function = rows("DATE_DIFF", &[Text, Time, Time], BIGINT, times::difference).fails();

pub static ABS: Function = rows("ABS", &[Number], First, numbers::absolute).fails();
pub static STRFTIME: Function = rows("STRFTIME", &[Time, Text], TEXT, times::format).fails();
pub static OF_MILLIS: Function = rows("EPOCH_MS", &[Whole], TIMESTAMP, |args| times::after_1970(args, 1000)).fails();
pub static OF_MICROS: Function = rows("MAKE_TIMESTAMP", &[Whole], TIMESTAMP, |args| times::after_1970(args, 1)).fails();

// ---------------------------------------------------------------- functions

const DOUBLE: Gives = Gives::Type(Type::Double);
const BIGINT: Gives = Gives::Type(Type::BigInt);
const TEXT: Gives = Gives::Type(Type::Text);
const BOOL: Gives = Gives::Type(Type::Bool);
const TIMESTAMP: Gives = Gives::Type(Type::Timestamp);
const DATE: Gives = Gives::Type(Type::Date);

/// Functions under their names; others call them by another name, in [`OTHER_NAMES`].
static FUNCTIONS: &[&Function] = &[
    &POWER,
    &TRIM,
    &TRIM_START,
    &TRIM_END,
    &SUBSTR,
    &POSITION,
    &FLOOR,
    &CEIL,
    &DATE_PART,
    &EPOCH,
    &DATE_DIFF,
    &ABS,
    &rows("SIGN", &[Number], Gives::Type(Type::TinyInt), numbers::sign),
    &rows("ROUND", &[Number, Whole], First, numbers::round).optional(1).fails(),
    &rows("TRUNC", &[Number], Unscaled, |args| numbers::to_whole(args, |value, unit| value / unit, f64::trunc)),
    &rows("SQRT", &[Double], DOUBLE, |args| numbers::of_number(args, numbers::sqrt)).fails(),
    &rows("CBRT", &[Double], DOUBLE, |args| numbers::of_number(args, |x| Some(x.cbrt()))),
    &rows("EXP", &[Double], DOUBLE, |args| numbers::of_number(args, |x| Some(x.exp()))),
    &rows("LN", &[Double], DOUBLE, |args| numbers::of_number(args, |x| numbers::logarithm(x, f64::ln))).fails(),
    &rows("LOG2", &[Double], DOUBLE, |args| numbers::of_number(args, |x| numbers::logarithm(x, f64::log2))).fails(),
    &rows("LOG10", &[Double], DOUBLE, numbers::log).fails(),
    &rows("LOG", &[Double, Double], DOUBLE, numbers::log).optional(1).fails(),
    &rows("SIN", &[Double], DOUBLE, |args| numbers::of_number(args, |x| Some(x.sin()))),
    &rows("COS", &[Double], DOUBLE, |args| numbers::of_number(args, |x| Some(x.cos()))),
    &rows("TAN", &[Double], DOUBLE, |args| numbers::of_number(args, |x| Some(x.tan()))),
    &rows("ATAN", &[Double], DOUBLE, |args| numbers::of_number(args, |x| Some(x.atan()))),
    &rows("ATAN2", &[Double, Double], DOUBLE, |args| numbers::of_numbers(args, |a, b| Some(a.atan2(b)))),
    &rows("DEGREES", &[Double], DOUBLE, |args| numbers::of_number(args, |x| Some(x.to_degrees()))),
    &rows("RADIANS", &[Double], DOUBLE, |args| numbers::of_number(args, |x| Some(x.to_radians()))),
    &rows("ISNAN", &[Double], BOOL, |args| args.bools(|row| args.number(0, row).map(f64::is_nan))),
    &rows("ISFINITE", &[Double], BOOL, |args| args.bools(|row| args.number(0, row).map(f64::is_finite))),
    &rows("ISINF", &[Double], BOOL, |args| args.bools(|row| args.number(0, row).map(f64::is_infinite))),
    &rows("GREATEST", &[Same], First, |args| numbers::extreme(args, Ordering::Greater)).many(),
    &rows("LEAST", &[Same], First, |args| numbers::extreme(args, Ordering::Less)).many(),
    &rows("XOR", &[Whole, Whole], First, |args| numbers::bits(args, |a, b| a ^ b)),
    &rows("UPPER", &[Text], TEXT, text::upper),
    &rows("LOWER", &[Text], TEXT, text::lower),
    &rows("REVERSE", &[Text], TEXT, |args| text::of_text(args, |text, out| out.extend(text.chars().rev()))),
    &rows("LENGTH", &[Text], BIGINT, |args| text::count(args, |text| text.chars().count())),
    &rows("STRLEN", &[Text], BIGINT, |args| text::count(args, str::len)),
    &rows("CONCAT", &[Any], TEXT, text::concat).many(),
    &rows("CONCAT_WS", &[Text, Any], TEXT, text::concat_with).many(),
    &rows("LEFT", &[Text, Whole], TEXT, |args| text::part(args, |all, n| (0, if n < 0 { all + n } else { n }))),
    &rows("RIGHT", &[Text, Whole], TEXT, |args| text::part(args, |all, n| (if n < 0 { -n } else { all - n }, all))),
    &rows("REPLACE", &[Text, Text, Text], TEXT, text::replace),
    &rows("SPLIT_PART", &[Text, Text, Whole], TEXT, text::split_part),
    &rows("LPAD", &[Text, Whole, Text], TEXT, |args| text::padded(args, true)).fails(),
    &rows("RPAD", &[Text, Whole, Text], TEXT, |args| text::padded(args, false)).fails(),
    &rows("REPEAT", &[Text, Whole], TEXT, text::repeat).fails(),
    &rows("STARTS_WITH", &[Text, Text], BOOL, |args| text::both(args, |text, part| text.starts_with(part))),
    &rows("ENDS_WITH", &[Text, Text], BOOL, |args| text::both(args, |text, part| text.ends_with(part))),
    &rows("CONTAINS", &[Text, Text], BOOL, |args| text::both(args, |text, part| text.contains(part))),
    &rows("REGEXP_MATCHES", &[Text, Text], BOOL, |args| text::matches(args, false)).fails(),
    &rows("REGEXP_FULL_MATCH", &[Text, Text], BOOL, |args| text::matches(args, true)).fails(),
    &rows("ASCII", &[Text], Gives::Type(Type::Int), text::ascii),
    &rows("CHR", &[Whole], TEXT, text::chr).fails(),
    &rows("DATE_TRUNC", &[Text, Time], TIMESTAMP, times::trunc).fails(),
    &STRFTIME,
    &rows("STRPTIME", &[Text, Text], TIMESTAMP, |args| strptime::parsed(args, false)).fails(),
    // A form that is not known fails, too.
    &rows("TRY_STRPTIME", &[Text, Text], TIMESTAMP, |args| strptime::parsed(args, true)).fails(),
    &rows("EPOCH_MS", &[Time], BIGINT, |args| times::since_1970(args, 1000)),
    &rows("EPOCH_US", &[Time], BIGINT, |args| times::since_1970(args, 1)),
    &rows("DAYNAME", &[Time], TEXT, times::day_name),
    &rows("MONTHNAME", &[Time], TEXT, times::month_name),
    &rows("LAST_DAY", &[Time], DATE, times::last_day),
    &rows("MAKE_DATE", &[Whole, Whole, Whole], DATE, times::make_date).fails(),
    &rows("MAKE_TIMESTAMP", &[Whole, Whole, Whole, Whole, Whole, Double], TIMESTAMP, times::make_timestamp).fails(),
];

/// Other names of functions.
static OTHER_NAMES: &[(&str, &str)] = &[
    ("POW", "POWER"),
    ("CEILING", "CEIL"),
    ("SUBSTR", "SUBSTRING"),
    ("UCASE", "UPPER"),
    ("LCASE", "LOWER"),
    ("LEN", "LENGTH"),
    ("CHAR_LENGTH", "LENGTH"),
    ("CHARACTER_LENGTH", "LENGTH"),
    ("OCTET_LENGTH", "STRLEN"),
    ("INSTR", "STRPOS"),
    ("PREFIX", "STARTS_WITH"),
    ("SUFFIX", "ENDS_WITH"),
    ("STR_SPLIT_PART", "SPLIT_PART"),
    ("DATETRUNC", "DATE_TRUNC"),
    ("DATEPART", "DATE_PART"),
    ("DATEDIFF", "DATE_DIFF"),
];

/// A function by its name, in upper case.
pub fn find(name: &str) -> Option<&'static Function> {
    let name = OTHER_NAMES.iter().find(|(other, _)| *other == name).map_or(name, |(_, name)| *name);
    FUNCTIONS.iter().find(|function| function.name == name).copied()
}

/// The names of all functions.
pub fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name).chain(OTHER_NAMES.iter().map(|(name, _)| *name))
}
