//! Walks over the steps of a planned query.

use std::convert::Infallible;
use std::sync::Arc;

use super::tree::{Aggregate, Expr, Key, Kind, Step, Sub};

/// What is put in the place of steps and expressions. An expression is given whole; what is in it is not asked about.
pub trait Change {
    fn step(&self, step: &Step) -> Step;
    fn expr(&self, expr: &Expr) -> Expr;
}

impl Step {
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
            Step::Distinct { input, by } => Step::Distinct { input: step(input), by: by.clone() },
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
    /// The same with each part replaced, where nothing can fail.
    pub fn with_parts(self, change: &mut dyn FnMut(Expr) -> Expr) -> Expr {
        let done: Result<Expr, Infallible> = self.map(&mut |part| Ok(change(part)));
        match done {
            Ok(done) => done,
            Err(never) => match never {},
        }
    }

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
