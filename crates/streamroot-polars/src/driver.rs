//! The ADBC objects: driver, database, connection, statement, and the entry point of the shared library.

use std::collections::HashSet;
use std::ffi::{c_int, c_void};
use std::mem::{ManuallyDrop, offset_of, size_of};
use std::sync::{Arc, Once};

use adbc_core::error::{AdbcStatusCode, Error, Result, Status};
use adbc_core::options::{
    AdbcVersion, InfoCode, ObjectDepth, OptionConnection, OptionDatabase, OptionStatement, OptionValue,
};
use adbc_core::schemas::GET_TABLE_TYPES_SCHEMA;
use adbc_core::{Connection, Database, Driver, Optionable, PartitionedResult, Statement};
use adbc_ffi::{FFI_AdbcDriver, FFI_AdbcError, FFIDriver, export_error};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchIterator, RecordBatchReader, StringArray};
use arrow_schema::Schema;

use crate::engine::{Engine, Options};
use crate::error::invalid_argument;
use crate::guard::hear_interrupts;
use crate::names::Renames;

type Reader = Box<dyn RecordBatchReader + Send + 'static>;

/// Methods of ADBC that every driver must have, and that this one does nothing in.
macro_rules! not_implemented {
    ($(fn $name:ident($($arguments:tt)*) -> $answer:ty => $what:literal;)+) => {$(
        fn $name($($arguments)*) -> $answer {
            let message = concat!($what, " is not implemented by the polars engine");
            Err(Error::with_message_and_status(message, Status::NotImplemented))
        }
    )+};
}

/// The entry point: fills in the functions of an ADBC driver of version 1.0 or 1.1.
///
/// # Safety
/// `driver` points to an `AdbcDriver` of the given version, `error` to an `AdbcError` or nowhere, as `adbc.h` says.
#[allow(non_snake_case)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn AdbcDriverInit(
    version: c_int,
    driver: *mut c_void,
    error: *mut FFI_AdbcError,
) -> AdbcStatusCode {
    let size = match AdbcVersion::try_from(version) {
        Ok(AdbcVersion::V100) => offset_of!(FFI_AdbcDriver, ErrorGetDetailCount),
        Ok(AdbcVersion::V110) => size_of::<FFI_AdbcDriver>(),
        _ => 0,
    };
    if size == 0 || driver.is_null() {
        let message = format!("this driver speaks ADBC 1.0 and 1.1, and was asked for version {version}");
        let failure = Error::with_message_and_status(message, Status::NotImplemented);
        let status = failure.status.into();
        // SAFETY: passed on under the caller's promise; null is allowed.
        unsafe { export_error(error, failure) };
        return status;
    }
    quiet_panics();
    let functions = ManuallyDrop::new(PolarsDriver::ffi_driver());
    // SAFETY: version 1.0 of the structure is the head of version 1.1, and the caller has room for the version it named.
    unsafe { std::ptr::copy_nonoverlapping((&raw const functions).cast::<u8>(), driver.cast::<u8>(), size) };
    adbc_core::constants::ADBC_STATUS_OK
}

/// A panic becomes an error of the query it happened in; nobody needs its backtrace on the terminal as well. This library
/// has a standard library, and with it a panic hook, of its own.
fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|_| {}));
        hear_interrupts();
    });
}

/// The driver.
#[derive(Default)]
pub struct PolarsDriver;

impl Driver for PolarsDriver {
    type DatabaseType = PolarsDatabase;

    fn new_database(&mut self) -> Result<PolarsDatabase> {
        self.new_database_with_opts([])
    }

    fn new_database_with_opts(
        &mut self,
        opts: impl IntoIterator<Item = (OptionDatabase, OptionValue)>,
    ) -> Result<PolarsDatabase> {
        let mut options = Options::default();
        for (key, value) in opts {
            match (key.as_ref(), value) {
                ("uri" | "path", OptionValue::String(value)) => options.uri = value,
                ("streamroot.columns", OptionValue::String(value)) => {
                    options.renames.pairs = Renames::from_option(&value)?.pairs
                }
                (key @ "streamroot.mode", OptionValue::String(value)) => {
                    options.lenient = is_second(key, &value, ["strict", "lenient"])?;
                }
                (key @ "streamroot.content", OptionValue::String(value)) => {
                    options.renames.any_table = is_second(key, &value, ["sessions", "table"])?;
                }
                ("streamroot.memory", OptionValue::String(value)) => {
                    options.memory = Some(value.parse().map_err(|_| {
                        invalid_argument(format!("streamroot.memory is {value:?}: it should be a number of bytes"))
                    })?);
                }
                ("streamroot.spill", OptionValue::String(value)) => options.spill = Some(value.into()),
                ("streamroot.zone", OptionValue::String(value)) => options.zone = Some(value),
                (key, _) => return Err(unknown_option(key)),
            }
        }
        Ok(PolarsDatabase { engine: Arc::new(Engine::open(&options).map_err(printable)?) })
    }
}

/// Whether a value is the second of the two that an option can have.
fn is_second(key: &str, value: &str, [first, second]: [&str; 2]) -> Result<bool> {
    if value != first && value != second {
        return Err(invalid_argument(format!("{key} is {value:?}: it can be {first} or {second}")));
    }
    Ok(value == second)
}

/// An opened data set.
pub struct PolarsDatabase {
    engine: Arc<Engine>,
}

impl Database for PolarsDatabase {
    type ConnectionType = PolarsConnection;

