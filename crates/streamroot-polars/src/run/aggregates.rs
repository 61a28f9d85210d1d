//! Aggregates, as polars computes them of a group's rows.
//!
//! What is aggregated is computed before rows are grouped, so that each aggregate is one of plain columns. Whole numbers are
//! added up in 128 bits, which can't overflow, and have to fit in 64 at the end.

use polars::prelude::{self as pl, Column, DataType, PolarsResult, QuantileMethod, SortOptions, col, lit, when};

use super::expressions::{Surroundings, by_rows, literal, lower, lower_coded};
use super::rows::fail;
use crate::plan::tree::{Aggregate, Id, Sum, Value, name};
use crate::plan::types::Type;

/// An aggregate in three steps.
pub struct Lowered {
    /// Columns of each row.
    pub before: Vec<pl::Expr>,
    /// Columns of each group.
    pub within: Vec<pl::Expr>,
    /// The aggregate, of the columns of its group.
    pub after: pl::Expr,
}

/// An aggregate that becomes the column `id`. `any` is a column of the rows, whichever.
pub fn lower_aggregate(
    id: Id,
    ty: Type,
    aggregate: &Aggregate,
    any: &str,
    around: &dyn Surroundings,
) -> PolarsResult<Lowered> {
    let own = |part: &str| format!("{}_{part}", name(id));
    let filter = aggregate.filter.as_ref().map(|filter| lower(filter, around)).transpose()?;
    let counts = matches!(aggregate.sum, Sum::Count);
    let mut of = Vec::with_capacity(aggregate.of.len());
    for part in &aggregate.of {
        of.push(if counts { lower_coded(part, around)? } else { lower(part, around)? });
    }
    let keeps_nulls = matches!(aggregate.sum, Sum::First | Sum::Last);
    if aggregate.sum == Sum::CountRows {
        // Never null, and of a column, so that there are as many as rows.
        of.push(col(any).is_null());
    }
    if let (Some(filter), false) = (&filter, keeps_nulls) {
        for value in &mut of {
            *value = when(filter.clone()).then(value.clone()).otherwise(lit(pl::NULL));
        }
    }
    if let [a, b] = of.as_mut_slice() {
        // Pairs count that are there on both sides.
        let both = a.clone().is_not_null().and(b.clone().is_not_null());
        *a = when(both.clone()).then(a.clone()).otherwise(literal(&Value::Null, Type::Double));
        *b = when(both).then(b.clone()).otherwise(literal(&Value::Null, Type::Double));
    }
    let (a, b) = (own("a"), own("b"));
    let mut before = Vec::new();
    for (value, name) in of.into_iter().zip([&a, &b]) {
        before.push(value.alias(name));
    }
    let x = || col(&a);
    let some = || x().count().gt(lit(0u32));
    let is_double = aggregate.of.first().is_some_and(|of| of.ty.is_double());
    // So narrow that no sum of them needs more than 64 bits.
    let is_narrow = aggregate.of.first().is_some_and(|of| {
        use Type::{Bool, Int, SmallInt, TinyInt, USmallInt, UTinyInt};
        matches!(of.ty, Bool | TinyInt | SmallInt | Int | UTinyInt | USmallInt)
    });
    let null = || literal(&Value::Null, ty);
    let within = match aggregate.sum {
        Sum::CountRows => x().count().cast(DataType::Int64),
        Sum::Count if aggregate.distinct => {
            x().n_unique().cast(DataType::Int64) - x().null_count().gt(lit(0u32)).cast(DataType::Int64)
        }
        Sum::Count => x().count().cast(DataType::Int64),
        Sum::Total if is_double => {
            let sum = if aggregate.distinct { x().unique().sum() } else { x().sum() };
            when(some()).then(sum).otherwise(null())
        }
        Sum::Total => {
            let values = if aggregate.distinct { x().unique() } else { x() };
            let values = if is_narrow { values } else { values.cast(DataType::Int128) };
            when(some()).then(values.sum()).otherwise(lit(pl::NULL))
        }
        Sum::Avg if aggregate.distinct => x().unique().mean(),
        Sum::Avg => x().mean(),
        Sum::Min => x().min(),
        Sum::Max if is_double => when(x().is_nan().any(true)).then(lit(f64::NAN)).otherwise(x().max()),
        Sum::Max => x().max(),
        Sum::Median => x().quantile(lit(0.5), QuantileMethod::Linear),
        Sum::QuantileCont => x().quantile(lit(aggregate.part), QuantileMethod::Linear),
        Sum::QuantileDisc => {
            // The first value that so large a part of the values does not exceed.
            let count = || x().count().cast(DataType::Float64);
            let above = (count() - count() * lit(aggregate.part)).cast(DataType::Int64);
            let place = x().count().cast(DataType::Int64) - above;
            let place = when(place.clone().lt(lit(1i64))).then(lit(1i64)).otherwise(place) - lit(1i64);
            let sorted = x().sort(SortOptions { nulls_last: true, ..SortOptions::default() });
            when(some()).then(sorted.get(place, true)).otherwise(null())
        }
        Sum::Stddev => x().std(1),
        Sum::StddevPop => x().std(0),
        Sum::Variance => x().var(1),
        Sum::VariancePop => x().var(0),
        Sum::Corr => {
            let y = || col(&b);
            let is_constant = x().min().eq(x().max()).or(y().min().eq(y().max()));
            // Of what is the same throughout there is none; and the deviations must be numbers.
            let both = when(is_constant).then(lit(f64::NAN)).otherwise(pl::pearson_corr(x(), y()));
            let infinite = x().is_finite().not().or(y().is_finite().not()).any(true);
            when(infinite).then(lit(f64::INFINITY)).when(some()).then(both).otherwise(null())
        }
        Sum::CovarSamp => when(x().count().gt(lit(1u32))).then(pl::cov(x(), col(&b), 1)).otherwise(null()),
        Sum::CovarPop => when(some()).then(pl::cov(x(), col(&b), 0)).otherwise(null()),
        Sum::First | Sum::Last => {
            let kept = match filter {
                Some(filter) => {
                    let kept = own("f");
                    before.push(filter.alias(&kept));
                    x().filter(col(&kept))
                }
                None => x(),
            };
            if aggregate.sum == Sum::First { kept.first() } else { kept.last() }
        }
        Sum::AnyValue => x().drop_nulls().first(),
        Sum::All => when(some()).then(x().all(true)).otherwise(null()),
        Sum::Any => when(some()).then(x().any(true)).otherwise(null()),
        Sum::Grouping => return Err(fail("GROUPING stands where nothing is grouped")),
    };
    let held = own("s");
    use Sum::{Corr, CovarPop, CovarSamp, Stddev, StddevPop, Variance, VariancePop};
    let deviates = [Stddev, StddevPop, Variance, VariancePop, Corr, CovarSamp, CovarPop].contains(&aggregate.sum);
    let made = col(&held);
    let made = match aggregate.sum {
        // It is an error if it does not fit.
        Sum::Total if !is_double => {
            by_rows(vec![made], vec![ty], ty, None, |args| args.wholes(|row| args.whole(0, row)))
        }
        sum if deviates => in_range(made, sum == Sum::Corr),
        _ => made,
    };
    Ok(Lowered { before, within: vec![within.alias(&held)], after: made.alias(name(id)) })
}

/// A deviation, which is an error where some of the values were no numbers. A correlation may be none.
fn in_range(of: pl::Expr, may_be_nan: bool) -> pl::Expr {
    let check = move |column: Column| {
        let fits = |x: f64| x.is_finite() || may_be_nan && x.is_nan();
        let is_fine = column.f64()?.iter().flatten().all(fits);
        match is_fine {
            true => Ok(column),
            false => Err(fail("a deviation is out of range: leave out what is infinite or NaN, with ISFINITE(x)")),
        }
    };
    of.map(check, |_, field| Ok(field.clone()))
}
