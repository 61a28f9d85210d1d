//! polars behind ADBC: a file of sessions comes in, SQL text comes in, Arrow data goes out.

mod answer;
mod csv;
mod driver;
mod engine;
mod error;
mod faults;
mod names;
mod parse;
mod rewrite;
mod scan;
mod source;
mod sql;
mod store;
mod subquery;