    fn new_connection(&self) -> Result<PolarsConnection> {
        Ok(PolarsConnection { engine: self.engine.clone() })
    }

    fn new_connection_with_opts(
        &self,
        opts: impl IntoIterator<Item = (OptionConnection, OptionValue)>,
    ) -> Result<PolarsConnection> {
        opts.into_iter().next().map_or_else(|| self.new_connection(), |(key, _)| Err(unknown_option(key.as_ref())))
    }
}

/// A connection: shares the data with every other one.
pub struct PolarsConnection {
    engine: Arc<Engine>,
}

impl Connection for PolarsConnection {
    type StatementType = PolarsStatement;

    fn new_statement(&mut self) -> Result<PolarsStatement> {
        Ok(PolarsStatement { engine: self.engine.clone(), sql: None })
    }

    not_implemented! {
        fn get_info(&self, _: Option<HashSet<InfoCode>>) -> Result<Reader> => "GetInfo";
        fn get_objects(
            &self, _: ObjectDepth, _: Option<&str>, _: Option<&str>, _: Option<&str>, _: Option<Vec<&str>>, _: Option<&str>,
        ) -> Result<Reader> => "GetObjects";
        fn get_statistic_names(&self) -> Result<Reader> => "GetStatisticNames";
        fn get_statistics(&self, _: Option<&str>, _: Option<&str>, _: Option<&str>, _: bool) -> Result<Reader> => "GetStatistics";
        fn commit(&mut self) -> Result<()> => "Commit";
        fn rollback(&mut self) -> Result<()> => "Rollback";
        fn read_partition(&self, _: impl AsRef<[u8]>) -> Result<Reader> => "ReadPartition";
    }

    fn get_table_schema(&self, _catalog: Option<&str>, _db_schema: Option<&str>, table: &str) -> Result<Schema> {
        if !["sessions", "faults"].contains(&table) {
            let message = format!("there is no table {table}: there are sessions and faults");
            return Err(Error::with_message_and_status(message, Status::NotFound));
        }
        Ok(Schema::clone(&*self.engine.schema(&format!("SELECT * FROM {table}"))?))
    }

    fn get_table_types(&self) -> Result<Reader> {
        let schema = GET_TABLE_TYPES_SCHEMA.clone();
        let types: ArrayRef = Arc::new(StringArray::from(vec!["TABLE"]));
        let batch = RecordBatch::try_new(schema.clone(), vec![types])?;
        Ok(Box::new(RecordBatchIterator::new([Ok(batch)], schema)))
    }
}

/// One query.
pub struct PolarsStatement {
    engine: Arc<Engine>,
    sql: Option<String>,
}

impl PolarsStatement {
    fn sql(&self) -> Result<&str> {
        let missing = || Error::with_message_and_status("no query has been set", Status::InvalidState);
        self.sql.as_deref().ok_or_else(missing)
    }
}

impl Statement for PolarsStatement {
    not_implemented! {
        fn bind(&mut self, _: RecordBatch) -> Result<()> => "Bind";
        fn bind_stream(&mut self, _: Box<dyn RecordBatchReader + Send>) -> Result<()> => "BindStream";
        fn execute_partitions(&mut self) -> Result<PartitionedResult> => "ExecutePartitions";
        fn get_parameter_schema(&self) -> Result<Schema> => "GetParameterSchema";
        fn set_substrait_plan(&mut self, _: impl AsRef<[u8]>) -> Result<()> => "Substrait";
    }

    fn execute(&mut self) -> Result<Reader> {
        Ok(Box::new(self.engine.query(self.sql()?).map_err(printable)?))
    }

    fn execute_update(&mut self) -> Result<Option<i64>> {
        self.execute().map(|_| None)
    }

    fn execute_schema(&mut self) -> Result<Schema> {
        Ok(Schema::clone(&*self.engine.schema(self.sql()?).map_err(printable)?))
    }

    fn prepare(&mut self) -> Result<()> {
        Ok(())
    }

    fn set_sql_query(&mut self, query: impl AsRef<str>) -> Result<()> {
        self.sql = Some(query.as_ref().to_owned());
        Ok(())
    }
}

/// An error crosses the C interface as a text that a NUL byte would end.
fn printable(mut error: Error) -> Error {
    if error.message.contains('\0') {
        error.message = error.message.replace('\0', "\\0");
    }
    error
}

fn unknown_option(key: &str) -> Error {
    Error::with_message_and_status(
        format!("the polars engine has no option {key:?} with a value of this type"),
        Status::NotImplemented,
    )
}

/// None of the objects has an option that can be read, or set once the object is there.
macro_rules! without_options {
    ($($object:ty, $option:ty);+) => {$(
        impl Optionable for $object {
            type Option = $option;

            fn set_option(&mut self, key: $option, _value: OptionValue) -> Result<()> {
                Err(unknown_option(key.as_ref()))
            }

            fn get_option_string(&self, key: $option) -> Result<String> {
                Err(unknown_option(key.as_ref()))
            }

            fn get_option_bytes(&self, key: $option) -> Result<Vec<u8>> {
                Err(unknown_option(key.as_ref()))
            }

            fn get_option_int(&self, key: $option) -> Result<i64> {
                Err(unknown_option(key.as_ref()))
            }

            fn get_option_double(&self, key: $option) -> Result<f64> {
                Err(unknown_option(key.as_ref()))
            }
        }
    )+};
}

without_options!(
    PolarsDatabase, OptionDatabase;
    PolarsConnection, OptionConnection;
    PolarsStatement, OptionStatement
);
