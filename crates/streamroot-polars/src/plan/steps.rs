//! Walks over the steps of a planned query.

use super::tree::{Expr, Id, Step};

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

    /// Whether to ask for its rows once more costs no more than to keep them.
    pub fn is_simple(&self) -> bool {
        match self {
            Step::Scan { .. } | Step::Rows { .. } => true,
            Step::Project { input, .. } | Step::Filter { input, .. } => input.is_simple(),
            Step::Named { of, .. } => of.is_simple(),
            _ => false,
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

    pub fn inputs_mut(&mut self) -> Vec<&mut Step> {
        match self {
            Step::Scan { .. } | Step::Rows { .. } | Step::Named { .. } => Vec::new(),
            Step::Project { input, .. }
            | Step::Filter { input, .. }
            | Step::Group { input, .. }
            | Step::Windows { input, .. }
            | Step::Sort { input, .. }
            | Step::Limit { input, .. }
            | Step::Distinct { input } => vec![input],
            Step::Lookup { input, of, .. } => vec![input, of],
            Step::Join { left, right, .. } | Step::Intersect { left, right, .. } => vec![left, right],
            Step::Union { inputs, .. } => inputs.iter_mut().map(|(input, _)| input).collect(),
        }
    }

    pub fn exprs_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            Step::Rows { rows, .. } => rows.iter_mut().flatten().collect(),
            Step::Project { columns, .. } => columns.iter_mut().map(|(_, of)| of).collect(),
            Step::Filter { condition, .. } => vec![condition],
            Step::Group { keys, sums, .. } => {
                let sums = sums.iter_mut().flat_map(|(_, _, sum)| sum.parts_mut());
                keys.iter_mut().map(|(_, key)| key).chain(sums).collect()
            }
            Step::Windows { columns, .. } => columns.iter_mut().flat_map(|(_, _, window)| window.parts_mut()).collect(),
            Step::Sort { keys, .. } => keys.iter_mut().map(|key| &mut key.of).collect(),
            Step::Join { on, and, .. } => on.iter_mut().flat_map(|(a, b)| [a, b]).chain(and).collect(),
            Step::Lookup { on, .. } => on.iter_mut().flat_map(|(a, b)| [a, b]).collect(),
            Step::Scan { .. }
            | Step::Limit { .. }
            | Step::Distinct { .. }
            | Step::Union { .. }
            | Step::Intersect { .. }
            | Step::Named { .. } => Vec::new(),
        }
    }
}
