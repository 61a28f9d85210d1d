//! SELECT: what is selected, filtered, grouped, ordered.

use std::sync::Arc;

use sqlparser::ast::{
    Distinct, Expr as Syntax, GroupByExpr, GroupByWithModifier, NamedWindowDefinition, OrderBy, Select, SelectFlavor,
    SelectItem, SelectItemQualifiedWildcardKind, WildcardAdditionalOptions,
};

use super::conditions::filtered;
use super::order::{order_keys, position};
use super::others::refuse_others;
use super::planner::{Lookup, Place, Planned, Planner};
use super::scope::{Named, Scope, name_of, parts, same_name};
use super::tree::{Aggregate, Expr, Id, Key, Kind, Step, Sum, Window};
use super::types::Type;
use crate::refusal::Refusal;
use crate::run::used::columns;

/// More ways to group than these are not put together.
const MOST_SETS: usize = 64;

/// What a SELECT asks for, in terms of the rows of FROM.
struct Asked {
    items: Vec<(String, Expr)>,
    /// Whether a `*` stands among them.
    has_star: bool,
    condition: Option<Expr>,
    having: Option<Expr>,
    qualify: Option<Expr>,
    order: Vec<Key>,
}

/// What a subquery finds for each combination of keys.
struct FoundBy {
    keys: Vec<Expr>,
    columns: Vec<(Id, Type)>,
}

impl Asked {
    fn all(&self) -> impl Iterator<Item = &Expr> {
        let items = self.items.iter().map(|(_, expr)| expr);
        items.chain(&self.having).chain(&self.qualify).chain(self.order.iter().map(|key| &key.of))
    }

    /// Changes everything that is computed of grouped rows.
    fn change(&mut self, change: &mut dyn FnMut(Expr) -> Result<Expr, Refusal>) -> Result<(), Refusal> {
        let items = self.items.iter_mut().map(|(_, expr)| expr);
        let parts = items.chain(&mut self.having).chain(&mut self.qualify);
        for expr in parts.chain(self.order.iter_mut().map(|key| &mut key.of)) {
            let old = std::mem::replace(expr, Expr::null(Type::Null));
            *expr = change(old)?;
        }
        Ok(())
    }
}

