//! OVER: functions of a row and of those around it.

use sqlparser::ast::{
    Expr as Syntax, NamedWindowExpr, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowSpec, WindowType,
};

use super::aggregates::{AGGREGATES, Given, RANKING, type_of};
use super::coerce::literal_of;
use super::planner::{Place, Planner, key};
use super::scope::{name_of, same_name};
use super::tree::{Bound, Expr, Frame, Kind, Ranked, Value, Window};
use super::types::Type;
use crate::refusal::Refusal;

/// A frame reaches less far.
const TOO_FAR: i128 = 1 << 40;

impl Planner<'_> {
    pub fn window(&mut self, given: &Given, over: &WindowType, at: &Place) -> Result<Expr, Refusal> {
        let (name, whole) = (&*given.name, given.whole);
        let refuse = |sentence: String| Err(Refusal::at(whole, sentence));
        let Some(named) = at.windows else {
            let instead = match at.clause {
                "a window function" => "compute the inner one in WITH",
                "WHERE" | "HAVING" => "compute it in WITH, and filter what comes out, or use QUALIFY",
                _ => "compute it in WITH",
            };
            return refuse(format!("a window function can't stand in {}: {instead}", at.clause));
        };
        let spec = match over {
            WindowType::WindowSpec(spec) => spec,
            WindowType::NamedWindow(name) => {
                let wanted = name_of(name);
                let found = named.iter().find(|known| same_name(&name_of(&known.0), &wanted));
                match found.map(|known| &known.1) {
                    Some(NamedWindowExpr::WindowSpec(spec)) => spec,
                    Some(NamedWindowExpr::NamedWindow(_)) => {
                        return Err(Refusal::at_name(
                            name,
                            "a window that is named after another can't be used: write it out",
                        ));
                    }
                    None => return Err(Refusal::at_name(name, format!("there is no window {wanted}"))),
                }
            }
        };
        if let Some(base) = &spec.window_name {
            return Err(Refusal::at_name(base, "a window can't be made from another here: write it out in OVER (...)"));
        }
        let inside = Place { windows: None, clause: "a window function", ..*at };
        let mut window = Window {
            what: Ranked::RowNumber,
            of: Vec::new(),
            partition: self.exprs(&spec.partition_by, &inside)?,
            order: Vec::new(),
            frame: Frame { by_rank: true, start: Bound::Unbounded, end: Bound::Rows(0) },
            ignore_nulls: given.ignore_nulls,
        };
        for part in &spec.order_by {
            if part.with_fill.is_some() {
                return refuse("WITH FILL can't be used here: leave it out".to_owned());
            }
            window.order.push(key(self.expr(&part.expr, &inside)?, &part.options));
        }
        if spec.order_by.is_empty() {
            window.frame.end = Bound::Unbounded;
        }
        if let Some(frame) = &spec.window_frame {
            window.frame = frame_of(frame, spec, whole)?;
        }
        let ty;
        if let Some((_, least, most)) = RANKING.iter().find(|(known, ..)| *known == name) {
            if given.is_of_aggregate() {
                return refuse(format!("{name} takes no DISTINCT, FILTER, ORDER BY or *"));
            }
            if given.of.len() < *least || given.of.len() > *most {
                return refuse(format!("{name} takes {least} to {most} values, not {}", given.of.len()));
            }
            if given.ignore_nulls && !name.ends_with("_VALUE") {
                return refuse(format!("{name} takes no IGNORE NULLS here: leave the nulls out in WITH"));
            }
            let values = if name == "NTILE" || name == "NTH_VALUE" { 0 } else { 1 };
            let mut of = self.exprs(given.of.iter().copied().take(values), &inside)?;
            let number = |i: usize| match given.of.get(i).copied().and_then(literal_of) {
                Some(Value::Whole(n)) => i64::try_from(n).ok(),
                _ => None,
            };
            let above_0 = |i: usize| {
                let n = number(i).and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
                let sentence = || format!("{name} takes a whole number above 0 that is written out");
                n.ok_or_else(|| Refusal::at(whole, sentence()))
            };
            window.what = match name {
                "ROW_NUMBER" => Ranked::RowNumber,
                "RANK" => Ranked::Rank,
                "DENSE_RANK" => Ranked::DenseRank,
                "PERCENT_RANK" => Ranked::PercentRank,
                "CUME_DIST" => Ranked::CumeDist,
                "NTILE" => Ranked::Ntile(above_0(0)?),
                "FIRST_VALUE" => Ranked::FirstValue,
                "LAST_VALUE" => Ranked::LastValue,
                "NTH_VALUE" => {
                    let n = above_0(1)?;
                    of.push(self.expr(given.of[0], &inside)?);
                    Ranked::NthValue(n)
                }
                _ => {
                    let by = if given.of.len() > 1 { number(1) } else { Some(1) };
                    let Some(by) = by else {
                        return refuse(format!(
                            "{name} takes a number of rows that is written out, as in {name}(x, 2)"
                        ));
                    };
                    if let Some(default) = given.of.get(2) {
                        let ty = of.first().map_or(Type::Null, |of| of.ty);
                        of.push(self.expr(default, &inside)?.cast(ty));
                    }
                    Ranked::Lag(if name == "LAG" { by } else { -by })
                }
            };
            ty = match window.what {
                Ranked::PercentRank | Ranked::CumeDist => Type::Double,
                Ranked::RowNumber | Ranked::Rank | Ranked::DenseRank | Ranked::Ntile(_) => Type::BigInt,
                _ => of.first().map_or(Type::Null, |of| of.ty),
            };
            if ty == Type::Null {
                return refuse(format!("{name} of NULL alone tells nothing: give it a column"));
            }
            window.of = of;
        } else {
            let Some((_, sum, takes)) = AGGREGATES.iter().find(|(known, ..)| *known == name) else {
                return refuse(format!(
                    "{name} can't be used with OVER: it is neither an aggregate nor a window function"
                ));
            };
            let aggregate = self.aggregate(given, *sum, *takes, &inside)?;
            ty = type_of(&aggregate);
            let whole_partition = window.frame.start == Bound::Unbounded && window.frame.end == Bound::Unbounded;
            if aggregate.distinct && !whole_partition {
                return refuse(format!(
                    "{name}(DISTINCT ...) OVER (ORDER BY ...) can't be used here: leave out the order"
                ));
            }
            window.ignore_nulls = false;
            window.what = Ranked::Aggregate(Box::new(aggregate));
        }
        Ok(Expr::new(Kind::Window(Box::new(window)), ty))
    }
}

