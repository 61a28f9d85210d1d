//! Which columns of a query's steps anything is made of, so that no others are computed.

use std::collections::{HashMap, HashSet};

use crate::plan::tree::{Expr, Id, Kind, Side, Step};

/// The column of a row that has no other.
pub const NO_COLUMN: Id = 0;

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
            Kind::Value(sub) | Kind::Exists(sub) | Kind::In(_, sub) => {
                self.ids.extend(&sub.columns);
                self.step(&sub.step);
            }
            _ => {}
        }
        for part in expr.parts() {
            self.expr(part);
        }
    }

    /// From what is shown down to what is read, so that what uses a column comes before what makes it.
    fn step(&mut self, step: &Step) {
        let exprs = step.exprs(&|id| self.ids.contains(&id));
        exprs.into_iter().for_each(|expr| self.expr(expr));
        match step {
            // Rows differ in any of their columns.
            Step::Distinct { input } => self.ids.extend(columns(input)),
            Step::Union { inputs, columns } => {
                let none = !columns.iter().any(|(id, _)| self.ids.contains(id));
                for (i, (id, _)) in columns.iter().enumerate() {
                    if self.ids.contains(id) || none && i == 0 {
                        self.ids.extend(inputs.iter().map(|(_, ids)| ids[i]));
                    }
                }
            }
            Step::Intersect { on, .. } => self.ids.extend(on.iter().flat_map(|(a, b)| [*a, *b])),
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
            _ => {}
        }
        step.inputs().into_iter().for_each(|input| self.step(input));
    }

    /// Those of some columns that are used, or the first one if none is.
    pub fn among<'c, T>(&self, columns: &'c [T], id: fn(&T) -> Id) -> Vec<&'c T> {
        let used: Vec<&T> = columns.iter().filter(|column| self.has(id(column))).collect();
        if used.is_empty() { columns.iter().take(1).collect() } else { used }
    }

    /// The columns that a step's rows have: those that are used, and one at least.
    pub fn kept(&self, step: &Step) -> Vec<Id> {
        kept(step, &|id| self.has(id))
    }
}

/// The columns that a step could have.
pub fn columns(step: &Step) -> Vec<Id> {
    kept(step, &|_| true)
}

/// The columns that a step has if it computes no others than it has to.
fn kept(step: &Step, is_used: &dyn Fn(Id) -> bool) -> Vec<Id> {
    let used = |all: &[Id]| all.iter().copied().filter(|id| is_used(*id)).collect::<Vec<_>>();
    let all: Vec<Id> = match step {
        Step::Filter { input, .. }
        | Step::Sort { input, .. }
        | Step::Limit { input, .. }
        | Step::Distinct { input }
        | Step::Intersect { left: input, .. } => return kept(input, is_used),
        Step::Windows { input, columns } => {
            let own: Vec<Id> = columns.iter().map(|(id, ..)| *id).collect();
            return [kept(input, is_used), used(&own)].concat();
        }
        Step::Join { left, side: Side::Semi | Side::Anti, .. } => return kept(left, is_used),
        Step::Join { left, right, .. } => return [kept(left, is_used), kept(right, is_used)].concat(),
        Step::Lookup { input, of, found, .. } => {
            return [kept(input, is_used), kept(of, is_used), vec![*found]].concat();
        }
        // Keys are always there.
        Step::Group { keys, sums, .. } if !keys.is_empty() => {
            let sums: Vec<Id> = sums.iter().map(|(id, ..)| *id).collect();
            return keys.iter().map(|(id, _)| *id).chain(used(&sums)).collect();
        }
        Step::Group { sums, .. } => sums.iter().map(|(id, ..)| *id).collect(),
        Step::Scan { columns, .. } => columns.iter().map(|(_, id)| *id).collect(),
        Step::Rows { columns, .. } | Step::Union { columns, .. } => columns.iter().map(|(id, _)| *id).collect(),
        Step::Project { columns, .. } => columns.iter().map(|(id, _)| *id).collect(),
        Step::Named { columns, .. } => columns.iter().map(|(_, new)| *new).collect(),
    };
    let first = || vec![all.first().copied().unwrap_or(NO_COLUMN)];
    Some(used(&all)).filter(|used| !used.is_empty()).unwrap_or_else(first)
}
