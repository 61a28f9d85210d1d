//! Joins: polars joins by equality, and what else stands in ON is asked of the pairs, before it is known which rows have none.

use polars::error::abort::try_raise_polars_abort;
use polars::prelude::{
    self as pl, Column, DataFrame, IdxCa, IdxSize, IntoLazy, JoinCoalesce, JoinType, LazyFrame, NewChunkedArray,
    PlSmallStr, PolarsResult, col, lit,
};

use super::expressions::{Surroundings, column, lower};
use super::rows::fail;
use crate::plan::tree::{Expr, Id, Side, name};
use crate::store::default_budget;

/// More pairs of rows than these are not looked at, nor more than there is room for.
const MOST_PAIRS: u64 = 1 << 28;

/// How many pairs of rows of so many columns are looked at.
fn most_pairs(columns: usize) -> u64 {
    MOST_PAIRS.min(default_budget() as u64 / (16 * (columns as u64 + 1)))
}

/// Tables of no more rows than these can be joined with any other without a look at its size.
const FEW: usize = 16;

/// A frame with the columns that it is joined by, and their names, which begin with this.
fn keyed(
    frame: LazyFrame,
    keys: &[&Expr],
    start: &str,
    around: &dyn Surroundings,
) -> PolarsResult<(LazyFrame, Vec<pl::Expr>)> {
    let names: Vec<String> = (0..keys.len()).map(|i| format!("{start}{i}")).collect();
    let columns = keys.iter().zip(&names).map(|(key, name)| Ok(lower(key, around)?.alias(name)));
    let frame = frame.with_columns(columns.collect::<PolarsResult<Vec<_>>>()?);
    Ok((frame, names.iter().map(col).collect()))
}

/// Joins by equal keys, which go under names that end in `tag` so that several joins can have theirs in one frame.
fn by_keys(
    left: LazyFrame,
    right: LazyFrame,
    on: &[(Expr, Expr)],
    how: JoinType,
    tag: &str,
    around: &dyn Surroundings,
) -> PolarsResult<LazyFrame> {
    let (a, b): (Vec<&Expr>, Vec<&Expr>) = on.iter().map(|(a, b)| (a, b)).unzip();
    let (left, left_on) = keyed(left, &a, &format!("l{tag}"), around)?;
    let (right, right_on) = keyed(right, &b, &format!("r{tag}"), around)?;
    let join = left.join_builder().with(right).left_on(left_on).right_on(right_on).how(how);
    Ok(join.coalesce(JoinCoalesce::KeepColumns).finish())
}

fn filtered(frame: LazyFrame, condition: Option<&Expr>, around: &dyn Surroundings) -> PolarsResult<LazyFrame> {
    Ok(match condition {
        Some(condition) => frame.filter(lower(condition, around)?),
        None => frame,
    })
}

fn columns_of(ids: &[Id]) -> Vec<pl::Expr> {
    ids.iter().map(|id| col(name(*id))).collect()
}

/// Two tables joined. Of each, the columns with these numbers are there.
#[allow(clippy::too_many_arguments, reason = "two of each")]
pub fn join(
    left: LazyFrame,
    right: LazyFrame,
    left_ids: &[Id],
    right_ids: &[Id],
    side: Side,
    on: &[(Expr, Expr)],
    and: Option<&Expr>,
    around: &dyn Surroundings,
) -> PolarsResult<LazyFrame> {
    let all = [columns_of(left_ids), columns_of(right_ids)].concat();
    let is_filter = matches!(side, Side::Semi | Side::Anti);
    if !on.is_empty() && !is_filter {
        check_pairs(&left, &right, on, all.len(), around)?;
    }
    let shown = if is_filter { columns_of(left_ids) } else { all };
    let plain = !on.is_empty() && and.is_none();
    match side {
        Side::Inner if !on.is_empty() => {
            let joined = by_keys(left, right, on, JoinType::Inner, "", around)?;
            Ok(filtered(joined, and, around)?.select(shown))
        }
        Side::Right if plain => {
            let turned: Vec<(Expr, Expr)> = on.iter().map(|(a, b)| (b.clone(), a.clone())).collect();
            Ok(by_keys(right, left, &turned, JoinType::Left, "", around)?.select(shown))
        }
        Side::Left | Side::Full | Side::Semi | Side::Anti if plain => {
            let how = match side {
                Side::Full => JoinType::Full,
                Side::Semi => JoinType::Semi,
                Side::Anti => JoinType::Anti,
                Side::Left | Side::Right | Side::Inner => JoinType::Left,
            };
            Ok(by_keys(left, right, on, how, "", around)?.select(shown))
        }
        Side::Inner => {
            let right = around.collect(right.select(columns_of(right_ids)))?;
            if right.height() > FEW {
                let left = around.collect(left.select(columns_of(left_ids)))?;
                return Ok(pairs(left, right, side, on, and, around)?.select(shown));
            }
            // Few rows: each row of the other side with each of them.
            let mut frames = Vec::with_capacity(right.height());
            for row in 0..right.height() {
                let one = right.slice(row as i64, 1);
                let values = one.columns().iter().map(|column| {
                    let value = pl::Scalar::new(column.dtype().clone(), column.get(0)?.into_static());
                    Ok(pl::Expr::Literal(value.into()).alias(column.name().clone()))
                });
                frames.push(left.clone().with_columns(values.collect::<PolarsResult<Vec<_>>>()?).select(shown.clone()));
            }
            let joined = match frames.len() {
                0 => left.cross_join(right.lazy(), None).select(shown),
                1 => frames.remove(0),
                _ => pl::concat(frames, pl::UnionArgs::default())?,
            };
            filtered(joined, and, around)
        }
        Side::Left | Side::Right | Side::Full | Side::Semi | Side::Anti => {
            let left = around.collect(left.select(columns_of(left_ids)))?;
            let right = around.collect(right.select(columns_of(right_ids)))?;
            Ok(pairs(left, right, side, on, and, around)?.select(shown))
        }
    }
}

