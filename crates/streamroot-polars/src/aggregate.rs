//! Makes a cube of sessions that are in memory: each session's cell is a number, and sums are added up by that number.
//!
//! polars groups by any keys of any values, and hashes them. Here there are few values of each key, so a cell's number is
//! put together from the numbers of its values, and nothing is hashed: on the published data that is ten times quicker.
//! Where keys or values are of another kind, polars does it.

use polars::prelude::*;
use polars_arrow::array::PrimitiveArray;
use polars_arrow::bitmap::Bitmap;

use crate::cube::Needs;
use crate::names::COUNT;

/// More cells than these, empty ones too, are polars' to group.
const MOST_CELLS: usize = 1 << 20;
/// More cells than these are no longer at hand in a core's cache.
const MANY_CELLS: usize = 1 << 14;
/// Whole numbers that are further apart than this have no number of their own each.
const WIDEST: i64 = 1 << 12;

/// The cube that `needs` describe, of sessions and of what is computed of them under its SQL's name; nothing where polars
/// has to make it. The cells of an earlier cube of the same sessions are only split by the keys that are new.
pub fn cube(frame: &DataFrame, needs: &Needs, earlier: &mut Option<Numbering>) -> PolarsResult<Option<DataFrame>> {
    let mut numbering = match earlier.take() {
        Some(earlier) if earlier.keys.iter().all(|key| needs.keys.contains_key(key)) => earlier,
        _ => Numbering { keys: Vec::new(), cells: vec![0; frame.height()], count: 1 },
    };
    for name in needs.keys.keys() {
        if !numbering.keys.contains(name) {
            if !numbering.split(frame.column(name)?)? {
                return Ok(None);
            }
            numbering.keys.push(name.clone());
        }
    }
    let mut measures: Vec<Measure> = Vec::new();
    for name in needs.aggregates.keys().filter(|name| *name != COUNT) {
        let Some((_, argument)) = parts(name) else { return Ok(None) };
        if measures.iter().any(|measure| measure.name == argument) {
            continue;
        }
        let column = frame.column(argument)?;
        let Ok(values) = column.as_materialized_series().f64() else { return Ok(None) };
        let values = values.rechunk().downcast_iter().next().cloned();
        let Some(values) = values else { return Ok(None) };
        let extremes = needs.aggregates.contains_key(&format!("MIN({argument})"))
            || needs.aggregates.contains_key(&format!("MAX({argument})"));
        measures.push(Measure { name: argument.to_owned(), values, extremes });
    }
    let sums = added_up(&numbering, &measures)?;
    let numbering = earlier.insert(numbering);
    let filled: Vec<usize> = (0..numbering.count).filter(|cell| sums.rows[*cell] > 0).collect();
    let firsts = filled.iter().map(|cell| sums.first[*cell]).collect();
    let firsts = IdxCa::from_vec("".into(), firsts);
    let mut columns = Vec::with_capacity(needs.keys.len() + needs.aggregates.len());
    for name in needs.keys.keys() {
        columns.push(frame.column(name)?.take(&firsts)?);
    }
    for name in needs.aggregates.keys() {
        let whole = |values: &[i64]| filled.iter().map(|cell| values[*cell]).collect::<Vec<i64>>();
        if name == COUNT {
            columns.push(Column::new(name.as_str().into(), whole(&sums.rows)));
            continue;
        }
        let Some((function, argument)) = parts(name) else { return Ok(None) };
        let Some(at) = measures.iter().position(|measure| measure.name == argument) else { return Ok(None) };
        let sum = &sums.measures[at];
        let number = |values: &[f64]| {
            filled.iter().map(|cell| (sum.count[*cell] > 0).then(|| values[*cell])).collect::<Vec<Option<f64>>>()
        };
        columns.push(match function {
            "COUNT" => Column::new(name.as_str().into(), whole(&sum.count)),
            "SUM" => Column::new(name.as_str().into(), number(&sum.sum)),
            "MIN" => Column::new(name.as_str().into(), number(&sum.least)),
            "MAX" => Column::new(name.as_str().into(), number(&sum.most)),
            _ => return Ok(None),
        });
    }
    DataFrame::new(filled.len(), columns).map(Some)
}

/// What `needs` want to have computed of each session: the keys and measures that are no columns of the sessions.
pub fn computed(needs: &Needs, is_column: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let arguments = needs.aggregates.keys().filter_map(|name| Some(parts(name)?.1.to_owned()));
    let mut computed: Vec<(String, String)> = Vec::new();
    let keys = needs.keys.iter().map(|(name, sql)| (name.clone(), sql.clone()));
    for (name, sql) in keys.chain(arguments.map(|argument| (argument.clone(), argument))) {
        if !is_column(&name) && computed.iter().all(|(known, _)| *known != name) {
            computed.push((name, sql));
        }
    }
    computed
}

/// `SUM(p2p + cdn)` as its function and its argument.
fn parts(name: &str) -> Option<(&str, &str)> {
    let (function, rest) = name.split_once('(')?;
    Some((function, rest.strip_suffix(')')?)).filter(|(_, argument)| *argument != "*")
}

// ---------------------------------------------------------------- cells

/// The number of each session's cell.
pub struct Numbering {
    /// What the cells differ in.
    keys: Vec<String>,
    cells: Vec<u32>,
    /// How many numbers there are.
    count: usize,
}

