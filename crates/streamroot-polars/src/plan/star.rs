//! `*`: all columns of a table, or of all tables.

use sqlparser::ast::{ExcludeSelectItem, Ident, RenameSelectItem, SelectItem, WildcardAdditionalOptions};

use super::planner::{Place, Planner};
use super::scope::{name_of, parts, same_name};
use super::tree::Expr;
use crate::refusal::Refusal;

impl Planner<'_> {
    /// All columns of a table, or of all tables.
    pub fn star(
        &mut self,
        table: Option<&Ident>,
        options: &WildcardAdditionalOptions,
        item: &SelectItem,
        at: &Place,
    ) -> Result<Vec<(String, Expr)>, Refusal> {
        let WildcardAdditionalOptions {
            wildcard_token: _,
            opt_ilike,
            opt_exclude,
            opt_except,
            opt_replace,
            opt_rename,
            opt_alias,
        } = options;
        if opt_ilike.is_some() || opt_alias.is_some() {
            return Err(Refusal::at(item, "* can only have EXCLUDE, REPLACE and RENAME behind it here"));
        }
        let excluded = match opt_exclude {
            None => &[][..],
            Some(ExcludeSelectItem::Single(one)) => std::slice::from_ref(one),
            Some(ExcludeSelectItem::Multiple(several)) => several,
        };
        let excluded = excluded.iter().map(|name| Ok(parts(name)?.1));
        let mut left_out = excluded.collect::<Result<Vec<&Ident>, Refusal>>()?;
        if let Some(except) = opt_except {
            left_out.push(&except.first_element);
            left_out.extend(&except.additional_elements);
        }
        let scope = at.scope;
        let mut columns: Vec<(String, Expr)> = Vec::new();
        let mut shown: Vec<&str> = Vec::new();
        let mut known = false;
        for relation in &scope.relations {
            if !table.is_none_or(|table| relation.is_called(&name_of(table))) {
                continue;
            }
            known = true;
            for column in &relation.columns {
                let merged = scope.merged.iter().find(|merged| table.is_none() && merged.ids.contains(&column.id));
                if let Some(merged) = merged {
                    if !shown.contains(&merged.name.as_str()) {
                        shown.push(&merged.name);
                        columns.push((column.name.clone(), merged.expr.clone()));
                    }
                    continue;
                }
                columns.push((column.name.clone(), column.expr()));
            }
        }
        if let (Some(table), false) = (table, known) {
            return Err(scope.unknown(Some(table), &Ident::new("*")));
        }
        for name in left_out {
            let wanted = name_of(name);
            let all = columns.len();
            columns.retain(|(column, _)| !same_name(column, &wanted));
            if columns.len() == all {
                return Err(scope.unknown(None, name));
            }
        }
        let place = |columns: &[(String, Expr)], name: &Ident| {
            let place = columns.iter().position(|(column, _)| same_name(column, &name_of(name)));
            place.ok_or_else(|| scope.unknown(None, name))
        };
        for element in opt_replace.iter().flat_map(|replace| &replace.items) {
            let expr = self.expr(&element.expr, at)?;
            let place = place(&columns, &element.column_name)?;
            columns[place].1 = expr;
        }
        let renamed = match opt_rename {
            None => &[][..],
            Some(RenameSelectItem::Single(one)) => std::slice::from_ref(one),
            Some(RenameSelectItem::Multiple(several)) => several,
        };
        for rename in renamed {
            let place = place(&columns, &rename.ident)?;
            columns[place].0 = name_of(&rename.alias).into_owned();
        }
        if columns.is_empty() {
            return Err(Refusal::at(item, "* stands for no column in this place: there is no table in FROM"));
        }
        Ok(columns)
    }
}
