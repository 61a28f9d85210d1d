//! FROM: tables, subqueries, and their joins.

use sqlparser::ast::{Ident, Join, JoinConstraint, JoinOperator, TableAlias, TableFactor, TableWithJoins};

use super::coerce::{and, comparable, conjuncts, to_bool};
use super::conditions::{equal_sides, narrowed};
use super::functions::COALESCE;
use super::planner::{Place, Planner};
use super::scope::{Merged, Named, Relation, Scope, name_of, parts, rename, same_name};
use super::tree::{Expr, Id, Kind, Side, Step};
use crate::refusal::Refusal;
use crate::run::used::columns;

impl Planner<'_> {
    /// The rows of FROM, and what can be named of them. No FROM is one row without columns.
    pub fn from<'a>(
        &mut self,
        tables: &[TableWithJoins],
        around: Option<&'a Scope<'a>>,
    ) -> Result<(Step, Scope<'a>), Refusal> {
        let mut all: Option<(Step, Scope<'a>)> = None;
        for table in tables {
            let next = self.joined(table, around)?;
            all = Some(match all {
                None => next,
                Some((left, mut scope)) => {
                    let (right, more) = next;
                    join_scopes(&mut scope, more)?;
                    (cross(left, right), scope)
                }
            });
        }
        Ok(all.unwrap_or_else(|| (Step::Rows { columns: Vec::new(), rows: vec![Vec::new()] }, Scope::inside(around))))
    }

    fn joined<'a>(
        &mut self,
        table: &TableWithJoins,
        around: Option<&'a Scope<'a>>,
    ) -> Result<(Step, Scope<'a>), Refusal> {
        let (mut step, mut scope) = self.factor(&table.relation, around)?;
        for join in &table.joins {
            let (right, more) = self.factor(&join.relation, around)?;
            step = self.join(step, right, &mut scope, more, join)?;
        }
        Ok((step, scope))
    }

    fn factor<'a>(
        &mut self,
        factor: &TableFactor,
        around: Option<&'a Scope<'a>>,
    ) -> Result<(Step, Scope<'a>), Refusal> {
        let one = |step, relation| (step, Scope { relations: vec![relation], ..Scope::inside(around) });
        match factor {
            TableFactor::Table {
                name,
                alias,
                args: None,
                with_hints,
                version: None,
                with_ordinality: false,
                partitions,
                json_path: None,
                sample: None,
                index_hints,
            } if with_hints.is_empty() && partitions.is_empty() && index_hints.is_empty() => {
                let (database, table) = parts(name)?;
                if database.is_some() {
                    return Err(Refusal::at(
                        name,
                        format!("there is no table {name}: the rows are in the table sessions"),
                    ));
                }
                let (step, mut relation) = self.table(table)?;
                aliased(&mut relation, alias.as_ref())?;
                Ok(one(step, relation))
            }
            TableFactor::Derived { lateral: false, subquery, alias, sample: None } => {
                let planned = self.query(subquery, None, false)?;
                let mut relation = Relation { columns: planned.columns, ..Relation::default() };
                aliased(&mut relation, alias.as_ref())?;
                Ok(one(planned.step, relation))
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                let (step, scope) = self.joined(table_with_joins, around)?;
                match alias {
                    None => Ok((step, scope)),
                    Some(_) => {
                        let columns = scope.relations.into_iter().flat_map(|relation| relation.columns).collect();
                        let mut relation = Relation { columns, ..Relation::default() };
                        aliased(&mut relation, alias.as_ref())?;
                        Ok(one(step, relation))
                    }
                }
            }
            TableFactor::Derived { lateral: true, .. } => {
                Err(Refusal::at(factor, "LATERAL can't be used here: name the subquery in WITH, and JOIN it"))
            }
            TableFactor::Table { .. }
            | TableFactor::Derived { .. }
            | TableFactor::TableFunction { .. }
            | TableFactor::Function { .. }
            | TableFactor::UNNEST { .. }
            | TableFactor::JsonTable { .. }
            | TableFactor::OpenJsonTable { .. }
            | TableFactor::Pivot { .. }
            | TableFactor::Unpivot { .. }
            | TableFactor::MatchRecognize { .. }
            | TableFactor::XmlTable { .. }
            | TableFactor::SemanticView { .. } => {
                let sentence = format!("{factor} can't be read from: the rows are in the table sessions");
                Err(Refusal::at(factor, sentence))
            }
        }
    }

    /// A table by its name: one of WITH, or one of the data.
    pub fn table(&mut self, name: &Ident) -> Result<(Step, Relation), Refusal> {
        self.scanned()?;
        let wanted = name_of(name).into_owned();
        if let Some(cte) = self.ctes.iter().rev().find(|cte| same_name(&cte.name, &wanted)).cloned() {
            let columns: Vec<Named> = cte.columns.iter().map(|old| self.named(old.name.clone(), old.ty)).collect();
            let numbers = cte.columns.iter().zip(&columns).map(|(old, new)| (old.id, new.id)).collect();
            let step = Step::Named { of: cte.step, key: cte.key, columns: numbers };
            return Ok((step, Relation { name: Some(cte.name), columns, ..Relation::default() }));
        }
        let tables = self.tables;
        let Some(place) = tables.iter().position(|table| same_name(&table.name, &wanted)) else {
            let mut known: Vec<&str> = self.ctes.iter().map(|cte| cte.name.as_str()).collect();
            known.dedup();
            let with = if known.is_empty() { String::new() } else { format!(", and WITH names {}", known.join(", ")) };
            return Err(Refusal::at_name(
                name,
                format!("there is no table {wanted}: the rows are in the table sessions{with}"),
            ));
        };
        let table = &tables[place];
        let mut columns = Vec::with_capacity(table.columns.len());
        let mut numbers = Vec::with_capacity(table.columns.len());
        for (i, (name, ty)) in table.columns.iter().enumerate() {
            if let Some(ty) = ty {
                let column = self.named(name.clone(), *ty);
                numbers.push((i, column.id));
                columns.push(column);
            }
        }
        let unusable = table.columns.iter().filter(|(_, ty)| ty.is_none()).map(|(name, _)| name.clone()).collect();
        let relation = Relation { name: Some(table.name.clone()), columns, unusable };
        Ok((Step::Scan { table: place, columns: numbers }, relation))
    }

    fn join<'a>(
        &mut self,
        left: Step,
        right: Step,
        scope: &mut Scope<'a>,
        more: Scope<'a>,
        join: &Join,
    ) -> Result<Step, Refusal> {
        use JoinOperator as J;
        let refused = |what: &str, instead: &str| Err(Refusal::new(format!("{what} can't be used here: {instead}")));
        let (side, constraint) = match &join.join_operator {
            J::Join(constraint) | J::Inner(constraint) => (Side::Inner, constraint),
            J::Left(constraint) | J::LeftOuter(constraint) => (Side::Left, constraint),
            J::Right(constraint) | J::RightOuter(constraint) => (Side::Right, constraint),
            J::FullOuter(constraint) => (Side::Full, constraint),
            J::Semi(constraint) | J::LeftSemi(constraint) => (Side::Semi, constraint),
            J::Anti(constraint) | J::LeftAnti(constraint) => (Side::Anti, constraint),
            J::CrossJoin(JoinConstraint::None) => {
                join_scopes(scope, more)?;
                return Ok(cross(left, right));
            }
            J::CrossJoin(_) => return refused("ON behind CROSS JOIN", "write JOIN ... ON"),
            J::RightSemi(_) | J::RightAnti(_) => return refused("a right SEMI or ANTI JOIN", "turn the sides around"),
            J::CrossApply | J::OuterApply => return refused("APPLY", "name the subquery in WITH, and JOIN it"),
            J::AsOf { .. } => return refused("ASOF JOIN", "join, and take the last row with ROW_NUMBER"),
            J::StraightJoin(_) => return refused("STRAIGHT_JOIN", "write JOIN"),
            J::ArrayJoin | J::LeftArrayJoin | J::InnerArrayJoin => return refused("ARRAY JOIN", "there are no arrays"),
        };
        if join.global {
            return refused("GLOBAL JOIN", "write JOIN");
        }
        let mut both = scope.clone();
        join_scopes(&mut both, more.clone())?;
        let mut on = Vec::new();
        let mut rest = None;
        let mut merged = both.merged.clone();
        match constraint {
            JoinConstraint::On(condition) => {
                let lookups = self.lookups.len();
                let condition = to_bool(self.expr(condition, &Place::plain(&both, "ON"))?)?;
                if self.lookups.len() > lookups {
                    return refused("a subquery that depends on the joined rows", "put it in WHERE");
                }
                let has_query = |expr: &Expr| {
                    expr.any(&|part| matches!(part.kind, Kind::In(..) | Kind::Exists(_) | Kind::Outer(_)))
                };
                let (of_left, of_right) = (columns(&left), columns(&right));
                let mut others = Vec::new();
                for part in conjuncts(condition) {
                    match equal_sides(&part, &of_left, &of_right).filter(|_| !has_query(&part)) {
                        Some(sides) => on.push(sides),
                        None => others.push(part),
                    }
                }
                rest = others.into_iter().reduce(and);
            }
            JoinConstraint::Using(names) => {
                for name in names {
                    let (_, name) = parts(name)?;
                    self.merge(name, scope, &more, side, &mut on, &mut merged)?;
                }
            }
            JoinConstraint::Natural => {
                let is_shared = |name: &str| more.columns().any(|other| same_name(&other.name, name));
                let names: Vec<String> = scope.columns().map(|column| column.name.clone()).collect();
                for name in names.iter().filter(|name| is_shared(name)) {
                    let name = Ident::with_quote('"', name.replace('"', "\"\""));
                    self.merge(&name, scope, &more, side, &mut on, &mut merged)?;
                }
                if on.is_empty() {
                    return Err(Refusal::at(
                        &join.relation,
                        "NATURAL JOIN needs a column of one name on both sides: write ON",
                    ));
                }
            }
            JoinConstraint::None => {
                return Err(Refusal::at(
                    &join.relation,
                    "a JOIN needs ON or USING: write CROSS JOIN for all pairs of rows",
                ));
            }
        }
        if !matches!(side, Side::Semi | Side::Anti) {
            *scope = both;
            scope.merged = merged;
        }
        Ok(narrowed(Step::Join { left: Box::new(left), right: Box::new(right), side, on, and: rest }))
    }

    /// Makes one column of two with the same name.
    fn merge(
        &mut self,
        name: &Ident,
        left: &Scope,
        right: &Scope,
        side: Side,
        on: &mut Vec<(Expr, Expr)>,
        merged: &mut Vec<Merged>,
    ) -> Result<(), Refusal> {
        let find = |scope: &Scope| {
            let alone = Scope { around: None, ..scope.clone() };
            alone.find(None, name)?.ok_or_else(|| alone.unknown(None, name))
        };
        let (a, b) = (find(left)?, find(right)?);
        let (left_key, right_key) = comparable(a.clone(), b.clone())?;
        let ty = left_key.ty;
        on.push((left_key, right_key));
        let one = match side {
            Side::Inner | Side::Left | Side::Semi | Side::Anti => a.clone(),
            Side::Right => b.clone(),
            Side::Full => Expr::call(&COALESCE, vec![a.clone().cast(ty), b.clone().cast(ty)], ty),
        };
        let mut ids: Vec<Id> = [&left.merged, &right.merged]
            .into_iter()
            .flatten()
            .filter(|known| same_name(&known.name, &name_of(name)))
            .flat_map(|known| known.ids.clone())
            .collect();
        for side in [&a, &b] {
            ids.extend(if let Kind::Column(id) = side.kind { Some(id) } else { None });
        }
        merged.retain(|known| !same_name(&known.name, &name_of(name)));
        merged.push(Merged { name: name_of(name).into_owned(), expr: one, ids });
        Ok(())
    }
}

fn cross(left: Step, right: Step) -> Step {
    Step::Join { left: Box::new(left), right: Box::new(right), side: Side::Inner, on: Vec::new(), and: None }
}

fn join_scopes<'a>(scope: &mut Scope<'a>, more: Scope<'a>) -> Result<(), Refusal> {
    for relation in &more.relations {
        if let Some(name) = &relation.name
            && scope.relations.iter().any(|known| known.is_called(name))
        {
            return Err(Refusal::new(format!("two tables of FROM are called {name}: give one another name with AS")));
        }
    }
    scope.relations.extend(more.relations);
    scope.merged.extend(more.merged);
    Ok(())
}

fn aliased(relation: &mut Relation, alias: Option<&TableAlias>) -> Result<(), Refusal> {
    let Some(alias) = alias else { return Ok(()) };
    if alias.at.is_some() {
        return Err(Refusal::at_name(&alias.name, "AT can't be used here: leave it out"));
    }
    relation.name = Some(name_of(&alias.name).into_owned());
    rename(&mut relation.columns, alias)
}
