//! What the verbs of a chart come to, once all of them are said: parts side by side, the order of the categories, and how many.

use std::collections::{HashMap, HashSet};

use crate::plot::annotate;
use crate::plot::chart::{Across, Category, Chart, Side, Source};
use crate::plot::scale::Scale;
use crate::table::{Key, Table};
use crate::{Error, Result, Unit, Values};

impl Chart {
    /// The chart as it is drawn. Until then, a verb may come before another or after it.
    pub(crate) fn finished(mut self) -> Chart {
        let order = std::mem::take(&mut self.order);
        if self.by.is_some() {
            let facets = self.parts();
            self.problem = facets.as_ref().err().cloned();
            self.facets = facets.unwrap_or_default();
            let all: Vec<&Category> = self.facets.iter().flat_map(|facet| &facet.categories).collect();
            if let Some(unknown) = unknown(&order, &all) {
                self.problem.get_or_insert(unknown);
            }
            for facet in &mut self.facets {
                facet.put_in_order(&order);
            }
            self.facets = folded(self.facets.into_iter().map(Chart::logged).collect());
            let shades = self.facets.iter().filter_map(|facet| facet.mark.shaded(facet));
            let shades = shades.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
            self.facets.iter_mut().for_each(|facet| facet.shaded = shades);
        } else if let Some(unknown) = unknown(&order, &self.categories.iter().collect::<Vec<_>>()) {
            self.problem.get_or_insert(unknown);
        } else {
            self.put_in_order(&order);
        }
        if let Err(problem) = annotate::check(&self) {
            self.problem.get_or_insert(problem);
        }
        if self.top == Some(0) {
            self.problem.get_or_insert(Error::Figure("`.top(0)` keeps nothing: name a number above 0".to_owned()));
        }
        let logged = self.logged();
        let mut finished = if logged.by.is_some() { logged } else { folded(vec![logged]).remove(0) };
        let parts = if finished.by.is_some() { &mut finished.facets[..] } else { std::slice::from_mut(&mut finished) };
        for part in parts.iter_mut().filter(|part| part.palette.is_none() && part.mark.is_grouped(part)) {
            if part.series.len() > COLORS {
                part.notes.push(format!("colours repeat after {COLORS}"));
            }
        }
        if let Some(too_many) = parts.iter().find_map(Chart::too_many) {
            finished.problem.get_or_insert(too_many);
        }
        finished
    }

    /// Why the chart shows more than anybody can see, if it does.
    fn too_many(&self) -> Option<Error> {
        /// As many names as the widest figure has points.
        const MOST_NAMES: usize = 4_000;
        const MOST_COLORS: usize = 200;
        let sides = [self.mark.left(self), self.mark.below(self)];
        let names = sides.iter().map(|side| if let Side::Names(names) = side { names.len() } else { 0 }).max();
        let series = if self.mark.is_grouped(self) { self.series.len() } else { 0 };
        let (count, what) = match names.unwrap_or(0) {
            count if count > MOST_NAMES => (
                count,
                format!(
                    "names don't fit side by side, no more than {} do: filter or group them first, or keep the largest with `.top(20)`",
                    Unit::Count.format(MOST_NAMES as f64)
                ),
            ),
            _ if series > MOST_COLORS => (
                series,
                format!(
                    "colours can't be told apart, no more than {MOST_COLORS} are drawn: filter or group them first"
                ),
            ),
            _ => return None,
        };
        let count = Unit::Count.format(count as f64);
        Some(Error::Figure(format!("{count} {what}")))
    }

