//! Aggregates, as polars computes them of a group's rows.
//!
//! What is aggregated is computed before rows are grouped, so that each aggregate is one of plain columns. Sums of whole
//! numbers are added up in halves, which can't overflow, and put together at the end.

use polars::prelude::{self as pl, Column, DataType, Field, PolarsResult, QuantileMethod, SortOptions, col, lit, when};

use super::expressions::{Surroundings, literal, lower, lower_coded};
use super::rows::{Args, Reader, fail, too_large};
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

const HALF: i128 = 1 << 32;

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
    let first = of.first().cloned();
    let mut before = Vec::new();
    for (value, name) in of.into_iter().zip([&a, &b]) {
        before.push(value.alias(name.as_str()));
    }
    let x = || col(a.as_str());
    let some = || x().count().gt(lit(0u32));
    let is_double = aggregate.of.first().is_some_and(|of| matches!(of.ty, Type::Double | Type::Float));
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
        Sum::Total => return Ok(whole_sum(id, ty, aggregate, before, first.unwrap_or_else(null))),
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
            let y = || col(b.as_str());
            let is_constant = x().min().eq(x().max()).or(y().min().eq(y().max()));
            // Of what is the same throughout there is none; and the deviations must be numbers.
            let both = when(is_constant).then(lit(f64::NAN)).otherwise(pl::pearson_corr(x(), y()));
            let infinite = x().is_finite().not().or(y().is_finite().not()).any(true);
            when(infinite).then(lit(f64::INFINITY)).when(some()).then(both).otherwise(null())
        }
        Sum::CovarSamp => when(x().count().gt(lit(1u32))).then(pl::cov(x(), col(b.as_str()), 1)).otherwise(null()),
        Sum::CovarPop => when(some()).then(pl::cov(x(), col(b.as_str()), 0)).otherwise(null()),
        Sum::First | Sum::Last => {
            let kept = match filter {
                Some(filter) => {
                    let kept = own("f");
                    before.push(filter.alias(kept.as_str()));
                    x().filter(col(kept.as_str()))
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
    let made = col(held.as_str());
    let made = if deviates { in_range(made, aggregate.sum == Sum::Corr) } else { made };
    Ok(Lowered { before, within: vec![within.alias(held.as_str())], after: made.alias(name(id).as_str()) })
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

/// A sum of whole numbers, which is an error if it does not fit.
fn whole_sum(id: Id, ty: Type, aggregate: &Aggregate, mut before: Vec<pl::Expr>, value: pl::Expr) -> Lowered {
    let own = |part: &str| format!("{}_{part}", name(id));
    let of = aggregate.of.first().map_or(Type::BigInt, |of| of.ty);
    let (count, high, low) = (own("n"), own("h"), own("l"));
    let a = own("a");
    let a = a.as_str();
    let some = col(a).count().cast(DataType::Int64).alias(count.as_str());
    let narrow =
        matches!(of, Type::Bool | Type::TinyInt | Type::SmallInt | Type::Int | Type::UTinyInt | Type::USmallInt);
    let mut within = vec![some];
    let parts: Vec<&str> = if aggregate.distinct {
        // As a fraction, too, which shows whether it fits.
        within.push(col(a).unique().sum().cast(DataType::Int64).alias(low.as_str()));
        within.push(col(a).unique().cast(DataType::Float64).sum().alias(high.as_str()));
        vec![&count, &low, &high]
    } else if narrow {
        within.push(col(a).sum().alias(low.as_str()));
        vec![&count, &low]
    } else {
        let part = |half: fn(i128) -> i128| {
            value.clone().map(
                move |column| {
                    let name = column.name().clone();
                    let reader = Reader::of(&column, column.len())?;
                    let args = Args { readers: &[], types: &[], ty: Type::BigInt, rows: column.len() };
                    Ok(args.wholes(|row| Ok(reader.whole(row).map(half)))?.with_name(name))
                },
                |_, field| Ok(Field::new(field.name().clone(), DataType::Int64)),
            )
        };
        before.push(part(|value| value.div_euclid(HALF)).alias(high.as_str()));
        before.push(part(|value| value.rem_euclid(HALF)).alias(low.as_str()));
        within.push(col(high.as_str()).sum().alias(own("hs").as_str()));
        within.push(col(low.as_str()).sum().alias(own("ls").as_str()));
        let after = together(&[&count, &own("ls"), &own("hs")], ty, |low, high| Some(low + high? * HALF));
        return Lowered { before, within, after: after.alias(name(id).as_str()) };
    };
    let after =
        if aggregate.distinct { together_checked(&parts, ty) } else { together(&parts, ty, |low, _| Some(low)) };
    Lowered { before, within, after: after.alias(name(id).as_str()) }
}

/// The sum of its parts, null if there was nothing to add up.
fn together(parts: &[&str], ty: Type, add: fn(i128, Option<i128>) -> Option<i128>) -> pl::Expr {
    let others: Vec<pl::Expr> = parts[1..].iter().map(|part| col(*part)).collect();
    col(parts[0]).map_many(
        move |columns: &mut [Column]| {
            let len = columns.iter().map(Column::len).max().unwrap_or(0);
            let readers = columns.iter().map(|column| Reader::of(column, len)).collect::<PolarsResult<Vec<_>>>()?;
            let args = Args { readers: &[], types: &[], ty, rows: len };
            args.wholes(|row| {
                if readers[0].whole(row).unwrap_or(0) == 0 {
                    return Ok(None);
                }
                let low = readers[1].whole(row).unwrap_or(0);
                Ok(add(low, readers.get(2).and_then(|high| high.whole(row))))
            })
        },
        &others,
        move |_, fields| Ok(Field::new(fields[0].name().clone(), ty.held())),
    )
}

fn together_checked(parts: &[&str], ty: Type) -> pl::Expr {
    let others: Vec<pl::Expr> = parts[1..].iter().map(|part| col(*part)).collect();
    col(parts[0]).map_many(
        move |columns: &mut [Column]| {
            let len = columns.iter().map(Column::len).max().unwrap_or(0);
            let readers = columns.iter().map(|column| Reader::of(column, len)).collect::<PolarsResult<Vec<_>>>()?;
            let args = Args { readers: &[], types: &[], ty, rows: len };
            args.wholes(|row| {
                if readers[0].whole(row).unwrap_or(0) == 0 {
                    return Ok(None);
                }
                let about = readers[2].number(row).ok_or_else(|| fail("a sum is missing"))?;
                if about.abs() > 9.2e18 { Err(too_large(ty)) } else { Ok(readers[1].whole(row)) }
            })
        },
        &others,
        move |_, fields| Ok(Field::new(fields[0].name().clone(), ty.held())),
    )
}
