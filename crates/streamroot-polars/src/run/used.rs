//! Which columns of a query's steps anything is made of, so that no others are computed.

use std::collections::{HashMap, HashSet};

use crate::plan::tree::{Aggregate, Expr, Id, Kind, Side, Step};

/// The columns that are used, and how often what WITH names is read.
#[derive(Default)]
pub struct Used {
    ids: HashSet<Id>,
    reads: HashMap<usize, usize>,
    /// How often each has been gone through.
    seen: HashMap<usize, usize>,
}

impl Used {
    pub fn of(step: &Step, shown: impl Iterator<Item = Id>) -> Used {
        let mut used = Used { ids: shown.collect(), ..Used::default() };
        used.step(step);
        used
    }

    pub fn has(&self, id: Id) -> bool {
        self.ids.contains(&id)
    }

    /// How many places read what WITH names under this number.
    pub fn reads(&self, key: usize) -> usize {
        self.reads.get(&key).copied().unwrap_or(0)
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            Kind::Column(id) => {
                self.ids.insert(*id);
            }
            Kind::Value(sub) | Kind::Exists(sub) => {
                self.ids.extend(&sub.columns);
                self.step(&sub.step);
            }
            Kind::In(_, sub) => {
                self.ids.extend(&sub.columns);
                self.step(&sub.step);
            }
            _ => {}
        }
        for part in expr.parts() {
            self.expr(part);
        }
    }

    fn aggregate(&mut self, aggregate: &Aggregate) {
        aggregate.of.iter().chain(&aggregate.filter).for_each(|expr| self.expr(expr));
    }

    /// From what is shown down to what is read, so that what uses a column comes before what makes it.
    fn step(&mut self, step: &Step) {
        match step {
            Step::Scan { .. } => {}
            Step::Rows { rows, .. } => rows.iter().flatten().for_each(|expr| self.expr(expr)),
            Step::Project { input, columns } => {
                let none = !columns.iter().any(|(id, _)| self.ids.contains(id));
                for (i, (id, expr)) in columns.iter().enumerate() {
                    if self.ids.contains(id) || none && i == 0 {
                        self.expr(expr);
                    }
                }
                self.step(input);
            }
            Step::Filter { input, condition } => {
                self.expr(condition);
                self.step(input);
            }
            Step::Group { input, keys, sums } => {
                keys.iter().for_each(|(_, key)| self.expr(key));
                for (id, _, sum) in sums {
                    if self.ids.contains(id) {
                        self.aggregate(sum);
                    }
                }
                self.step(input);
            }
            Step::Windows { input, columns } => {
                for (id, ty, window) in columns {
                    if self.ids.contains(id) {
                        self.expr(&Expr::new(Kind::Window(Box::new(window.clone())), *ty));
                    }
                }
                self.step(input);
            }
            Step::Sort { input, keys } => {
                keys.iter().for_each(|key| self.expr(&key.of));
                self.step(input);
            }
            Step::Limit { input, .. } => self.step(input),
            Step::Distinct { input, by } => {
                match by {
                    Some(by) => self.ids.extend(by),
                    // Rows differ in any of their columns.
                    None => self.ids.extend(columns(input)),
                }
                self.step(input);
            }
            Step::Join { left, right, on, and, .. } => {
                on.iter().flat_map(|(a, b)| [a, b]).chain(and).for_each(|expr| self.expr(expr));
                self.step(left);
                self.step(right);
            }
            Step::Lookup { input, of, on, .. } => {
                on.iter().flat_map(|(a, b)| [a, b]).for_each(|expr| self.expr(expr));
                self.step(of);
                self.step(input);
            }
            Step::Union { inputs, columns } => {
                let none = !columns.iter().any(|(id, _)| self.ids.contains(id));
                for (i, (id, _)) in columns.iter().enumerate() {
                    if self.ids.contains(id) || none && i == 0 {
                        self.ids.extend(inputs.iter().map(|(_, ids)| ids[i]));
                    }
                }
                inputs.iter().for_each(|(input, _)| self.step(input));
            }
            Step::Intersect { left, right, on, .. } => {
                self.ids.extend(on.iter().flat_map(|(a, b)| [*a, *b]));
                self.step(left);
                self.step(right);
            }
            Step::Named { of, key, columns } => {
                *self.reads.entry(*key).or_default() += 1;
                let before = self.ids.len();
                let wanted: Vec<Id> =
                    columns.iter().filter(|(_, new)| self.ids.contains(new)).map(|(old, _)| *old).collect();
                self.ids.extend(wanted);
                // Again only for columns that no other place wanted.
                let seen = self.seen.entry(*key).or_default();
                if *seen == 0 || self.ids.len() > before {
                    *seen += 1;
                    self.step(of);
                }
            }
        }
    }
}

/// The columns that a step could have.
pub fn columns(step: &Step) -> Vec<Id> {
    match step {
        Step::Scan { columns, .. } => columns.iter().map(|(_, id)| *id).collect(),
        Step::Rows { columns, .. } | Step::Union { columns, .. } => columns.iter().map(|(id, _)| *id).collect(),
        Step::Project { columns, .. } => columns.iter().map(|(id, _)| *id).collect(),
        Step::Named { columns, .. } => columns.iter().map(|(_, new)| *new).collect(),
        Step::Filter { input, .. } | Step::Sort { input, .. } | Step::Limit { input, .. } => columns(input),
        Step::Distinct { input, .. } => columns(input),
        Step::Group { keys, sums, .. } => {
            keys.iter().map(|(id, _)| *id).chain(sums.iter().map(|(id, ..)| *id)).collect()
        }
        Step::Windows { input, columns: more } => {
            let mut all = columns(input);
            all.extend(more.iter().map(|(id, ..)| *id));
            all
        }
        Step::Join { left, right, side, .. } => {
            let mut all = columns(left);
            if !matches!(side, Side::Semi | Side::Anti) {
                all.extend(columns(right));
            }
            all
        }
        Step::Lookup { input, found, .. } => {
            let mut all = columns(input);
            all.push(*found);
            all
        }
        Step::Intersect { left, .. } => columns(left),
    }
}