    /// The chart with a logarithmic axis below, if that was asked for, and without what has no place on it.
    fn logged(mut self) -> Chart {
        if let Some(label) = self.own_labels.0.take() {
            self.x_label = label;
        }
        if let Some(label) = self.own_labels.1.take() {
            self.y_label = label;
        }
        if !self.log_x || self.by.is_some() {
            return self;
        }
        let (Some(across), true) = (self.across, self.edges.is_empty()) else {
            let sentence = "only dots, lines and areas of numbers have a logarithmic axis below: leave out `.log_x()`";
            self.problem.get_or_insert(Error::Figure(sentence.to_owned()));
            return self;
        };
        if across.scale == Scale::Time {
            let sentence = "times have no logarithmic axis: leave out `.log_x()`";
            self.problem.get_or_insert(Error::Figure(sentence.to_owned()));
            return self;
        }
        self.across = Some(Across { scale: Scale::Log, ..across });
        let mut left_out = 0;
        for series in &mut self.series {
            let kept: Vec<usize> = (0..series.at.len()).filter(|i| series.at[*i] > 0.0).collect();
            left_out += series.at.len() - kept.len();
            series.at = kept.iter().map(|i| series.at[*i]).collect();
            series.values = kept.iter().map(|i| series.values[*i]).collect();
            series.intervals = kept.iter().filter_map(|i| series.intervals.get(*i).copied()).collect();
            series.sizes = kept.iter().filter_map(|i| series.sizes.get(*i).copied()).collect();
        }
        if left_out > 0 {
            self.notes.push(format!("{} at 0 or below, which have no place here", Unit::Count.format(left_out as f64)));
        }
        self
    }

    /// The same chart of each part of the table.
    fn parts(&self) -> Result<Vec<Chart>> {
        let (Some(source), Some(by)) = (&self.source, &self.by) else {
            return Err(Error::Figure("what plotters draws has no columns: draw it once for each facet".to_owned()));
        };
        let parts = parts(source, by.name())?;
        if parts.is_empty() {
            return Err(Error::Figure("there is nothing to draw".to_owned()));
        }
        let chart = |(name, table): (String, Table)| {
            let made = source.chart(&table);
            let mut chart = made.unwrap_or_else(|problem| Chart { problem: Some(problem), ..Chart::new(self.mark) });
            self.changes.iter().for_each(|change| (change.0)(&mut chart));
            Chart { title: name, ..chart }
        };
        Ok(parts.into_iter().map(chart).collect())
    }

    /// Puts the categories with these labels first.
    fn put_in_order(&mut self, labels: &[String]) {
        if labels.is_empty() {
            return;
        }
        let mut seen = HashSet::new();
        let place = |label: &String| self.categories.iter().position(|category| category.label == *label);
        let places = labels.iter().filter_map(place).chain(0..self.categories.len());
        let places: Vec<usize> = places.filter(|place| seen.insert(*place)).collect();
        self.ordered = true;
        self.arrange(&places);
    }

    /// Puts the categories at `places`, in that order.
    pub(crate) fn arrange(&mut self, places: &[usize]) {
        let order = places.iter().map(|&i| (self.categories[i].clone(), Some(i))).collect();
        self.rearrange(order, None);
    }

    /// Gives the chart these categories, each with the place that it had before. One that had none gets `absent` for its values.
    pub(crate) fn rearrange(&mut self, order: Vec<(Category, Option<usize>)>, absent: Option<f64>) {
        let places = order.iter().enumerate().filter_map(|(new, (_, old))| Some(((*old)?, new)));
        let places: HashMap<usize, usize> = places.collect();
        for series in &mut self.series {
            if series.at.is_empty() {
                series.values = order.iter().map(|(_, place)| place.map_or(absent, |i| series.values[i])).collect();
                if !series.intervals.is_empty() {
                    series.intervals = order.iter().map(|(_, place)| place.and_then(|i| series.intervals[i])).collect();
                }
                continue;
            }
            // Each value says itself at which category it stands.
            let new = |at: f64| places.get(&(at as usize)).copied();
            let kept: Vec<(usize, f64)> =
                series.at.iter().enumerate().filter_map(|(i, at)| Some((i, new(*at)? as f64))).collect();
            series.values = kept.iter().map(|(i, _)| series.values[*i]).collect();
            series.intervals = kept.iter().filter_map(|(i, _)| series.intervals.get(*i).copied()).collect();
            series.sizes = kept.iter().filter_map(|(i, _)| series.sizes.get(*i).copied()).collect();
            series.at = kept.into_iter().map(|(_, at)| at).collect();
        }
        self.categories = order.into_iter().map(|(category, _)| category).collect();
    }

