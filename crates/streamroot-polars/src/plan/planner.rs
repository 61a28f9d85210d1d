//! What is known while a query is planned.

use sqlparser::ast::{NamedWindowDefinition, OrderByOptions};

use super::scope::{Cte, Named, Scope};
use super::tree::{Expr, Id, Key, Step};
use super::types::Type;
use crate::refusal::Refusal;

/// No query reads tables more often than this.
const MOST_SCANS: usize = 512;

/// A table that queries can read.
#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    /// The names of its columns; those without a type can't be used.
    pub columns: Vec<(String, Option<Type>)>,
}

/// Rows and the names of their columns.
#[derive(Clone, Debug)]
pub struct Planned {
    pub step: Step,
    pub columns: Vec<Named>,
}

/// What is known while a query is planned.
pub struct Planner<'t> {
    pub tables: &'t [Table],
    next: Id,
    pub ctes: Vec<Cte>,
    /// What subqueries that depend on the rows around them have been made: see [`Lookup`].
    pub lookups: Vec<Lookup>,
    scans: usize,
}

/// A subquery that depends on the row of the query around it: a table in which each row looks its own up.
pub struct Lookup {
    pub of: Step,
    pub on: Vec<(Expr, Expr)>,
    pub found: Id,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
pub struct Place<'p> {
    pub scope: &'p Scope<'p>,
    /// The part of the query, for sentences.
    pub clause: &'static str,
    /// What else can be named: the columns of SELECT.
    pub aliases: &'p [(String, Expr)],
    pub windows: Option<&'p [NamedWindowDefinition]>,
    pub aggregates: bool,
}

impl<'p> Place<'p> {
    /// Where neither aggregates nor window functions can stand.
    pub fn plain(scope: &'p Scope<'p>, clause: &'static str) -> Place<'p> {
        Place { scope, clause, aliases: &[], windows: None, aggregates: false }
    }
}

impl<'t> Planner<'t> {
    pub fn new(tables: &'t [Table]) -> Planner<'t> {
        Planner { tables, next: 0, ctes: Vec::new(), lookups: Vec::new(), scans: 0 }
    }

    /// A number for a new column, or for what WITH names.
    pub fn new_id(&mut self) -> Id {
        self.next += 1;
        self.next
    }

    pub fn named(&mut self, name: impl Into<String>, ty: Type) -> Named {
        Named { name: name.into(), id: self.new_id(), ty }
    }

    /// Notes that a table is read.
    pub fn scanned(&mut self) -> Result<(), Refusal> {
        self.scans += 1;
        if self.scans > MOST_SCANS {
            return Err(Refusal::new(format!("the query reads tables more than {MOST_SCANS} times: make it smaller")));
        }
        Ok(())
    }
}

/// Nulls come last unless the query says otherwise.
pub fn key(of: Expr, options: &OrderByOptions) -> Key {
    Key { of, descending: options.asc == Some(false), nulls_first: options.nulls_first == Some(true) }
}
