//! What several tests need: a directory for files, and tables as text.
#![allow(dead_code, reason = "each test uses a part")]

use std::ffi::{CString, c_char, c_int, c_void};
use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering};

use streamroot::{Column, Sessions, Table, Values};

/// A directory that goes away with the test. Its name has a space and a letter beyond ASCII, as a user's may.
pub struct Directory(pub PathBuf);

impl Directory {
    pub fn new() -> Directory {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("streamroot tests é {}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Directory(path)
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// DuckDB's library with its ADBC driver.
pub fn duckdb() -> PathBuf {
    let path = std::env::var_os("STREAMROOT_DUCKDB").filter(|path| !path.is_empty()).map(PathBuf::from);
    let path = path.unwrap_or_else(|| root().join("target/lab/duckdb/libduckdb.so"));
    assert!(
        path.exists(),
        "DuckDB's library is not at {}: fetch it with `python3 crates/lab/python/duckdb_library.py`, or name one in the \
         environment variable STREAMROOT_DUCKDB",
        path.display()
    );
    path
}

/// Sessions in a DuckDB database of their own, which goes away with the test.
pub struct DuckDb {
    sessions: Sessions,
    _directory: Directory,
}

impl DuckDb {
    /// A database with what a statement makes, which is the table `sessions`.
    pub fn with(create: &str) -> DuckDb {
        let directory = Directory::new();
        let path = directory.path("sessions.duckdb");
        run_duckdb(&path, create);
        let options = Sessions::connect_options().option("access_mode", "READ_WRITE");
        let sessions = options.connect(duckdb().to_str().unwrap(), &path, "sessions").unwrap();
        DuckDb { sessions, _directory: directory }
    }
}

impl Deref for DuckDb {
    type Target = Sessions;

    fn deref(&self) -> &Sessions {
        &self.sessions
    }
}

/// Runs a statement on a database file through DuckDB's own C interface, <https://duckdb.org/docs/stable/clients/c/api>.
pub fn run_duckdb(path: &str, statement: &str) {
    type Open = unsafe extern "C" fn(*const c_char, *mut *mut c_void) -> c_int;
    type Connect = unsafe extern "C" fn(*mut c_void, *mut *mut c_void) -> c_int;
    type Query = unsafe extern "C" fn(*mut c_void, *const c_char, *mut c_void) -> c_int;
    type Release = unsafe extern "C" fn(*mut *mut c_void);
    let (path, text) = (CString::new(path).unwrap(), CString::new(statement).unwrap());
    let (mut database, mut connection) = (null_mut(), null_mut());
    // SAFETY: the signatures are those of duckdb.h, and all pointers outlive the calls.
    unsafe {
        let library = libloading::Library::new(duckdb()).unwrap();
        assert_eq!(library.get::<Open>(b"duckdb_open").unwrap()(path.as_ptr(), &mut database), 0, "{path:?}");
        assert_eq!(library.get::<Connect>(b"duckdb_connect").unwrap()(database, &mut connection), 0);
        let status = library.get::<Query>(b"duckdb_query").unwrap()(connection, text.as_ptr(), null_mut());
        assert_eq!(status, 0, "DuckDB refuses {statement}");
        library.get::<Release>(b"duckdb_disconnect").unwrap()(&mut connection);
        library.get::<Release>(b"duckdb_close").unwrap()(&mut database);
        // It has threads of its own.
        std::mem::forget(library);
    }
}

/// A value as it is, not as a reader of the table sees it; `-` where it is missing.
pub fn value(column: &Column, row: usize) -> String {
    let text = match column.values() {
        Values::Text(v) => v[row].clone(),
        Values::Bool(v) => v[row].map(|v| v.to_string()),
        Values::Int(v) => v[row].map(|v| v.to_string()),
        Values::Float(v) => v[row].map(|v| v.to_string()),
    };
    text.unwrap_or_else(|| "-".to_owned())
}

/// The values of a row joined by `|`, the rows by a space.
pub fn flat(table: &Table) -> String {
    let row = |row| table.columns().iter().map(|column| value(column, row)).collect::<Vec<_>>().join("|");
    (0..table.rows()).map(row).collect::<Vec<_>>().join(" ")
}
