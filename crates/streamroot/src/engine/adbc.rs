//! A small ADBC client: SQL text goes to a driver in a shared library, Arrow data comes back as a [`Table`].
//!
//! ADBC is the Arrow project's C interface to databases (<https://arrow.apache.org/adbc/>). This module speaks version
//! 1.0 of it; it and `arrow.rs`, which reads the data, hold every `unsafe` line of the crate. They stand in for the official
//! Rust crates because those bring forty more crates into the compile graph of every cell. What they rely on:
//!
//! - the layouts below are those of `adbc.h` and of the Arrow C data and stream interfaces
//!   (<https://arrow.apache.org/docs/format/CDataInterface.html>);
//! - a driver fills the structures as these two documents say. Counts and types are checked before memory is read,
//!   but a driver that lies about the length of a buffer can't be found out.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::arrow::{ArrowStream, read, released_on_drop};
use crate::engine::progress::{self, Progress};
use crate::table::Table;
use crate::{Error, Result};

/// An open connection to a database behind an ADBC driver. Clones share it; queries on it run one after another.
#[derive(Clone)]
pub struct Connection(Arc<Mutex<Raw>>);

impl Connection {
    /// Loads the driver from the shared library at `driver`, opens a database with `options` (`uri` for most drivers)
    /// and connects to it.
    ///
    /// # Errors
    /// [`Error::Driver`] when the library can't be loaded or has no entry point; [`Error::Unreachable`], [`Error::Login`]
    /// or [`Error::Engine`] with the driver's own message, by the status that it gives.
    pub fn open(driver: &Path, options: &[(&str, &str)]) -> Result<Connection> {
        let mut raw = Raw::load(driver)?;
        let _shown = Progress::watch(raw.progress);
        raw.connect(options)?;
        Ok(Connection(Arc::new(Mutex::new(raw))))
    }

    /// Runs one SQL query and reads its whole answer. Meant for results of at most some thousand rows.
    ///
    /// # Errors
    /// [`Error::Unreachable`], [`Error::Login`] or [`Error::Engine`] with the driver's message, and the last one when the
    /// answer has a column of a type that a [`Table`] can't hold.
    pub fn query(&self, sql: &str) -> Result<Table> {
        // A panic while the lock was held leaves nothing half-done that the next query could see.
        let mut raw = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        raw.query(sql)
    }
}

// ---------------------------------------------------------------- the C structures

type Status = u8;
const OK: Status = 0;
const IO: Status = 10;
const TIMEOUT: Status = 12;
const UNAUTHENTICATED: Status = 13;
const UNAUTHORIZED: Status = 14;
const ADBC_VERSION_1_0_0: c_int = 1_000_000;

/// `AdbcError` with the fields that version 1.1 added, which 1.0 drivers leave alone.
#[repr(C)]
struct AdbcError {
    message: *mut c_char,
    vendor_code: i32,
    sqlstate: [c_char; 5],
    release: Option<unsafe extern "C" fn(*mut AdbcError)>,
    private_data: *mut c_void,
    private_driver: *const c_void,
}

/// `AdbcDatabase`, `AdbcConnection` and `AdbcStatement` all have this shape.
#[repr(C)]
struct Handle {
    private_data: *mut c_void,
    private_driver: *const c_void,
}

impl Handle {
    const fn empty() -> Handle {
        Handle { private_data: ptr::null_mut(), private_driver: ptr::null() }
    }
}

type Unused = Option<unsafe extern "C" fn()>;
type OnHandle = Option<unsafe extern "C" fn(*mut Handle, *mut AdbcError) -> Status>;
type SetOption = Option<unsafe extern "C" fn(*mut Handle, *const c_char, *const c_char, *mut AdbcError) -> Status>;
type OnTwoHandles = Option<unsafe extern "C" fn(*mut Handle, *mut Handle, *mut AdbcError) -> Status>;
type SetSql = Option<unsafe extern "C" fn(*mut Handle, *const c_char, *mut AdbcError) -> Status>;
type Execute = Option<unsafe extern "C" fn(*mut Handle, *mut ArrowStream, *mut i64, *mut AdbcError) -> Status>;

