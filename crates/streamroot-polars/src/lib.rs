//! polars behind ADBC, the Arrow project's C interface to databases: a path of session data comes in, SQL text comes in,
//! Arrow data goes out. The shared library `libstreamroot_polars.so` has the entry point `AdbcDriverInit`, and speaks
//! ADBC 1.0 and 1.1.
//!
//! # Options of a database
//! | option | value |
//! |---|---|
//! | `uri` or `path` | a file, a glob pattern, a directory (partitioned by folders such as `day=2019-03-10` or not), or a `file://` address |
//! | `streamroot.columns` | what the file calls a column, as `stream=channel,cdn=http_bytes`: on the left the name in queries, on the right the one in the file. `,`, `=` and `%` in a name are written `%2C`, `%3D` and `%25` |
//! | `streamroot.mode` | `strict`, the default: the first fault is an error that names file, line, column and value. `lenient`: faults are counted, and the value at fault is null |
//! | `streamroot.content` | `sessions`, the default: data without `p2p` or `cdn` are an error. `table`: any table will do, under the same name |
//! | `streamroot.memory` | how many bytes of memory the rows of CSV files may take; a quarter of what is free if not given |
//! | `streamroot.spill` | the directory of the file that rows go to when they take more; the data's own, or that for temporary files, if not given. The file has no name, so nothing stays behind |
//! | `streamroot.zone` | a time zone as `Europe/Paris`: the times in the column `start` are as clocks show them there, and not in UTC |
//!
//! Strict is the default because a figure drawn from half-read data looks like any other figure.
//!
//! # Tables
//! `sessions` has the columns `stream, isp, browser, connected, p2p, cdn` as far as the data have them, and whatever else
//! they have. Only `p2p` and `cdn` must be there: without them data hold no sessions. Upper and lower case of these six
//! names does not matter in a file. `stream` is a whole number if all its values are, and text otherwise; other columns
//! get the narrowest of whole number, number, boolean, date, time and text that fits all of their values; whole numbers keep
//! all of their digits, and fractions are the nearest number of 64 bits.
//!
//! `faults` says what is not as it should be: `fault, column, rows, first_row, example, file`, one row for each kind and
//! column. `first_row` is the line as an editor counts it, or the row of a Parquet or Arrow file. In strict mode it lists
//! missing values only. In lenient mode a row that is too long is null throughout, what a row that is too short lacks is
//! null, and so is `p2p` where it is more than zero in a session that is not connected.
//!
//! # Files
//! CSV with `,` `;` tab or `|`, `#` before the header or not, a BOM, CRLF, quotes, spaces around values, gzip or zstd;
//! `connected` as true, yes, t, y, 1 and their opposites in any case, booleans of other columns as true
//! and false; missing values as nothing, `NA`, `N/A`, `NaN`, `null` (text in quotes is what it says, unless it is empty).
//! The last row of a file may be cut off. Parquet and Arrow files.
//! Parquet and Arrow files are read by a process of their own first, the program `streamroot-trial` beside this library: a
//! damaged one can end the process that reads it, or keep it busy for ever, and here it becomes an error.
//! Rows are kept in memory: those of CSV files within the limit above, those of other files up to four million. Beyond
//! that, each query streams over the file, and is refused when the file has changed since it was opened.
//!
//! # Cubes
//! Counts, sums, means and extremes by names, truth values and the usual conditions are answered from a [`cube`] of the rows,
//! which polars makes in one grouping: at once when the rows are in memory, and of rows in files with the second question.
//! `COPY (SELECT isp, p2p > 0 AS "p2p > 0", COUNT(*) AS "COUNT(*)", SUM(cdn) AS "SUM(cdn)" FROM sessions GROUP BY 1, 2) TO
//! 'cube.parquet' (FORMAT PARQUET)` saves one. A Parquet or Arrow file with a column `COUNT(*)` is opened as a cube: it
//! answers as its sessions would, or says what it lacks.
//!
//! Where somebody listens to SIGINT, as a kernel does, it ends what is computed with an error; elsewhere it ends the process.
//!
//! Small answers are kept as well: a question that is asked again, word for word, is not computed again.
//!
//! # SQL
//! One SELECT, or COPY of one to a Parquet file. [`plan`] says what it means, [`run`] answers it. A query means here what it
//! means to DuckDB, or is refused with a sentence.

mod answer;
mod batches;
mod calendar;
mod csv;
mod cube;
mod cubes;
pub mod driver;
mod engine;
mod error;
mod examine;
mod faults;
mod guard;
mod mapped;
mod names;
mod plan;
mod progress;
mod refusal;
mod run;
mod scan;
mod source;
mod sql;
mod store;
mod trial;
mod widen;
mod zone;

#[cfg(test)]
mod tests;
