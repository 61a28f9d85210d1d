//! What a function is: a line of the table of functions.

use polars::prelude as polars;

use super::types::Type;
use crate::run::rows::Rows;

pub struct Function {
    pub name: &'static str,
    pub takes: &'static [Takes],
    /// How many of the arguments may be left out.
    pub optional: usize,
    /// Whether the last argument may be there many times.
    pub many: bool,
    pub gives: Gives,
    pub becomes: Becomes,
    /// Whether some values are an error.
    pub fails: bool,
}

/// Names are enough: operators have names that no function can have.
impl PartialEq for Function {
    fn eq(&self, other: &Function) -> bool {
        self.name == other.name
    }
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// What an argument is made to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    Any,
    /// A number of any type, as it is.
    Number,
    Whole,
    Double,
    Text,
    /// A date or a time.
    Time,
    /// Of one type with all others that are this.
    Same,
}

/// The type of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    Type(Type),
    /// That of the first argument.
    First,
    /// That of the first argument, without digits behind the point; DOUBLE for whole numbers.
    Unscaled,
}

/// How it is computed.
#[derive(Clone, Copy)]
pub enum Becomes {
    /// By an expression of polars, of one value or of two.
    One(fn(polars::Expr) -> polars::Expr),
    Two(fn(polars::Expr, polars::Expr) -> polars::Expr),
    /// The first argument that is there; the others are not computed then.
    FirstThere,
    /// Row by row.
    Rows(Rows),
}
