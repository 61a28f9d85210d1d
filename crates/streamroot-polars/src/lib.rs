//! polars behind ADBC: a file of sessions comes in, SQL text comes in, Arrow data goes out.

mod driver;
mod engine;
