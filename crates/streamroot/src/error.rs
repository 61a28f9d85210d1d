use std::fmt;

/// What went wrong, in one sentence that says what to do about it.
///
/// `Debug` shows the same sentence as `Display`, because a cell that ends in `?` prints its error with `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub enum Error {
    /// The engine could not be loaded, or is not an ADBC driver.
    Driver(String),
    /// The engine refused to open the file or to answer the query.
    Engine(String),
    /// No engine answers at the address that was connected to, or it has stopped since.
    Unreachable(String),
    /// The engine refuses the login.
    Login(String),
    /// A table has no such column, or the column holds something else than what was asked of it.
    Column(String),
    /// A figure can't be drawn or saved.
    Figure(String),
}

/// The result of everything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Error::Driver(sentence)
        | Error::Engine(sentence)
        | Error::Unreachable(sentence)
        | Error::Login(sentence)
        | Error::Column(sentence)
        | Error::Figure(sentence)) = self;
        f.write_str(sentence)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}