impl Planner<'_> {
    pub fn select(
        &mut self,
        select: &Select,
        order: Option<&OrderBy>,
        around: Option<&Scope>,
        outermost: bool,
    ) -> Result<Planned, Refusal> {
        refuse_others(select)?;
        let before = std::mem::take(&mut self.lookups);
        let (mut step, scope) = self.from(&select.from, around)?;
        let (mut asked, sets) = self.asked(select, order, &scope)?;
        let mut found_by: Vec<FoundBy> = Vec::new();
        for Lookup { of, on, found } in std::mem::replace(&mut self.lookups, before) {
            let mut columns = vec![(found, Type::Bool)];
            if let Step::Group { sums, .. } = &of {
                columns.extend(sums.iter().map(|(id, ty, _)| (*id, *ty)));
            }
            found_by.push(FoundBy { keys: on.iter().map(|(outer, _)| outer.clone()).collect(), columns });
            step = Step::Lookup { input: Box::new(step), of: Box::new(of), on, found };
        }
        if let Some(condition) = asked.condition.take() {
            step = filtered(step, condition);
        }
        let grouped = !sets.is_empty() || asked.having.is_some() || asked.all().any(Expr::has_aggregate);
        if grouped {
            step = self.group(step, &mut asked, sets, &found_by, &scope)?;
        }
        step = step.filtered(asked.having.take());
        // Window functions become columns of their own.
        let mut windows: Vec<(Id, Type, Window)> = Vec::new();
        asked.change(&mut |expr| {
            Ok(expr.replaced(&mut |part| match &part.kind {
                Kind::Window(window) => Some(part.as_column(self.column_of(&mut windows, part.ty, window))),
                _ => None,
            }))
        })?;
        if !windows.is_empty() {
            step = Step::Windows { input: Box::new(step), columns: windows };
        }
        step = step.filtered(asked.qualify.take());
        let is_distinct = matches!(select.distinct, Some(Distinct::Distinct));
        let planned = self.projected(step, &mut asked, is_distinct)?;
        let sorted = outermost && order.is_none() && (grouped || is_distinct) && !asked.has_star;
        Ok(if sorted { in_order_of_columns(planned) } else { planned })
    }

    /// Everything that a SELECT says, and the ways in which it groups.
    fn asked(
        &mut self,
        select: &Select,
        order: Option<&OrderBy>,
        scope: &Scope,
    ) -> Result<(Asked, Vec<Vec<Expr>>), Refusal> {
        let windows = Some(select.named_window.as_slice());
        let mut items: Vec<(String, Expr)> = Vec::new();
        let mut has_star = false;
        let star = [SelectItem::Wildcard(WildcardAdditionalOptions::default())];
        // `FROM sessions` alone selects everything.
        let is_bare = matches!(select.flavor, SelectFlavor::FromFirstNoSelect);
        for item in if is_bare { &star[..] } else { &select.projection } {
            has_star |= !matches!(item, SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. });
            let new = self.item(item, scope, &items, windows)?;
            items.extend(new);
        }
        if items.is_empty() {
            return Err(Refusal::new("SELECT needs something to select: name a column, or write *"));
        }
        let plain = Place { scope, clause: "WHERE", aliases: &items, windows: None, aggregates: false };
        let condition = self.condition(select.selection.as_ref(), &plain)?;
        let by = Place { clause: "GROUP BY", ..plain };
        let sets = match &select.group_by {
            GroupByExpr::All(modifiers) if modifiers.is_empty() => {
                let keys = items.iter().map(|(_, expr)| expr);
                let keys = keys.filter(|expr| !expr.is_constant() && !expr.has_aggregate() && !expr.has_window());
                let keys: Vec<Expr> = keys.cloned().collect();
                if keys.is_empty() { Vec::new() } else { vec![keys] }
            }
            GroupByExpr::All(_) => return Err(Refusal::new("GROUP BY ALL takes nothing behind it: name the columns")),
            GroupByExpr::Expressions(keys, modifiers) => self.sets(keys, modifiers, &by)?,
        };
        let over = Place { clause: "HAVING", aggregates: true, ..plain };
        let having = self.condition(select.having.as_ref(), &over)?;
        let ranked = Place { clause: "QUALIFY", windows, ..over };
        let qualify = self.condition(select.qualify.as_ref(), &ranked)?;
        let at = Place { clause: "ORDER BY", ..ranked };
        let order = match order {
            None => Vec::new(),
            Some(order) => {
                let all: Vec<Expr> = items.iter().map(|(_, expr)| expr.clone()).collect();
                order_keys(order, &all, |syntax| {
                    // What is selected comes before the columns of the same name.
                    if let Syntax::Identifier(name) = syntax
                        && let Some((_, expr)) = items.iter().find(|(alias, _)| same_name(alias, &name_of(name)))
                    {
                        return Ok(expr.clone());
                    }
                    self.expr(syntax, &at)
                })?
            }
        };
        Ok((Asked { items, has_star, condition, having, qualify, order }, sets))
    }

    fn item(
        &mut self,
        item: &SelectItem,
        scope: &Scope,
        before: &[(String, Expr)],
        windows: Option<&[NamedWindowDefinition]>,
    ) -> Result<Vec<(String, Expr)>, Refusal> {
        let at = Place { scope, clause: "SELECT", aliases: before, windows, aggregates: true };
        match item {
            SelectItem::UnnamedExpr(expr) => {
                let name = match expr {
                    Syntax::Identifier(name) => name_of(name).into_owned(),
                    Syntax::CompoundIdentifier(parts) => parts.last().map(name_of).unwrap_or_default().into_owned(),
                    other => other.to_string(),
                };
                Ok(vec![(name, self.expr(expr, &at)?)])
            }
            SelectItem::ExprWithAlias { expr, alias } => Ok(vec![(name_of(alias).into_owned(), self.expr(expr, &at)?)]),
            SelectItem::ExprWithAliases { expr, .. } => {
                Err(Refusal::at(expr, "an expression can only have one name here"))
            }
            SelectItem::Wildcard(options) => self.star(None, options, item, &at),
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
                let (_, table) = parts(name)?;
                self.star(Some(table), options, item, &at)
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::Expr(expr), _) => {
                Err(Refusal::at(expr, ".* can only stand behind the name of a table"))
            }
        }
    }

    /// The ways in which GROUP BY groups: more than one with ROLLUP and the like.
    fn sets(
        &mut self,
        keys: &[Syntax],
        modifiers: &[GroupByWithModifier],
        at: &Place,
    ) -> Result<Vec<Vec<Expr>>, Refusal> {
        let mut sets: Vec<Vec<Expr>> = vec![Vec::new()];
        for key in keys {
            let parts: Vec<Vec<Expr>> = match key {
                Syntax::Rollup(parts) => {
                    let parts = self.key_parts(parts, at)?;
                    (0..=parts.len()).rev().map(|n| parts[..n].concat()).collect()
                }
                Syntax::Cube(parts) => {
                    let parts = self.key_parts(parts, at)?;
                    if parts.len() > 6 {
                        return Err(Refusal::at(key, "CUBE takes up to 6 keys here"));
                    }
                    let chosen = |bits: usize| {
                        let kept = parts.iter().enumerate().filter(move |(i, _)| bits >> i & 1 == 1);
                        kept.flat_map(|(_, part)| part.clone()).collect::<Vec<_>>()
                    };
                    (0..1 << parts.len()).rev().map(chosen).collect()
                }
                Syntax::GroupingSets(parts) => self.key_parts(parts, at)?,
                Syntax::Tuple(parts) => vec![self.key_parts(std::slice::from_ref(parts), at)?.concat()],
                other => vec![vec![self.group_key(other, at)?]],
            };
            sets = sets.iter().flat_map(|set| parts.iter().map(move |part| [&set[..], part].concat())).collect();
            if sets.len() > MOST_SETS {
                return Err(Refusal::at(key, format!("GROUP BY groups in more than {MOST_SETS} ways")));
            }
        }
        match modifiers {
            [] => {}
            [GroupByWithModifier::Rollup] => {
                let all = sets.concat();
                sets = (0..=all.len()).rev().map(|n| all[..n].to_vec()).collect();
            }
            _ => {
                return Err(Refusal::new(
                    "GROUP BY takes only ROLLUP, CUBE and GROUPING SETS, with what they group by in parentheses",
                ));
            }
        }
        if keys.is_empty() { Ok(Vec::new()) } else { Ok(sets) }
    }

    fn key_parts(&mut self, parts: &[Vec<Syntax>], at: &Place) -> Result<Vec<Vec<Expr>>, Refusal> {
        parts.iter().map(|part| part.iter().map(|key| self.group_key(key, at)).collect()).collect()
    }

    /// What is grouped by: a column of SELECT by its place, or anything else.
    fn group_key(&mut self, key: &Syntax, at: &Place) -> Result<Expr, Refusal> {
        let Some(place) = position(key, at.aliases.len())? else { return self.expr(key, at) };
        let expr = &at.aliases[place].1;
        if expr.has_aggregate() || expr.has_window() {
            return Err(Refusal::at(
                key,
                format!(
                    "column {} of SELECT is an aggregate, which can't be grouped by: compute it in WITH",
                    place + 1
                ),
            ));
        }
        Ok(expr.clone())
    }

    /// Groups rows, and says everything that is asked of them in terms of keys and aggregates.
    fn group(
        &mut self,
        step: Step,
        asked: &mut Asked,
        mut sets: Vec<Vec<Expr>>,
        found_by: &[FoundBy],
        scope: &Scope,
    ) -> Result<Step, Refusal> {
        // What a subquery finds by keys is the same in all rows of a group of these keys.
        for FoundBy { keys: by, columns } in found_by {
            for set in sets.iter_mut().filter(|set| by.iter().all(|key| key.is_constant() || set.contains(key))) {
                let is_used = |id: Id| {
                    asked.all().any(|expr| expr.any(&|part| matches!(part.kind, Kind::Column(of) if of == id)))
                };
                set.extend(columns.iter().filter(|(id, _)| is_used(*id)).map(|(id, ty)| Expr::column(*id, *ty)));
            }
        }
        let mut keys: Vec<(Id, Expr)> = Vec::new();
        for key in sets.iter().flatten() {
            if !keys.iter().any(|(_, known)| known == key) {
                keys.push((self.new_id(), key.clone()));
            }
        }
        let mut sums: Vec<(Id, Type, Aggregate)> = Vec::new();
        asked.change(&mut |expr| self.of_group(expr, &keys, &mut sums, scope))?;
        let has_grouping = sums.iter().any(|(_, _, sum)| sum.sum == Sum::Grouping);
        if keys.is_empty() && sums.is_empty() {
            return Ok(Step::Rows { columns: Vec::new(), rows: vec![Vec::new(); sets.len().max(1)] });
        }
        if sets.len() <= 1 && !has_grouping {
            return Ok(Step::Group { input: Box::new(step), keys, sums });
        }
        // What takes long is done once, as if WITH named it.
        let step = match step.is_simple() {
            true => step,
            false => {
                let columns = columns(&step).into_iter().map(|id| (id, id)).collect();
                Step::Named { of: Arc::new(step), key: self.new_id(), columns }
            }
        };
        let mut inputs = Vec::with_capacity(sets.len());
        for set in sets {
            let mut by: Vec<(Id, Expr)> = Vec::new();
            let mut columns = Vec::new();
            for (_, key) in &keys {
                let value = if set.contains(key) {
                    let id = self.new_id();
                    by.push((id, key.clone()));
                    Expr::column(id, key.ty)
                } else {
                    Expr::null(key.ty)
                };
                columns.push((self.new_id(), value));
            }
            let mut added = Vec::with_capacity(sums.len());
            for (_, ty, sum) in &sums {
                let value = if sum.sum == Sum::Grouping {
                    // A bit for each key, 1 where the rows are not grouped by it.
                    let bits = sum.of.iter().fold(0, |bits, key| bits * 2 + i128::from(!set.contains(key)));
                    Expr::whole(bits, *ty)
                } else {
                    let id = self.new_id();
                    added.push((id, *ty, sum.clone()));
                    Expr::column(id, *ty)
                };
                columns.push((self.new_id(), value));
            }
            let ids = columns.iter().map(|(id, _)| *id).collect();
            let group = match by.is_empty() && added.is_empty() {
                // One row, of which nothing is asked.
                true => Step::Rows { columns: Vec::new(), rows: vec![Vec::new()] },
                false => Step::Group { input: Box::new(step.clone()), keys: by, sums: added },
            };
            inputs.push((Step::Project { input: Box::new(group), columns }, ids));
        }
        let columns = keys.iter().map(|(id, key)| (*id, key.ty)).chain(sums.iter().map(|(id, ty, _)| (*id, *ty)));
        Ok(Step::Union { inputs, columns: columns.collect() })
    }

    /// An expression of rows as one of their groups.
    fn of_group(
        &mut self,
        expr: Expr,
        keys: &[(Id, Expr)],
        sums: &mut Vec<(Id, Type, Aggregate)>,
        scope: &Scope,
    ) -> Result<Expr, Refusal> {
        if let Some((id, _)) = keys.iter().find(|(_, key)| *key == expr) {
            return Ok(expr.as_column(*id));
        }
        match expr.kind {
            Kind::Aggregate(ref aggregate)
                if aggregate.sum == Sum::Grouping
                    && !aggregate.of.iter().all(|of| keys.iter().any(|(_, key)| key == of)) =>
            {
                Err(Refusal::at_place(expr.place, "GROUPING takes what GROUP BY groups by"))
            }
            Kind::Aggregate(ref aggregate) => Ok(expr.as_column(self.column_of(sums, expr.ty, aggregate))),
            Kind::Column(id) => {
                let known = scope.columns().find(|column| column.id == id);
                let name = known.map_or("a column of a subquery's condition", |column| &column.name);
                Err(Refusal::at_place(
                    expr.place,
                    if keys.is_empty() {
                        format!("{name} stands beside an aggregate: add GROUP BY {name}, or put it inside an aggregate")
                    } else {
                        format!("{name} is neither grouped by nor inside an aggregate: add it to GROUP BY")
                    },
                ))
            }
            _ => expr.map(&mut |part| self.of_group(part, keys, sums, scope)),
        }
    }

    /// The column that is computed in this way, one for all that are equal.
    fn column_of<T: Clone + PartialEq>(&mut self, known: &mut Vec<(Id, Type, T)>, ty: Type, of: &T) -> Id {
        if let Some((id, ..)) = known.iter().find(|(_, _, known)| known == of) {
            return *id;
        }
        let id = self.new_id();
        known.push((id, ty, of.clone()));
        id
    }

    /// The columns that are selected, each row once if `is_distinct`, in the order that is asked for.
    fn projected(&mut self, step: Step, asked: &mut Asked, is_distinct: bool) -> Result<Planned, Refusal> {
        let named: Vec<Named> = asked
            .items
            .iter()
            .map(|(name, expr)| {
                let ty = if expr.ty == Type::Null { Type::Int } else { expr.ty };
                self.named(name.clone(), ty)
            })
            .collect();
        let items: Vec<(Id, Expr)> = named
            .iter()
            .zip(&asked.items)
            .map(|(column, (_, expr))| (column.id, expr.clone().cast(column.ty)))
            .collect();
        let mut columns = items.clone();
        let mut keys = Vec::with_capacity(asked.order.len());
        for key in std::mem::take(&mut asked.order) {
            let place = key.of.place;
            let of = selected(key.of, &items);
            let is_selected =
                !of.any(&|part| matches!(part.kind, Kind::Column(id) if !items.iter().any(|(item, _)| *item == id)));
            let of = if is_selected {
                of
            } else if is_distinct {
                return Err(Refusal::at_place(
                    place,
                    "with SELECT DISTINCT, ORDER BY can use only what is selected: select this, too",
                ));
            } else {
                // What is not selected is computed beside it, and left out in the end.
                let (id, ty) = (self.new_id(), of.ty);
                columns.push((id, substituted(of, &items)));
                Expr::column(id, ty)
            };
            keys.push(Key { of, ..key });
        }
        let hidden = columns.len() > items.len();
        let mut step = Step::Project { input: Box::new(step), columns };
        if is_distinct {
            step = Step::Distinct { input: Box::new(step) };
        }
        if !keys.is_empty() {
            step = Step::Sort { input: Box::new(step), keys };
        }
        let planned = Planned { step, columns: named };
        if !hidden {
            return Ok(planned);
        }
        let types: Vec<Type> = planned.columns.iter().map(|column| column.ty).collect();
        Ok(self.converted(planned, &types))
    }

    /// The same rows with columns of these types, and no others.
    pub fn converted(&mut self, planned: Planned, types: &[Type]) -> Planned {
        let mut columns = Vec::with_capacity(types.len());
        let mut named = Vec::with_capacity(types.len());
        for (column, ty) in planned.columns.into_iter().zip(types) {
            let of = column.expr();
            let new = self.named(column.name, *ty);
            columns.push((new.id, of.cast(*ty)));
            named.push(new);
        }
        Planned { step: Step::Project { input: Box::new(planned.step), columns }, columns: named }
    }
}

/// An expression in terms of what is selected, as far as it can be.
fn selected(expr: Expr, items: &[(Id, Expr)]) -> Expr {
    expr.replaced(&mut |part| items.iter().find(|(_, item)| item == part).map(|(id, _)| part.as_column(*id)))
}

/// An expression with others in the place of columns.
pub fn substituted(expr: Expr, columns: &[(Id, Expr)]) -> Expr {
    expr.replaced(&mut |part| match part.kind {
        Kind::Column(id) => columns.iter().find(|(known, _)| *known == id).map(|(_, of)| of.clone()),
        _ => None,
    })
}

pub fn is_count(sum: &Aggregate) -> bool {
    matches!(sum.sum, Sum::CountRows | Sum::Count)
}

fn in_order_of_columns(planned: Planned) -> Planned {
    let keys =
        planned.columns.iter().map(|column| Key { of: column.expr(), descending: false, nulls_first: false }).collect();
    Planned { step: Step::Sort { input: Box::new(planned.step), keys }, ..planned }
}