fn frame_of(frame: &WindowFrame, spec: &WindowSpec, whole: &Syntax) -> Result<Frame, Refusal> {
    let refused = |sentence: &str| Refusal::at(whole, sentence);
    let bound = |bound: &WindowFrameBound, is_start: bool| {
        let rows = |n: &Syntax| match literal_of(n) {
            Some(Value::Whole(n @ 0..TOO_FAR)) => Ok(n as i64),
            _ => Err(refused("a frame takes a number of rows that is written out")),
        };
        Ok(match bound {
            WindowFrameBound::CurrentRow => Bound::Rows(0),
            WindowFrameBound::Preceding(None) if is_start => Bound::Unbounded,
            WindowFrameBound::Following(None) if !is_start => Bound::Unbounded,
            WindowFrameBound::Preceding(None) | WindowFrameBound::Following(None) => {
                return Err(refused("a frame goes from what is before to what follows"));
            }
            WindowFrameBound::Preceding(Some(n)) => Bound::Rows(-rows(n)?),
            WindowFrameBound::Following(Some(n)) => Bound::Rows(rows(n)?),
        })
    };
    let start = bound(&frame.start_bound, true)?;
    let end = frame.end_bound.as_ref().map_or(Ok(Bound::Rows(0)), |end| bound(end, false))?;
    let by_rank = match frame.units {
        WindowFrameUnits::Rows => false,
        WindowFrameUnits::Range => true,
        WindowFrameUnits::Groups => {
            return Err(refused("GROUPS can't be used here: write ROWS BETWEEN ... AND ..."));
        }
    };
    let is_plain = |bound: &Bound| matches!(bound, Bound::Unbounded | Bound::Rows(0));
    if by_rank && !(is_plain(&start) && is_plain(&end)) {
        return Err(refused("RANGE with a distance can't be used here: write ROWS BETWEEN ... AND ..."));
    }
    if spec.order_by.is_empty() && by_rank {
        return Ok(Frame { by_rank, start: Bound::Unbounded, end: Bound::Unbounded });
    }
    Ok(Frame { by_rank, start, end })
}
