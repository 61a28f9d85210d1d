//! Which engine answers: the embedded one, polars behind ADBC, a shared library that this workspace builds once; or another
//! that was connected to.

mod adbc;
mod arrow;
mod dialect;
mod progress;
pub(crate) mod tokens;

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::engine::adbc::Connection;
use crate::engine::dialect::Dialect;
use crate::table::Table;
use crate::{Error, Result};

/// How many seconds to wait before an engine that has lost a part of itself is asked again. Together they are longer than it
/// takes one to notice that is set to notice within ten seconds.
const AGAIN: [u64; 5] = [1, 2, 3, 4, 5];

/// An engine that answers SQL.
pub(crate) struct Engine {
    connection: Connection,
    dialect: Dialect,
    /// Where it is, if it is not the embedded one.
    place: Option<Place>,
}

/// How sentences speak of another engine.
#[derive(Clone, Default)]
pub(crate) struct Place {
    /// Its address, as far as it may be shown.
    pub address: String,
    /// What credentials come from, for a reader to look at.
    pub sources: Vec<String>,
    /// What no sentence may hold.
    pub secrets: Vec<String>,
}

impl Engine {
    /// The embedded engine on a file.
    pub(crate) fn embedded(options: &[(&str, &str)]) -> Result<Engine> {
        let connection = Connection::open(&embedded()?, options).map_err(|error| plain(error, None))?;
        Ok(Engine { connection, dialect: Dialect::Standard, place: None })
    }

    /// Another engine. It is asked for its dialect, and so whether it is there and lets us in.
    pub(crate) fn connect(driver: &Path, options: &[(&str, &str)], place: Place) -> Result<Engine> {
        let connection = Connection::open(driver, options).map_err(|error| match plain(error, Some(&place)) {
            Error::Engine(message) => Error::Engine(format!(
                "{} can't connect to {}: check the address and the options (the driver says: {message})",
                driver.display(),
                place.address
            )),
            error => error,
        })?;
        let mut engine = Engine { connection, dialect: Dialect::Standard, place: Some(place) };
        engine.dialect = match engine.query(Dialect::QUESTION) {
            Ok(answer) => Dialect::of(Some(&answer)),
            Err(error @ (Error::Unreachable(_) | Error::Login(_))) => return Err(error),
            Err(_) => Dialect::of(None),
        };
        Ok(engine)
    }

    pub(crate) fn is_embedded(&self) -> bool {
        self.place.is_none()
    }

    /// Answers a query, written as the SQL standard has it.
    pub(crate) fn query(&self, sql: &str) -> Result<Table> {
        let sql = self.dialect.spoken(sql);
        let mut answer = self.connection.query(&sql);
        // Queries change nothing, so they can be asked again.
        for pause in AGAIN {
            match &answer {
                Err(Error::Engine(message)) if self.place.is_some() && is_loss(message) => {
                    std::thread::sleep(Duration::from_secs(pause));
                }
                _ => break,
            }
            answer = self.connection.query(&sql);
        }
        answer.map_err(|error| plain(error, self.place.as_ref()))
    }
}

/// Whether a distributed engine says that one of its workers is gone. It is none of its statuses, and each engine has words
/// of its own; what they have in common are those of the system and of HTTP/2.
fn is_loss(message: &str) -> bool {
    let words = [
        "connection refused",
        "connection reset",
        "broken pipe",
        "transport error",
        "h2 protocol error",
        "lost worker",
    ];
    let message = message.to_lowercase();
    words.iter().any(|word| message.contains(word))
}

/// What a driver says as a sentence that names the place, and no credentials.
fn plain(error: Error, place: Option<&Place>) -> Error {
    let Some(Place { address, sources, secrets }) = place else {
        // The embedded engine is never elsewhere; what it can't read or write is a file.
        return match error {
            Error::Unreachable(message) | Error::Login(message) => Error::Engine(message),
            error => error,
        };
    };
    let without_secrets = |message: String| {
        secrets.iter().filter(|secret| !secret.is_empty()).fold(message, |message, secret| {
            let escaped = format!("{secret:?}");
            message.replace(secret, "…").replace(escaped.trim_matches('"'), "…")
        })
    };
    match error {
        Error::Unreachable(message) => Error::Unreachable(without_secrets(format!(
            "the engine at {address} can't be reached: start it there, or correct the address (the driver says: {message})"
        ))),
        Error::Login(message) => {
            let check = match sources.as_slice() {
                [] => "give it credentials with `Sessions::connect_options()`".to_owned(),
                sources => format!("check {}", sources.join(" and ")),
            };
            Error::Login(without_secrets(format!(
                "the engine at {address} refuses the login: {check} (the driver says: {message})"
            )))
        }
        Error::Driver(message) => Error::Driver(without_secrets(message)),
        Error::Engine(message) if is_loss(&message) => Error::Engine(without_secrets(format!(
            "the engine at {address} has lost a part of itself: run the cell again in a minute, when it has noticed (the \
             driver says: {message})"
        ))),
        Error::Engine(message) => Error::Engine(without_secrets(message)),
        error => error,
    }
}

/// The path of the embedded engine: what the environment variable `STREAMROOT_ENGINE` names, or else what
/// `cargo build --release` has put under the workspace's `target/`.
fn embedded() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("STREAMROOT_ENGINE").filter(|path| !path.is_empty()) {
        return Ok(PathBuf::from(path));
    }
    let library = format!("{DLL_PREFIX}streamroot_polars{DLL_SUFFIX}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/release").join(library);
    if path.exists() {
        Ok(path)
    } else {
        Err(Error::Driver(format!("the engine is not built, {} is not there: run `cargo lab setup`", path.display())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sentence_holds_a_credential() {
        let secrets = vec!["hunter \"2\"".to_owned(), String::new()];
        let place = Place { address: "grpc://a:1".to_owned(), sources: vec!["$PASSWORD".to_owned()], secrets };
        let said = |error| plain(error, Some(&place)).to_string();
        for message in ["hunter \"2\" is wrong", r#"parse "hunter \"2\"": it is wrong"#] {
            let message = || message.to_owned();
            for error in [
                Error::Driver(message()),
                Error::Engine(message()),
                Error::Unreachable(message()),
                Error::Login(message()),
            ] {
                let sentence = said(error);
                assert!(!sentence.contains("hunter") && sentence.contains("is wrong"), "{sentence}");
            }
        }
        assert!(said(Error::Login("no".to_owned())).contains("check $PASSWORD"));
        assert!(said(Error::Unreachable("no".to_owned())).contains("grpc://a:1"));
    }

    #[test]
    fn the_embedded_engine_is_never_out_of_reach() {
        assert_eq!(
            plain(Error::Unreachable("no such file".to_owned()), None),
            Error::Engine("no such file".to_owned())
        );
    }
}
