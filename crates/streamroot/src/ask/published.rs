//! Figures that others have published about the data set, and whether what is computed here agrees with them.

use crate::ask::sessions::Sessions;
use crate::table::unit::{Quantity, Unit};
use crate::table::{Column, Table, Values};
use crate::{Error, Result};

/// Published figures, each with the bounds within which a computed one agrees with it.
///
/// ```no_run
/// use streamroot::prelude::*;
///
/// let sessions = Sessions::open("../data/sessions.csv")?;
/// let published = Published::open("../data/published.csv")?;
/// let checks = Table::stack([
///     published.check("users", sessions.count()?)?,
///     published.check("users_by_isp", sessions.count_by(Isp)?)?,
/// ])?;
/// println!("{checks}\n{}", published.summary(&checks)?);
/// # Ok::<(), streamroot::Error>(())
/// ```
#[derive(Clone)]
pub struct Published(Table);

/// What is compared with a published figure: one number, or a table with names first and the numbers last.
pub struct Computed(Table);

impl From<Table> for Computed {
    fn from(table: Table) -> Computed {
        Computed(table)
    }
}

impl From<Quantity> for Computed {
    fn from(quantity: Quantity) -> Computed {
        let number = Column::new("value", Values::Float(vec![Some(quantity.value())])).with_unit(quantity.unit());
        Computed(Table::of(vec![Column::new("of", Values::Text(vec![Some(String::new())])), number]))
    }
}

impl Published {
    /// Reads published figures from a CSV file with the columns `figure`, `of`, `value`, `low`, `high`: which figure, of
    /// which category (several are joined by `, `), the published value where there is one, and the bounds.
    ///
    /// # Errors
    /// [`Error::Engine`] when the file can't be read, [`Error::Column`] when it lacks one of these columns.
    pub fn open(path: &str) -> Result<Published> {
        let table = Sessions::file(path, &[("streamroot.content", "table")])?
            .sql("SELECT figure, \"of\", value, low, high FROM sessions")?;
        Ok(Published(table))
    }

    /// The published values of one figure: the columns `of` and `value`.
    ///
    /// # Errors
    /// [`Error::Column`] when no figure of that name is published.
    pub fn figure(&self, figure: &str) -> Result<Table> {
        let rows = self.rows(figure)?;
        Ok(self.0.take(&rows).picked(&["of", "value"])?.labelled(1))
    }

    /// The rows of one figure.
    fn rows(&self, figure: &str) -> Result<Vec<usize>> {
        let figures = self.0.column("figure")?;
        let rows: Vec<usize> = (0..self.0.rows()).filter(|&row| figures.text(row) == figure).collect();
        if rows.is_empty() {
            let mut known: Vec<String> = (0..self.0.rows()).map(|row| figures.text(row)).collect();
            known.dedup();
            return Err(Error::Column(format!("no figure {figure:?} is published; there are: {}", known.join(", "))));
        }
        Ok(rows)
    }

    /// Compares all values of one figure with the computed ones: the columns `figure`, `of`, `published`, `computed` and
    /// `agrees`, a row for each published value.
    ///
    /// # Errors
    /// [`Error::Column`] when no figure of that name is published, or when a category of it was not computed.
    pub fn check(&self, figure: &str, computed: impl Into<Computed>) -> Result<Table> {
        self.compare(figure, &computed.into().0)
    }

