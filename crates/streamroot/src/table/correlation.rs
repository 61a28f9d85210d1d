//! How two columns of numbers go together.

use crate::Result;
use crate::table::{Column, Table, Values, stats};

impl Table {
    /// Pearson's correlation of two columns with Fisher's interval of 95 %: the columns `pairs`, `correlation`, `low`,
    /// `high`. The last three are missing for fewer than four pairs or where a column is constant.
    ///
    /// # Errors
    /// [`Error::Column`](crate::Error::Column) when there is no such column, or when it has no numbers.
    pub fn correlation(&self, x: &str, y: &str) -> Result<Table> {
        let pairs: Vec<(f64, f64)> =
            self.numbers(x)?.into_iter().zip(self.numbers(y)?).filter_map(|(x, y)| x.zip(y)).collect();
        let found = stats::correlation(&pairs);
        let column = |name: &str, value: Option<f64>| Column::new(name, Values::Float(vec![value]));
        Ok(Table::of(vec![
            Column::new("pairs", Values::Int(vec![Some(pairs.len() as i64)])),
            column("correlation", found.map(|(r, _)| r)),
            column("low", found.map(|(_, (low, _))| low)),
            column("high", found.map(|(_, (_, high))| high)),
        ]))
    }
}