/// Refuses to join tables of which more pairs have equal keys than can be looked at.
fn check_pairs(
    left: &LazyFrame,
    right: &LazyFrame,
    on: &[(Expr, Expr)],
    columns: usize,
    around: &dyn Surroundings,
) -> PolarsResult<()> {
    let counted = |frame: &LazyFrame, keys: Vec<&Expr>, side: &str| -> PolarsResult<LazyFrame> {
        let (frame, names) = keyed(frame.clone(), &keys, side, around)?;
        let named = names.iter().enumerate().map(|(i, name)| name.clone().alias(format!("k{i}")));
        let rows = format!("rows {side}");
        Ok(frame.select(named.collect::<Vec<_>>()).group_by([pl::all().as_expr()]).agg([pl::len().alias(rows)]))
    };
    let (a, b): (Vec<&Expr>, Vec<&Expr>) = on.iter().map(|(a, b)| (a, b)).unzip();
    let of_right = around.collect(counted(right, b, "r")?)?;
    if of_right.column("rows r")?.idx()?.iter().flatten().all(|rows| rows as usize <= FEW) {
        return Ok(());
    }
    let keys: Vec<pl::Expr> = (0..on.len()).map(|i| col(format!("k{i}"))).collect();
    let both = counted(left, a, "l")?.join_builder().with(of_right.lazy()).left_on(keys.clone()).right_on(keys);
    let number = |side: &str| col(format!("rows {side}")).cast(pl::DataType::Float64);
    let pairs = around
        .collect(both.how(JoinType::Inner).finish().select([(number("l") * number("r")).sum().alias("pairs")]))?;
    match pairs.column("pairs")?.f64()?.get(0) {
        Some(pairs) if pairs > most_pairs(columns) as f64 => Err(fail(format!(
            "these tables make {pairs} pairs of rows, more than can be looked at: join them by more columns, or filter or group \
             both in WITH first"
        ))),
        _ => Ok(()),
    }
}