    fn compare(&self, figure: &str, computed: &Table) -> Result<Table> {
        let Some((last, names)) = computed.columns().split_last() else {
            return Err(Error::Column(format!("there is nothing to compare the published {figure:?} with")));
        };
        let labels: Vec<String> = (0..computed.rows())
            .map(|row| names.iter().map(|column| column.text(row)).collect::<Vec<_>>().join(", "))
            .collect();
        let [_, of, value, low, high] = self.0.columns() else {
            return Err(Error::Column("published figures have five columns".to_owned()));
        };
        let mut columns: [Vec<Option<String>>; 5] = Default::default();
        for row in self.rows(figure)? {
            let of = Some(of.text(row)).filter(|of| of != "–").unwrap_or_default();
            let Some(number) = labels.iter().position(|label| *label == of).and_then(|row| last.number(row)) else {
                return Err(Error::Column(format!(
                    "{figure:?} is published for {of:?}, but no number of it was computed"
                )));
            };
            let unit = last.unit();
            let (low, high) = (low.number(row), high.number(row));
            let published = match (value.number(row), low, high) {
                (Some(value), ..) => unit.format(value),
                (None, Some(low), None) => format!("over {}", unit.format(low)),
                (None, None, Some(high)) => format!("under {}", unit.format(high)),
                _ => return Err(Error::Column(format!("{figure:?} of {of:?} has neither a value nor one bound"))),
            };
            // The bounds are decimal fractions, and so is what is exact: the last bits of both may differ.
            let slack = 1e-9 * number.abs();
            let agrees = low.is_none_or(|low| number >= low - slack) && high.is_none_or(|high| number <= high + slack);
            let mark = if agrees { "✓" } else { "✗" };
            let cells = [figure.replace('_', " "), of, published, unit.format(number), mark.to_owned()];
            columns.iter_mut().zip(cells).for_each(|(column, cell)| column.push(Some(cell)));
        }
        let names = ["figure", "of", "published", "computed", "agrees"];
        Table::new(names.iter().zip(columns).map(|(name, column)| Column::new(name, Values::Text(column))).collect())
    }

    /// One sentence on a table of checks: how many of all published values it has, and how many of them agree.
    ///
    /// # Errors
    /// [`Error::Column`] when the table does not come from [`check`](Published::check).
    pub fn summary(&self, checks: &Table) -> Result<String> {
        let marks = checks.column("agrees")?;
        let agree = (0..checks.rows()).filter(|&row| marks.text(row) == "✓").count();
        let number = |n: usize| Unit::Count.format(n as f64);
        Ok(format!(
            "{} of {} published figures are checked, and {} of these agree.",
            number(checks.rows()),
            number(self.0.rows()),
            number(agree)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(values: &[&str]) -> Values {
        Values::Text(values.iter().map(|v| Some((*v).to_owned())).collect())
    }

    fn published() -> Published {
        let figures = ["share", "share", "users", "users"];
        Published(Table::of(vec![
            Column::new("figure", text(&figures)),
            Column::new("of", text(&["a, x", "b, y", "", "c"])),
            Column::new("value", Values::Float(vec![Some(0.5), None, Some(10.0), Some(3.0)])),
            Column::new("low", Values::Float(vec![Some(0.49), None, Some(10.0), Some(3.0)])),
            Column::new("high", Values::Float(vec![Some(0.51), Some(0.1), Some(10.0), Some(3.0)])),
        ]))
    }

    fn shares(first: f64, second: f64) -> Table {
        Table::of(vec![
            Column::new("isp", text(&["b", "a"])),
            Column::new("browser", text(&["y", "x"])),
            Column::new("share", Values::Float(vec![Some(second), Some(first)])).with_unit(Unit::Share),
        ])
    }

    #[test]
    fn a_figure_agrees_within_its_bounds_and_not_beyond() {
        for (first, second, marks) in
            [(0.49, 0.1, ["✓", "✓"]), (0.489, 0.1, ["✗", "✓"]), (0.511, 0.0, ["✗", "✓"]), (0.5, 0.11, ["✓", "✗"])]
        {
            let checks = published().check("share", shares(first, second)).unwrap();
            let found: Vec<String> = (0..2).map(|row| checks.column("agrees").unwrap().text(row)).collect();
            assert_eq!(found, marks, "{first} {second}");
        }
        let checks = published().check("share", shares(0.5, 0.05)).unwrap();
        assert_eq!(checks.column("published").unwrap().text(1), "under 10.00 %");
        assert_eq!(
            published().summary(&checks).unwrap(),
            "2 of 4 published figures are checked, and 2 of these agree."
        );
    }

    #[test]
    fn what_is_not_published_or_not_computed_is_an_error() {
        let error = published().check("nothing", shares(0.0, 0.0)).unwrap_err().to_string();
        assert!(error.contains("share, users"), "{error}");
        let error = published().check("users", Quantity::new(10.0, Unit::Count)).unwrap_err().to_string();
        assert!(error.contains("\"c\""), "{error}");
    }
}
