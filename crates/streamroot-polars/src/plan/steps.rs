//! Walks over the steps of a planned query.

use std::sync::Arc;

use super::tree::{Aggregate, Expr, Id, Key, Kind, Step, Sub};

/// What is put in the place of steps and expressions. An expression is given whole; what is in it is not asked about.
pub trait Change {
    fn step(&self, step: &Step) -> Step;
    fn expr(&self, expr: &Expr) -> Expr;
}

impl Step {
    /// The steps whose rows it takes, but for what WITH names.
    pub fn inputs(&self) -> Vec<&Step> {
        match self {
            Step::Scan { .. } | Step::Rows { .. } | Step::Named { .. } => Vec::new(),
            Step::Project { input, .. }
            | Step::Filter { input, .. }
            | Step::Group { input, .. }
            | Step::Windows { input, .. }
            | Step::Sort { input, .. }
            | Step::Limit { input, .. }
            | Step::Distinct { input } => vec![input],
            Step::Lookup { input, of, .. } => vec![of, input],
            Step::Join { left, right, .. } | Step::Intersect { left, right, .. } => vec![left, right],
            Step::Union { inputs, .. } => inputs.iter().map(|(input, _)| input).collect(),
        }
    }

    /// The expressions that its rows are made with, and those of its columns that are wanted, or of one at least.
    pub fn exprs(&self, is_wanted: &dyn Fn(Id) -> bool) -> Vec<&Expr> {
        match self {
            Step::Rows { rows, .. } => rows.iter().flatten().collect(),
            Step::Project { columns, .. } => {
                let wanted: Vec<&Expr> = columns.iter().filter(|(id, _)| is_wanted(*id)).map(|(_, of)| of).collect();
                if wanted.is_empty() { columns.iter().take(1).map(|(_, of)| of).collect() } else { wanted }
            }
            Step::Filter { condition, .. } => vec![condition],
            Step::Group { keys, sums, .. } => {
                let sums = sums.iter().filter(|(id, ..)| is_wanted(*id)).flat_map(|(_, _, sum)| sum.parts());
                keys.iter().map(|(_, key)| key).chain(sums).collect()
            }
            Step::Windows { columns, .. } => {
                columns.iter().filter(|(id, ..)| is_wanted(*id)).flat_map(|(_, _, window)| window.parts()).collect()
            }
            Step::Sort { keys, .. } => keys.iter().map(|key| &key.of).collect(),
            Step::Join { on, and, .. } => on.iter().flat_map(|(a, b)| [a, b]).chain(and).collect(),
            Step::Lookup { on, .. } => on.iter().flat_map(|(a, b)| [a, b]).collect(),
            Step::Scan { .. }
            | Step::Limit { .. }
            | Step::Distinct { .. }
            | Step::Union { .. }
            | Step::Intersect { .. }
            | Step::Named { .. } => Vec::new(),
        }
    }

    /// The same with each input and each expression replaced.
    pub fn with(&self, change: &dyn Change) -> Step {
        let step = |step: &Step| Box::new(change.step(step));
        let expr = |expr: &Expr| change.expr(expr);
        let pairs = |on: &[(Expr, Expr)]| on.iter().map(|(a, b)| (expr(a), expr(b))).collect();
        match self {
            Step::Scan { .. } => self.clone(),
            Step::Rows { columns, rows } => {
                let rows = rows.iter().map(|row| row.iter().map(expr).collect()).collect();
                Step::Rows { columns: columns.clone(), rows }
            }
            Step::Project { input, columns } => {
                Step::Project { input: step(input), columns: columns.iter().map(|(id, of)| (*id, expr(of))).collect() }
            }
            Step::Filter { input, condition } => Step::Filter { input: step(input), condition: expr(condition) },
            Step::Group { input, keys, sums } => {
                let sum = |sum: &Aggregate| Aggregate {
                    of: sum.of.iter().map(expr).collect(),
                    filter: sum.filter.as_ref().map(expr),
                    ..sum.clone()
                };
                Step::Group {
                    input: step(input),
                    keys: keys.iter().map(|(id, key)| (*id, expr(key))).collect(),
                    sums: sums.iter().map(|(id, ty, of)| (*id, *ty, sum(of))).collect(),
                }
            }
            Step::Windows { input, columns } => Step::Windows { input: step(input), columns: columns.clone() },
            Step::Sort { input, keys } => {
                let keys = keys.iter().map(|key| Key { of: expr(&key.of), ..key.clone() }).collect();
                Step::Sort { input: step(input), keys }
            }
            Step::Limit { input, offset, most } => Step::Limit { input: step(input), offset: *offset, most: *most },
            Step::Distinct { input } => Step::Distinct { input: step(input) },
            Step::Join { left, right, side, on, and } => Step::Join {
                left: step(left),
                right: step(right),
                side: *side,
                on: pairs(on),
                and: and.as_ref().map(expr),
            },
            Step::Lookup { input, of, on, found } => {
                Step::Lookup { input: step(input), of: step(of), on: pairs(on), found: *found }
            }
            Step::Union { inputs, columns } => {
                let inputs = inputs.iter().map(|(input, ids)| (change.step(input), ids.clone())).collect();
                Step::Union { inputs, columns: columns.clone() }
            }
            Step::Intersect { left, right, on, except } => {
                Step::Intersect { left: step(left), right: step(right), on: on.clone(), except: *except }
            }
            Step::Named { of, key, columns } => {
                Step::Named { of: Arc::new(change.step(of)), key: *key, columns: columns.clone() }
            }
        }
    }
}

impl Expr {
    /// The same with the steps of the queries in it replaced.
    pub fn with_queries(self, change: &dyn Fn(&Step) -> Step) -> Expr {
        let changed =
            |sub: &Sub| Arc::new(Sub { step: change(&sub.step), columns: sub.columns.clone(), text: sub.text.clone() });
        let Expr { kind, ty, place } = self.with_parts(&mut |part| part.with_queries(change));
        let kind = match kind {
            Kind::Value(sub) => Kind::Value(changed(&sub)),
            Kind::In(of, sub) => Kind::In(of, changed(&sub)),
            Kind::Exists(sub) => Kind::Exists(changed(&sub)),
            other => other,
        };
        Expr { kind, ty, place }
    }
}
