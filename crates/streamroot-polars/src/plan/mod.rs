//! From a query's syntax tree to what it means, as DuckDB would have it.
//!
//! Each name is resolved to a column of a [`scope`], each expression gets its [type](types), and what has no meaning here is
//! refused by name, where it stands. Every match on the parser's own types names all that there is, so that what a later
//! version of it adds does not slip through.
//!
//! | file | what it gives a meaning |
//! |---|---|
//! | [`query`] | WITH, UNION and the like, ORDER BY, LIMIT |
//! | [`select`], [`star`], [`order`], [`others`] | SELECT: what is selected, grouped, ordered; what it can't say |
//! | [`from`], [`conditions`] | FROM, joins; WHERE of joined tables |
//! | [`expression`], [`arithmetic`], [`coerce`] | operators, CASE, CAST, what is in a list |
//! | [`functions`], [`aggregates`], [`failing`] | functions, each a line of a table; which of them can fail |
//! | [`windows`] | OVER |
//! | [`subqueries`] | a query as a value, IN, EXISTS |
//! | [`tree`], [`steps`] | what comes out |

pub mod aggregates;
pub mod arithmetic;
pub mod coerce;
pub mod conditions;
pub mod expression;
pub mod failing;
pub mod from;
pub mod function;
pub mod functions;
pub mod order;
pub mod others;
pub mod planner;
pub mod query;
pub mod scope;
pub mod select;
pub mod star;
pub mod steps;
pub mod subqueries;
pub mod tree;
pub mod types;
pub mod windows;