/// `AdbcDriver` of version 1.0, in the order of `adbc.h`, and room for what 1.1 added.
#[repr(C)]
struct Driver {
    private_data: *mut c_void,
    private_manager: *mut c_void,
    release: Option<unsafe extern "C" fn(*mut Driver, *mut AdbcError) -> Status>,
    database_init: OnHandle,
    database_new: OnHandle,
    database_set_option: SetOption,
    database_release: OnHandle,
    connection_commit: Unused,
    connection_get_info: Unused,
    connection_get_objects: Unused,
    connection_get_table_schema: Unused,
    connection_get_table_types: Unused,
    connection_init: OnTwoHandles,
    connection_new: OnHandle,
    connection_set_option: Unused,
    connection_read_partition: Unused,
    connection_release: OnHandle,
    connection_rollback: Unused,
    statement_bind: Unused,
    statement_bind_stream: Unused,
    statement_execute_query: Execute,
    statement_execute_partitions: Unused,
    statement_get_parameter_schema: Unused,
    statement_new: OnTwoHandles,
    statement_prepare: Unused,
    statement_release: OnHandle,
    statement_set_option: Unused,
    statement_set_sql_query: SetSql,
    statement_set_substrait_plan: Unused,
    version_1_1: [Unused; 32],
}

type InitFunc = unsafe extern "C" fn(c_int, *mut c_void, *mut AdbcError) -> Status;

released_on_drop!(AdbcError);

// ---------------------------------------------------------------- driver, database, connection

/// A driver with its database and connection. Boxed parts, since drivers keep pointers to them.
struct Raw {
    connection: Box<Handle>,
    database: Box<Handle>,
    driver: Box<Driver>,
    progress: Option<progress::Function>,
}

// SAFETY: ADBC lets handles be used from any thread as long as no two use one at once; `Connection` holds a lock.
unsafe impl Send for Raw {}

impl Raw {
    fn load(path: &Path) -> Result<Raw> {
        let shown = path.display();
        // SAFETY: loading runs the library's initialisers. It is the engine that this project built, or a driver that
        // the user named.
        let library = unsafe { libloading::Library::new(path) }.map_err(|error| {
            let reason = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            Error::Driver(format!(
                "the engine {shown} can't be loaded: name the shared library of an ADBC driver ({reason})"
            ))
        })?;
        // Never unloaded: engines start threads, and Arrow data may outlive the connection.
        let library = Box::leak(Box::new(library));
        let names = entry_points(path);
        // SAFETY: ADBC fixes the type of an entry point.
        let init = names.iter().find_map(|name| unsafe { library.get::<InitFunc>(name.as_bytes()) }.ok());
        let init = init.ok_or_else(|| {
            Error::Driver(format!("{shown} is no ADBC driver: it has no function named {}", names.join(" or ")))
        })?;
        // SAFETY: as for `zeroed` above; a driver starts from zeroes.
        let mut driver: Box<Driver> = Box::new(unsafe { std::mem::zeroed() });
        let mut error = AdbcError::zeroed();
        // SAFETY: the structure has the layout of version 1.0 and room for 1.1.
        let status = unsafe { init(ADBC_VERSION_1_0_0, (&raw mut *driver).cast::<c_void>(), &mut error) };
        if status != OK {
            return Err(Error::Driver(format!("the driver {shown} does not start: {}", message(status, &error))));
        }
        // SAFETY: the embedded engine fixes its type, and nobody else has a function of this name.
        let progress = unsafe { library.get::<progress::Function>(progress::FUNCTION) }.ok().map(|found| *found);
        Ok(Raw { connection: Box::new(Handle::empty()), database: Box::new(Handle::empty()), driver, progress })
    }

    fn connect(&mut self, options: &[(&str, &str)]) -> Result<()> {
        let Raw { driver, database, connection, .. } = self;
        let database_new = present(driver.database_new)?;
        let set_option = present(driver.database_set_option)?;
        let database_init = present(driver.database_init)?;
        let connection_new = present(driver.connection_new)?;
        let connection_init = present(driver.connection_init)?;
        // SAFETY: the calls and their order are those of adbc.h; handles and strings live until the calls return.
        unsafe {
            checked(|e| database_new(&mut **database, e))?;
            for (key, value) in options {
                // Its value may be a credential, and is not repeated.
                let value = CString::new(*value)
                    .map_err(|_| Error::Engine(format!("the option {key} holds a NUL character: take it out")))?;
                let key = c_string(key)?;
                checked(|e| set_option(&mut **database, key.as_ptr(), value.as_ptr(), e))?;
            }
            checked(|e| database_init(&mut **database, e))?;
            checked(|e| connection_new(&mut **connection, e))?;
            checked(|e| connection_init(&mut **connection, &mut **database, e))
        }
    }

