//! The words of the field: what sessions are grouped by, what is measured of them, and which of them are meant.
//!
//! Each converts from SQL text too, so that whatever the named ones don't cover is still one argument away.

use crate::Result;
use crate::engine::tokens::one_expression;
use crate::table::unit::Unit;

/// What sessions are grouped by. A column's name converts into one: `count_by("country")`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// The video, 1 to 9 in the published data.
    Stream,
    /// The user's internet service provider.
    Isp,
    /// The user's browser.
    Browser,
    /// Whether the session was connected to the backend, which introduces peers to each other.
    Connected,
    /// The minute in which the session began, by the column `start`; see [`Columns::start`](crate::Columns::start).
    Minute,
    /// The hour in which it began.
    Hour,
    /// The day on which it began.
    Day,
    /// The week in which it began: that of the Monday before.
    Week,
    /// Any other column, by its name.
    Column(String),
}

impl Dimension {
    /// The column's name, in the data and in tables; or in tables alone, of a time.
    pub fn name(&self) -> &str {
        match self {
            Dimension::Stream => "stream",
            Dimension::Isp => "isp",
            Dimension::Browser => "browser",
            Dimension::Connected => "connected",
            Dimension::Minute => "minute",
            Dimension::Hour => "hour",
            Dimension::Day => "day",
            Dimension::Week => "week",
            Dimension::Column(name) => name,
        }
    }

    /// How many seconds there are from one value to the next, if it is a time.
    pub(crate) fn period(&self) -> Option<i64> {
        match self {
            Dimension::Minute => Some(60),
            Dimension::Hour => Some(3_600),
            Dimension::Day => Some(86_400),
            Dimension::Week => Some(7 * 86_400),
            _ => None,
        }
    }

    /// The sessions with this value: `sessions.filter(Isp.is("Fro"))`, `Stream.is(7)`, `Connected.is(true)`,
    /// `Day.is("2026-03-04")`. Safe whatever the text holds, quotes too.
    pub fn is(&self, value: impl Into<Literal>) -> Condition {
        Condition::Where(format!("{} = {}", self.sql(), value.into().0))
    }

    /// The value as SQL has it, safe whatever the name holds.
    pub(crate) fn sql(&self) -> String {
        match self {
            Dimension::Minute | Dimension::Hour => format!("DATE_TRUNC('{}', \"start\")", self.name()),
            Dimension::Day | Dimension::Week => format!("CAST(DATE_TRUNC('{}', \"start\") AS DATE)", self.name()),
            _ => quoted(self.name()),
        }
    }

    /// The value under the dimension's name, as it stands behind SELECT.
    pub(crate) fn selected(&self) -> String {
        match self.period() {
            Some(_) => format!("{} AS {}", self.sql(), quoted(self.name())),
            None => self.sql(),
        }
    }
}

/// A name as SQL has it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl From<&str> for Dimension {
    fn from(name: &str) -> Dimension {
        match name {
            "stream" => Dimension::Stream,
            "isp" => Dimension::Isp,
            "browser" => Dimension::Browser,
            "connected" => Dimension::Connected,
            name => Dimension::Column(name.to_owned()),
        }
    }
}

/// A value as SQL has it: a text, a whole number or a truth value converts into one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal(String);

impl From<&str> for Literal {
    fn from(text: &str) -> Literal {
        // Engines that print a query again after reading it, as the embedded one does, take a quote behind a backslash or
        // behind another quote for one that is escaped already. So no literal has two of them side by side.
        let mut parts = vec![String::new()];
        let mut before = ' ';
        for c in text.chars() {
            if c == '\'' && matches!(before, '\'' | '\\') {
                parts.push(String::new());
            }
            if let Some(part) = parts.last_mut() {
                part.push(c);
                part.extend((c == '\'').then_some(c));
            }
            before = c;
        }
        Literal(format!("({})", parts.iter().map(|part| format!("'{part}'")).collect::<Vec<_>>().join(" || ")))
    }
}

impl From<i64> for Literal {
    fn from(number: i64) -> Literal {
        Literal(number.to_string())
    }
}

impl From<i32> for Literal {
    fn from(number: i32) -> Literal {
        i64::from(number).into()
    }
}