impl Numbering {
    /// Splits each cell by a key's values. False if there are too many, or none that can be numbered.
    fn split(&mut self, key: &Column) -> PolarsResult<bool> {
        let series = key.as_materialized_series().rechunk();
        match series.dtype() {
            DataType::Boolean => {
                let values = series.bool()?;
                let array = values.downcast_iter().next().filter(|_| values.null_count() == 0);
                Ok(match array {
                    Some(array) => self.number(2, array.values().iter().map(u32::from)),
                    None => self.number(3, values.iter().map(|value| value.map_or(2, u32::from))),
                })
            }
            DataType::Categorical(..) => {
                let texts = series.cat32()?;
                let (codes, count) = (texts.physical(), texts.get_mapping().num_cats_upper_bound());
                Ok(match codes.cont_slice() {
                    Ok(codes) => self.number(count, codes.iter().copied()),
                    Err(_) => self.number(count + 1, codes.iter().map(|code| code.unwrap_or(count as u32))),
                })
            }
            DataType::Int64 => {
                let values = series.i64()?;
                let (Some(least), Some(most)) = (values.min(), values.max()) else { return Ok(false) };
                let Some(width) = most.checked_sub(least).filter(|width| *width < WIDEST) else { return Ok(false) };
                let number = |value: i64| (value - least) as u32;
                let none = width as u32 + 1;
                Ok(match values.cont_slice() {
                    Ok(values) => self.number(width as usize + 1, values.iter().map(|value| number(*value))),
                    Err(_) => self.number(width as usize + 2, values.iter().map(|value| value.map_or(none, number))),
                })
            }
            _ => Ok(false),
        }
    }

    fn number(&mut self, values: usize, numbers: impl Iterator<Item = u32>) -> bool {
        if self.count.saturating_mul(values) > MANY_CELLS {
            self.leave_out_empty();
        }
        self.count = self.count.saturating_mul(values);
        if self.count > MOST_CELLS {
            return false;
        }
        for (cell, number) in self.cells.iter_mut().zip(numbers) {
            *cell = *cell * values as u32 + number;
        }
        true
    }

    /// Numbers the cells anew, without those that no session is in.
    fn leave_out_empty(&mut self) {
        const EMPTY: u32 = u32::MAX;
        let mut numbers = vec![EMPTY; self.count];
        let mut count = 0;
        for cell in &mut self.cells {
            let number = &mut numbers[*cell as usize];
            if *number == EMPTY {
                *number = count;
                count += 1;
            }
            *cell = *number;
        }
        self.count = (count as usize).max(1);
    }
}

// ---------------------------------------------------------------- sums

struct Measure {
    name: String,
    values: PrimitiveArray<f64>,
    /// Whether the smallest and the largest value are asked for.
    extremes: bool,
}

/// What is known of each cell.
struct Sums {
    rows: Vec<i64>,
    /// The first session.
    first: Vec<IdxSize>,
    measures: Vec<Sum>,
}

/// What is known of a measure in each cell. The smallest and the largest value are NaN where all are.
struct Sum {
    count: Vec<i64>,
    sum: Vec<f64>,
    least: Vec<f64>,
    most: Vec<f64>,
}

/// Adds everything up, with a thread for each measure and one for the cells.
fn added_up(numbering: &Numbering, measures: &[Measure]) -> PolarsResult<Sums> {
    let Numbering { cells, count, .. } = numbering;
    std::thread::scope(|scope| {
        let running: Vec<_> =
            measures.iter().map(|measure| scope.spawn(move || measure.added_up(cells, *count))).collect();
        let mut rows = vec![0; *count];
        let mut first = vec![IdxSize::MAX; *count];
        for (row, cell) in cells.iter().enumerate() {
            let cell = *cell as usize;
            rows[cell] += 1;
            if first[cell] == IdxSize::MAX {
                first[cell] = row as IdxSize;
            }
        }
        let measures = running.into_iter().map(|thread| thread.join().ok()).collect::<Option<Vec<_>>>();
        let mut measures = measures.ok_or_else(|| polars_err!(ComputeError: "a thread that adds up has failed"))?;
        for measure in &mut measures {
            // So far it has how many sessions lack the value.
            measure.count.iter_mut().zip(&rows).for_each(|(count, rows)| *count = rows - *count);
        }
        Ok(Sums { rows, first, measures })
    })
}

impl Measure {
    /// Adds up, and counts the sessions that lack the value.
    fn added_up(&self, cells: &[u32], count: usize) -> Sum {
        let values = self.values.values().as_slice();
        let extremes = if self.extremes { count } else { 0 };
        let mut all = Sum {
            count: vec![0; count],
            sum: vec![0.0; count],
            least: vec![f64::NAN; extremes],
            most: vec![f64::NAN; extremes],
        };
        let Sum { count: without, sum, least, most } = &mut all;
        let mut add = |cell: usize, value: f64| {
            sum[cell] += value;
            if self.extremes {
                least[cell] = least[cell].min(value);
                most[cell] = most[cell].max(value);
            }
        };
        match self.values.validity() {
            None => values.iter().zip(cells).for_each(|(value, cell)| add(*cell as usize, *value)),
            Some(validity) => {
                // From one gap to the next.
                let mut start = 0;
                let gaps: Bitmap = !validity;
                for gap in gaps.true_idx_iter().chain([values.len()]) {
                    for (value, cell) in values[start..gap].iter().zip(&cells[start..gap]) {
                        add(*cell as usize, *value);
                    }
                    if let Some(cell) = cells.get(gap) {
                        without[*cell as usize] += 1;
                    }
                    start = gap + 1;
                }
            }
        }
        all
    }
}
