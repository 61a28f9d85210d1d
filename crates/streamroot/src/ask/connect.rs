//! Other engines than the embedded one: how a notebook connects to one, and with which credentials.

use std::path::Path;
use std::sync::Arc;

use crate::engine::tokens::source;
use crate::engine::{Engine, Place};
use crate::page::base64;
use crate::table::Column;
use crate::{Error, Result, Sessions};

/// What a driver is told unless it is told otherwise, for sessions that are only read.
fn usual_option(driver: &Path, uri: &str) -> Option<(&'static str, &'static str)> {
    let file = driver.file_name().unwrap_or_default().to_string_lossy();
    if uri.starts_with("grpc") {
        // How many seconds a Flight SQL connection may take to be made. The driver's own 20 are long for a reader who has
        // mistyped an address.
        Some(("adbc.flight.sql.rpc.timeout_seconds.connect", "5"))
    } else if file.contains("duckdb") && !uri.is_empty() && uri != ":memory:" {
        // Several notebooks may have the same file open then, and a mistyped path makes no new database.
        Some(("access_mode", "READ_ONLY"))
    } else {
        None
    }
}

/// What the name of an option ends in when its value is a credential.
const CREDENTIALS: [&str; 9] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "authorization_header",
    "authorization",
    "private_key",
    "jwt",
];

/// How another engine is connected to, begun with [`Sessions::connect_options`]: what its driver wants to know beside the
/// address. Which options there are stands in the driver's documentation, for Flight SQL in
/// <https://arrow.apache.org/adbc/current/driver/flight_sql.html>.
///
/// Credentials come from environment variables, or from files, and are read when the engine is connected to. So they are in
/// no cell, no output and no error.
///
/// ```no_run
/// use streamroot::prelude::*;
///
/// let sessions = Sessions::connect_options()
///     .option("username", "analyst")
///     .secret("password", "SESSIONS_PASSWORD")
///     .file("adbc.flight.sql.client_option.tls_root_certs", "/etc/ssl/sessions-ca.pem")
///     .connect("/opt/adbc/libadbc_driver_flightsql.so", "grpc+tls://engine.example.org:443", "sessions")?;
/// println!("{}", sessions.count_by(Isp)?);
/// # Ok::<(), streamroot::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "options connect to nothing until `connect` is called"]
pub struct ConnectOptions {
    options: Vec<(String, Value)>,
}

/// Where the value of an option comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Text(String),
    Variable(String),
    File(String),
}

impl ConnectOptions {
    /// An option that anybody may read, such as `username`.
    pub fn option(self, name: &str, value: &str) -> ConnectOptions {
        self.with(name, Value::Text(value.to_owned()))
    }

    /// An option whose value is a credential: what the environment variable holds. A bearer token is
    /// `.secret("adbc.flight.sql.authorization_header", "VARIABLE")`, where the variable holds `Bearer` and the token. An
    /// address that holds a password is `.secret("uri", "VARIABLE")`, with an empty address in `connect`.
    pub fn secret(self, name: &str, variable: &str) -> ConnectOptions {
        self.with(name, Value::Variable(variable.to_owned()))
    }

    /// An option whose value is what a file holds, such as certificates in PEM form. It is kept as secret as a credential.
    pub fn file(self, name: &str, path: impl AsRef<Path>) -> ConnectOptions {
        self.with(name, Value::File(path.as_ref().to_string_lossy().into_owned()))
    }

    fn with(mut self, name: &str, value: Value) -> ConnectOptions {
        self.options.retain(|(known, _)| known != name);
        self.options.push((name.to_owned(), value));
        self
    }