impl From<bool> for Literal {
    fn from(truth: bool) -> Literal {
        Literal(if truth { "TRUE" } else { "FALSE" }.to_owned())
    }
}

/// One or more dimensions: `Isp`, `"country"`, `[Stream, Isp]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By(pub(crate) Vec<Dimension>);

impl From<Dimension> for By {
    fn from(dimension: Dimension) -> By {
        By(vec![dimension])
    }
}

impl From<&str> for By {
    fn from(name: &str) -> By {
        By(vec![name.into()])
    }
}

impl<const N: usize> From<[Dimension; N]> for By {
    fn from(dimensions: [Dimension; N]) -> By {
        By(dimensions.into())
    }
}

impl<const N: usize> From<[&str; N]> for By {
    fn from(names: [&str; N]) -> By {
        By(names.map(Dimension::from).into())
    }
}

/// Which sessions are meant. SQL text converts into one: `share("p2p > cdn")`. It has to be one expression, whose brackets,
/// quotes and comments are closed; what is asked with another is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Not connected to the backend.
    NotConnected,
    /// Received something through peers: `p2p > 0`.
    WithP2p,
    /// Received nothing through peers: `p2p = 0`.
    CdnOnly,
    /// Any condition that SQL can express on a session's columns.
    Where(String),
}

impl Condition {
    pub(crate) fn sql(&self) -> &str {
        match self {
            Condition::NotConnected => "NOT connected",
            Condition::WithP2p => "p2p > 0",
            Condition::CdnOnly => "p2p = 0",
            Condition::Where(sql) => sql,
        }
    }

    /// The condition as it stands within a larger query.
    pub(crate) fn within(&self) -> Result<String> {
        one_expression(self.sql())
    }

    /// How a table or an axis names the share of these sessions.
    pub(crate) fn label(&self) -> &str {
        match self {
            Condition::NotConnected => "not connected",
            Condition::WithP2p => "with P2P",
            Condition::CdnOnly => "CDN only",
            Condition::Where(sql) => sql,
        }
    }
}

impl From<&str> for Condition {
    fn from(sql: &str) -> Condition {
        Condition::Where(sql.to_owned())
    }
}

/// A column that is true or false is a condition: `share(Connected)`.
impl From<Dimension> for Condition {
    fn from(dimension: Dimension) -> Condition {
        match dimension {
            Dimension::Connected => Condition::Where("connected".to_owned()),
            other => Condition::Where(other.sql()),
        }
    }
}

/// What is measured of a session. An SQL expression converts into one: `mean("p2p / 8")`. It has to be a single one, whose
/// brackets, quotes and comments are closed; what is asked with another is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Bytes received through peers.
    P2p,
    /// Bytes received through the CDN.
    Cdn,
    /// Bytes received in all: `p2p + cdn`. Missing when either is.
    Total,
    /// The part of a session's bytes that came through peers: `p2p / (p2p + cdn)`. Missing when either is, or when the
    /// session received nothing.
    Offload,
    /// Any number that SQL can express on a session's columns.
    Expression(String),
}

impl Measure {
    pub(crate) fn sql(&self) -> &str {
        match self {
            Measure::P2p => "p2p",
            Measure::Cdn => "cdn",
            Measure::Total => "p2p + cdn",
            Measure::Offload => "CASE WHEN p2p + cdn > 0 THEN p2p / (p2p + cdn) END",
            Measure::Expression(sql) => sql,
        }
    }

    /// The measure as it stands within a larger query.
    pub(crate) fn within(&self) -> Result<String> {
        one_expression(self.sql())
    }

    pub(crate) fn label(&self) -> &str {
        match self {
            Measure::P2p => "P2P",
            Measure::Cdn => "CDN",
            Measure::Total => "total",
            Measure::Offload => "offload",
            Measure::Expression(sql) => sql,
        }
    }

    pub(crate) fn unit(&self) -> Unit {
        match self {
            Measure::P2p | Measure::Cdn | Measure::Total => Unit::Bytes,
            Measure::Offload => Unit::Share,
            Measure::Expression(_) => Unit::Plain,
        }
    }
}

impl From<&str> for Measure {
    fn from(sql: &str) -> Measure {
        Measure::Expression(sql.to_owned())
    }
}