/// Joins by anything: which rows make a pair first, then the rows.
fn pairs(
    left: DataFrame,
    right: DataFrame,
    side: Side,
    on: &[(Expr, Expr)],
    and: Option<&Expr>,
    around: &dyn Surroundings,
) -> PolarsResult<LazyFrame> {
    let b = right.clone().lazy().with_row_index("r", None);
    let matched = |joined: LazyFrame| filtered(joined, and, around)?.select([col("l"), col("r")]).collect();
    // Both sides are in memory.
    let matched = if on.is_empty() {
        unequal(&left, &right, and.is_some(), &|part| matched(part.cross_join(b.clone(), None)))?
    } else {
        let a = left.clone().lazy().with_row_index("l", None);
        matched(by_keys(a, b, on, JoinType::Inner, "", around)?)?
    };
    let place =
        |column: &str| -> PolarsResult<Vec<Option<IdxSize>>> { Ok(matched.column(column)?.idx()?.iter().collect()) };
    let (mut l, mut r) = (place("l")?, place("r")?);
    let missing = |places: &[Option<IdxSize>], rows: usize| {
        let mut has = vec![false; rows];
        places.iter().flatten().for_each(|place| has[*place as usize] = true);
        has.into_iter().enumerate().filter(|(_, has)| !has).map(|(row, _)| row as IdxSize).collect::<Vec<_>>()
    };
    let (alone, others) = (missing(&l, left.height()), missing(&r, right.height()));
    match side {
        Side::Inner => {}
        Side::Left | Side::Right | Side::Full => {
            if side != Side::Right {
                l.extend(alone.iter().map(|row| Some(*row)));
                r.extend(alone.iter().map(|_| None));
            }
            if side != Side::Left {
                l.extend(others.iter().map(|_| None));
                r.extend(others.iter().map(|row| Some(*row)));
            }
        }
        Side::Semi | Side::Anti => {
            let mut wanted = vec![side == Side::Semi; left.height()];
            alone.iter().for_each(|row| wanted[*row as usize] = side == Side::Anti);
            let rows =
                wanted.iter().enumerate().filter(|(_, wanted)| **wanted).map(|(row, _)| row as IdxSize).collect();
            return Ok(left.take(&IdxCa::from_vec(PlSmallStr::EMPTY, rows))?.lazy());
        }
    }
    let taken = |frame: &DataFrame, places: Vec<Option<IdxSize>>| {
        frame.take(&IdxCa::from_iter_options(PlSmallStr::EMPTY, places.into_iter()))
    };
    let rows = l.len();
    let (left, right) = (taken(&left, l)?, taken(&right, r)?);
    let columns: Vec<Column> = left.columns().iter().chain(right.columns()).cloned().collect();
    Ok(DataFrame::new(rows, columns)?.lazy())
}

/// The pairs of two tables that are joined by no equality, some rows of the left one after another: what is kept of all pairs takes
/// memory, what is looked at takes time, and an interrupt ends it.
fn unequal(
    left: &DataFrame,
    right: &DataFrame,
    some_are_kept: bool,
    matched: &dyn Fn(LazyFrame) -> PolarsResult<DataFrame>,
) -> PolarsResult<DataFrame> {
    const AT_ONCE: usize = 1 << 22;
    const MOST_LOOKED_AT: u64 = 1 << 34;
    let most = most_pairs(left.width() + right.width());
    let too_many = || {
        let (left, right) = (left.height(), right.height());
        fail(format!(
            "{left} and {right} rows make more pairs than can be looked at: join them by an equality, or group them first"
        ))
    };
    if left.height() as u64 * right.height() as u64 > if some_are_kept { MOST_LOOKED_AT } else { most } {
        return Err(too_many());
    }
    let rows = (AT_ONCE / right.height().max(1)).max(1);
    let part = |from: usize| left.slice(from as i64, rows).lazy().with_row_index("l", Some(from as IdxSize));
    let mut all = matched(part(0))?;
    for from in (rows..left.height()).step_by(rows) {
        try_raise_polars_abort();
        all.vstack_mut(&matched(part(from))?)?;
        if all.height() as u64 > most {
            return Err(too_many());
        }
    }
    Ok(all)
}

/// Each row with what a table has under the same keys, and whether it has.
pub fn lookup(
    frame: LazyFrame,
    table: LazyFrame,
    on: &[(Expr, Expr)],
    found: Id,
    around: &dyn Surroundings,
) -> PolarsResult<LazyFrame> {
    let table = table.with_columns([lit(true).alias(name(found))]);
    by_keys(frame, table, on, JoinType::Left, &format!("{found} "), around)
}

/// The rows of the left side that the right one has, or has not; nulls are equal.
pub fn intersect(
    left: LazyFrame,
    right: LazyFrame,
    on: &[(Id, Id)],
    except: bool,
    around: &dyn Surroundings,
) -> PolarsResult<LazyFrame> {
    let names = |side: char| (0..on.len()).map(move |i| format!("{side}{i}"));
    let keys = |frame: LazyFrame, side: char, ids: Vec<Id>| {
        let keys = ids.iter().zip(names(side)).map(|(id, name)| column(*id, around).alias(name));
        frame.with_columns(keys.collect::<Vec<_>>())
    };
    let (a, b): (Vec<Id>, Vec<Id>) = on.iter().copied().unzip();
    let ids = columns_of(&a);
    let how = if except { JoinType::Anti } else { JoinType::Semi };
    let on = |side: char| names(side).map(col).collect::<Vec<_>>();
    let joined = keys(left, 'l', a).join_builder().with(keys(right, 'r', b)).left_on(on('l')).right_on(on('r'));
    Ok(joined.how(how).join_nulls(true).finish().select(ids))
}