    /// Keeps the categories with these labels, and adds the others up in one where they can be added up.
    fn keep(&mut self, labels: &[String], all: usize) {
        let labels: HashSet<&String> = labels.iter().collect();
        let (kept, rest): (Vec<usize>, Vec<usize>) =
            (0..self.categories.len()).partition(|&i| labels.contains(&self.categories[i].label));
        let adds_up = self.mark.adds_up() && self.counted;
        let other: Vec<f64> = match adds_up {
            true => self.series.iter().map(|s| rest.iter().filter_map(|&i| s.values[i]).sum()).collect(),
            false => Vec::new(),
        };
        self.arrange(&kept);
        if adds_up {
            let label = format!("other ({})", all - labels.len());
            self.categories.push(Category { label, place: usize::MAX });
            for (series, sum) in self.series.iter_mut().zip(other) {
                series.values.push(Some(sum));
                if !series.intervals.is_empty() {
                    series.intervals.push(None);
                }
            }
        } else {
            self.notes.push(format!("the {} largest of {all}", labels.len()));
        }
    }
}

/// As many series have a colour of their own.
const COLORS: usize = 10;

/// Charts with no more categories than can be read, or than were asked for: the same in all of them, those that are largest in
/// all of them together.
fn folded(mut charts: Vec<Chart>) -> Vec<Chart> {
    /// More bars than these can't be read; what is beyond becomes one bar, "other", or is left out with a note.
    const MOST_CATEGORIES: usize = 40;
    /// Of those that follow each other the outline can be read all the same.
    const MOST_IN_SEQUENCE: usize = 400;
    let Some(first) = charts.first() else { return charts };
    let mut sizes: Vec<(String, f64)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for chart in &charts {
        for (category, size) in chart.categories.iter().zip(chart.mark.sizes(chart)) {
            let place = *places.entry(&category.label).or_insert(sizes.len());
            match sizes.get_mut(place) {
                Some((_, known)) if size.is_finite() && known.is_finite() && charts.len() > 1 => {
                    *known += size.max(0.0)
                }
                Some((_, known)) => *known = known.max(size),
                None => sizes.push((category.label.clone(), size)),
            }
        }
    }
    let n = match first.top {
        Some(n) => n,
        None if sizes.len() > MOST_IN_SEQUENCE && first.mark.folds() => MOST_CATEGORIES - 1,
        None if sizes.len() > MOST_CATEGORIES && first.mark.folds() && !first.is_sequence => MOST_CATEGORIES - 1,
        None => return charts,
    };
    let all = sizes.len();
    if all <= n {
        return charts;
    }
    sizes.sort_by(|a, b| b.1.total_cmp(&a.1));
    let labels: Vec<String> = sizes.into_iter().take(n).map(|(label, _)| label).collect();
    charts.iter_mut().for_each(|chart| chart.keep(&labels, all));
    charts
}

/// The first of the labels that no category has, as a problem.
fn unknown(labels: &[String], categories: &[&Category]) -> Option<Error> {
    let label = labels.iter().find(|label| !categories.iter().any(|category| category.label == **label))?;
    if categories.is_empty() {
        return Some(Error::Figure(format!(
            "{label:?} can't come first: there are no categories, and numbers have an order of their own"
        )));
    }
    let all = annotate::listed(categories.iter().copied());
    Some(Error::Figure(format!("there is no category {label:?} to order by; there are: {all}")))
}

/// A table's rows for each value of a column, under its name, and without that column, unless it is drawn as well.
fn parts(source: &Source, column: &str) -> Result<Vec<(String, Table)>> {
    let table = &source.table;
    let by = table.column(column)?;
    let mut rows: Vec<(String, Vec<usize>)> = Vec::new();
    let mut places: HashMap<Key, usize> = HashMap::new();
    for row in 0..table.rows() {
        let place = *places.entry(by.key(row)).or_insert(rows.len());
        match rows.get_mut(place) {
            Some((_, rows)) => rows.push(row),
            None => rows.push((by.text(row), vec![row])),
        }
    }
    const MOST_FACETS: usize = 40;
    if rows.len() > MOST_FACETS {
        return Err(Error::Figure(format!(
            "{column:?} has {} values, more than {MOST_FACETS} charts can be read side by side: filter them first",
            rows.len()
        )));
    }
    let name = |text: String| match by.values() {
        Values::Text(_) => text,
        _ => format!("{column} {text}"),
    };
    let all = table.with_own_domains();
    let rest = if source.columns.iter().any(|drawn| drawn == column) { all } else { all.without(column) };
    Ok(rows.into_iter().map(|(text, rows)| (name(text), rest.take(&rows))).collect())
}