    /// Connects, as [`Sessions::connect`] does.
    ///
    /// # Errors
    /// Those of [`Sessions::connect`]; [`Error::Login`] too when a credential stands in the call itself, or when its
    /// environment variable or file is not there.
    pub fn connect(&self, driver: &str, uri: &str, table: &str) -> Result<Sessions> {
        if holds_password(uri) {
            return Err(Error::Login(
                "the address holds a password, which would be saved with the notebook: put the whole address into an \
                 environment variable, name that with `.secret(\"uri\", …)`, and connect to \"\""
                    .to_owned(),
            ));
        }
        let address = uri.split('?').next().filter(|address| !address.is_empty()).unwrap_or("its usual address");
        let mut place = Place { address: address.to_owned(), ..Place::default() };
        let mut options = Vec::new();
        if !uri.is_empty() {
            options.push(("uri".to_owned(), uri.to_owned()));
        }
        for (name, value) in &self.options {
            options.push((name.clone(), read(name, value, &mut place)?));
        }
        // As it is sent, and as a server that repeats it would show it (RFC 7617).
        let given = |wanted: &str| options.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        if let (Some(user), Some(password)) = (given("username"), given("password")) {
            place.secrets.push(base64(format!("{user}:{password}").as_bytes()));
        }
        let uri = options.iter().rfind(|(name, _)| name == "uri").map_or("", |(_, uri)| uri);
        let usual =
            usual_option(Path::new(driver), uri).filter(|usual| options.iter().all(|(name, _)| name != usual.0));
        options.extend(usual.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let options: Vec<(&str, &str)> = options.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let address = place.address.clone();
        let from = source(table)?;
        let engine = Engine::connect(Path::new(driver), &options, place)?;
        // Asked now, so that a slip is reported in the cell that made it.
        let rows = engine.query(&format!("SELECT * FROM {from} LIMIT 0")).map_err(|error| match error {
            Error::Engine(message) => Error::Engine(format!(
                "the engine at {address} can't read the table {table}: name one that is there (it says: {})",
                message.lines().next().unwrap_or_default()
            )),
            error => error,
        })?;
        let names: Vec<&str> = rows.columns().iter().map(Column::name).collect();
        // Spark's dialect takes a directory for a table, and one that is not there for an empty one.
        if names.is_empty() {
            return Err(Error::Column(format!(
                "the table {table} of the engine at {address} has no columns: name one that is there"
            )));
        }
        if let Some(missing) = ["p2p", "cdn"].into_iter().find(|name| !names.contains(name)) {
            return Err(Error::Column(format!(
                "the table {table} of the engine at {address} has no column {missing}, it has {}: name a table of \
                 sessions, or one in parentheses that makes the column, `(SELECT …, … AS {missing} FROM …)`",
                names.join(", ")
            )));
        }
        Ok(Sessions::of(Arc::new(engine), table, &from))
    }
}

/// The value of an option. What is secret about it is noted.
fn read(name: &str, value: &Value, place: &mut Place) -> Result<String> {
    let (text, source) = match value {
        Value::Text(_) if CREDENTIALS.iter().any(|end| name.ends_with(end)) => {
            return Err(Error::Login(format!(
                "the option {name} is a credential, which would be saved with the notebook: put it into an environment \
                 variable, and name that with `.secret({name:?}, …)`"
            )));
        }
        Value::Text(text) => return Ok(text.clone()),
        Value::Variable(variable) => match std::env::var(variable) {
            Ok(text) if !text.is_empty() => (text, format!("the environment variable {variable}")),
            _ => {
                return Err(Error::Login(format!(
                    "the option {name} is in the environment variable {variable}, which is not set: set it before the \
                     notebooks are opened"
                )));
            }
        },
        Value::File(path) => match std::fs::read_to_string(path) {
            Ok(text) => (text, format!("the file {path}")),
            Err(error) => {
                return Err(Error::Login(format!(
                    "the option {name} is in the file {path}, which can't be read: {error}"
                )));
            }
        },
    };
    if name == "uri" {
        place.address = format!("the address in {source}");
        place.secrets.extend(password(&text).map(str::to_owned));
    }
    // `Bearer` and a token: a driver may speak of either the whole or the token.
    place.secrets.extend([text.clone(), text.trim().to_owned()]);
    place.secrets.extend(text.split_whitespace().last().filter(|last| last.len() >= 8).map(str::to_owned));
    place.sources.push(source);
    Ok(text)
}

/// Whether an address holds a password: `scheme://user:password@host`, or `?password=`.
fn holds_password(uri: &str) -> bool {
    password(uri).is_some() || {
        let (_, query) = uri.split_once('?').unwrap_or_default();
        let mut names = query.split('&').filter_map(|part| part.split_once('=')).map(|(name, _)| name.to_lowercase());
        names.any(|name| CREDENTIALS.iter().any(|end| name.ends_with(end)))
    }
}

fn password(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let (user, _) = rest.split(['/', '?', '#']).next()?.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    (!password.is_empty()).then_some(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(options: &ConnectOptions, uri: &str) -> String {
        match options.connect("/no/such/driver.so", uri, "sessions") {
            Err(Error::Login(sentence)) => sentence,
            Err(error) => panic!("another error: {error}"),
            Ok(_) => panic!("connected"),
        }
    }

    #[test]
    fn a_credential_in_the_call_is_refused_and_not_repeated() {
        let options = ConnectOptions::default();
        for uri in [
            "postgresql://analyst:hunter2@host/db",
            "grpc://analyst:hunter2@host:1",
            "postgresql://host/db?user=analyst&password=hunter2",
            "x://host?Access_Token=hunter2",
        ] {
            let sentence = refused(&options, uri);
            assert!(!sentence.contains("hunter2") && sentence.contains("secret"), "{sentence}");
        }
        for name in ["password", "adbc.flight.sql.authorization_header", "adbc.flight.sql.oauth.client_secret"] {
            let sentence = refused(&options.clone().option(name, "hunter2"), "grpc://host:1");
            assert!(!sentence.contains("hunter2") && sentence.contains(name), "{sentence}");
        }
        for uri in ["grpc://host:1", "grpc://analyst@host", "", "/a/b:c@d.duckdb", "x://host?user=a", "x://host/a:b@c"]
        {
            assert!(!holds_password(uri), "{uri}");
        }
    }

    #[test]
    fn a_credential_that_is_not_there_says_where_it_should_be() {
        let options = ConnectOptions::default().secret("password", "STREAMROOT_NO_SUCH_VARIABLE");
        assert!(refused(&options, "grpc://host:1").contains("STREAMROOT_NO_SUCH_VARIABLE"));
        let options = ConnectOptions::default().file("certificate", "/no/such/file.pem");
        assert!(refused(&options, "grpc://host:1").contains("/no/such/file.pem"));
    }

    #[test]
    fn what_comes_from_a_file_is_a_secret_too() {
        let path = std::env::temp_dir().join(format!("streamroot-token-{}", std::process::id()));
        std::fs::write(&path, "Bearer hunter2hunter2\n").unwrap();
        let mut place = Place::default();
        let value = read("token", &Value::File(path.to_str().unwrap().to_owned()), &mut place).unwrap();
        assert_eq!(value, "Bearer hunter2hunter2\n");
        assert!(place.secrets.iter().any(|secret| secret == "hunter2hunter2"), "{:?}", place.secrets);
        std::fs::remove_file(path).unwrap();
    }
}