    fn query(&mut self, sql: &str) -> Result<Table> {
        let text = c_string(sql)?;
        let mut statement = Statement::new(&self.driver, &mut self.connection)?;
        let set_sql = present(self.driver.statement_set_sql_query)?;
        let execute = present(self.driver.statement_execute_query)?;
        let mut stream = ArrowStream::zeroed();
        // SAFETY: the statement is live, and the text and the stream outlive the calls.
        unsafe {
            checked(|e| set_sql(&mut statement.handle, text.as_ptr(), e))?;
            checked(|e| execute(&mut statement.handle, &mut stream, ptr::null_mut(), e))?;
        }
        read(&mut stream)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let mut error = AdbcError::zeroed();
        // SAFETY: each handle is released once, the inner ones first. Nobody is left to tell of an error.
        unsafe {
            if let (Some(release), false) = (self.driver.connection_release, self.connection.private_data.is_null()) {
                release(&mut *self.connection, &mut error);
            }
            if let (Some(release), false) = (self.driver.database_release, self.database.private_data.is_null()) {
                release(&mut *self.database, &mut error);
            }
            if let Some(release) = self.driver.release {
                release(&mut *self.driver, &mut error);
            }
        }
    }
}

/// The names that the function may have with which a driver begins: the one that `adbc.h` derives from the file's
/// (`libadbc_driver_sqlite.so.2` has `AdbcDriverSqliteInit`), the one for drivers without one of their own, and DuckDB's.
fn entry_points(path: &Path) -> [String; 3] {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = file.split('.').next().unwrap_or_default();
    let words = stem.strip_prefix("lib").unwrap_or(stem).split(['_', '-']);
    let mut name: String = words
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        })
        .collect();
    if !name.starts_with("Adbc") {
        name.insert_str(0, "Adbc");
    }
    [name + "Init", "AdbcDriverInit".to_owned(), "duckdb_adbc_init".to_owned()]
}

struct Statement<'a> {
    handle: Handle,
    driver: &'a Driver,
}

impl<'a> Statement<'a> {
    fn new(driver: &'a Driver, connection: &mut Handle) -> Result<Statement<'a>> {
        let new = present(driver.statement_new)?;
        let mut handle = Handle::empty();
        // SAFETY: the connection is initialised, since `Connection::open` returned it.
        unsafe { checked(|e| new(connection, &mut handle, e))? };
        Ok(Statement { handle, driver })
    }
}

impl Drop for Statement<'_> {
    fn drop(&mut self) {
        if let Some(release) = self.driver.statement_release {
            // SAFETY: the handle was initialised by `new` and is released once, here.
            unsafe { release(&mut self.handle, &mut AdbcError::zeroed()) };
        }
    }
}

fn present<F>(function: Option<F>) -> Result<F> {
    function.ok_or_else(|| Error::Driver("the driver lacks a function that every ADBC driver has".to_owned()))
}

fn c_string(text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| Error::Engine(format!("{text:?} holds a NUL character: take it out")))
}

fn checked(call: impl FnOnce(*mut AdbcError) -> Status) -> Result<()> {
    let mut error = AdbcError::zeroed();
    match call(&mut error) {
        OK => Ok(()),
        status @ (IO | TIMEOUT) => Err(Error::Unreachable(message(status, &error))),
        status @ (UNAUTHENTICATED | UNAUTHORIZED) => Err(Error::Login(message(status, &error))),
        status => Err(Error::Engine(message(status, &error))),
    }
}

fn message(status: Status, error: &AdbcError) -> String {
    if error.message.is_null() {
        return format!("the engine answers with ADBC status {status} and no message");
    }
    // SAFETY: a driver's message is a C string that lives until the error is released.
    unsafe { CStr::from_ptr(error.message) }.to_string_lossy().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples are those of `adbc.h`, `AdbcDriverInitFunc`.
    #[test]
    fn entry_points_are_named_after_the_file() {
        for (file, name) in [
            ("/usr/lib/libadbc_driver_sqlite.so.2.0.0", "AdbcDriverSqliteInit"),
            ("adbc_driver_sqlite.dll", "AdbcDriverSqliteInit"),
            ("proprietary_driver.dll", "AdbcProprietaryDriverInit"),
            ("libadbc-driver-flightsql.dylib", "AdbcDriverFlightsqlInit"),
            ("", "AdbcInit"),
        ] {
            let names = entry_points(Path::new(file));
            assert_eq!(names, [name, "AdbcDriverInit", "duckdb_adbc_init"].map(str::to_owned), "{file}");
        }
    }
}
