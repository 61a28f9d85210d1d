//! Names: which column of which table a name in a query stands for. Upper and lower case do not matter, unless two names
//! differ in nothing else.

use std::borrow::Cow;
use std::sync::Arc;

use sqlparser::ast::{Ident, ObjectName, ObjectNamePart, TableAlias};

use super::tree::{Expr, Id, Kind, Step};
use super::types::Type;
use crate::refusal::Refusal;

/// A column that can be named.
#[derive(Clone, Debug)]
pub struct Named {
    pub name: String,
    pub id: Id,
    pub ty: Type,
}

impl Named {
    pub fn expr(&self) -> Expr {
        Expr::column(self.id, self.ty)
    }
}

/// A table that stands in FROM.
#[derive(Clone, Debug, Default)]
pub struct Relation {
    pub name: Option<String>,
    pub columns: Vec<Named>,
    /// The names of columns of types that queries know nothing of.
    pub unusable: Vec<String>,
}

impl Relation {
    pub fn is_called(&self, name: &str) -> bool {
        self.name.as_ref().is_some_and(|known| same_name(known, name))
    }
}

/// A table that is named in WITH.
#[derive(Clone, Debug)]
pub struct Cte {
    pub name: String,
    pub step: Arc<Step>,
    pub columns: Vec<Named>,
    pub key: usize,
}

/// A column that USING has made one of several: its name, what stands for it, and which they are.
#[derive(Clone)]
pub struct Merged {
    pub name: String,
    pub expr: Expr,
    pub ids: Vec<Id>,
}

/// What names stand for at some place of a query.
#[derive(Clone, Default)]
pub struct Scope<'a> {
    pub relations: Vec<Relation>,
    /// Columns that USING has made one of two.
    pub merged: Vec<Merged>,
    /// The query around a subquery.
    pub around: Option<&'a Scope<'a>>,
}

/// The name that an identifier stands for, without the quotes around it and with single ones in it.
pub fn name_of(ident: &Ident) -> Cow<'_, str> {
    match ident.quote_style {
        Some(quote) if ident.value.contains(quote) => {
            Cow::Owned(ident.value.replace(&String::from_iter([quote; 2]), &String::from(quote)))
        }
        _ => Cow::Borrowed(&ident.value),
    }
}

/// Whether two names are one, if there is none that is equal in upper and lower case, too.
pub fn same_name(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase()
}

/// The name among others that one was probably meant to be.
pub fn nearest<'a>(name: &str, others: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |other: &str| strsim::osa_distance(&name.to_lowercase(), &other.to_lowercase());
    let most = if name.chars().count() < 5 { 1 } else { 2 };
    others.map(|other| (distance(other), other)).filter(|(far, _)| *far <= most).min().map(|(_, other)| other)
}

/// The last part of a name, and the one before it.
pub fn parts(name: &ObjectName) -> Result<(Option<&Ident>, &Ident), Refusal> {
    let mut idents = Vec::with_capacity(name.0.len());
    for part in &name.0 {
        match part {
            ObjectNamePart::Identifier(ident) => idents.push(ident),
            ObjectNamePart::Function(_) => return Err(Refusal::new(format!("{name} can't be used as a name"))),
        }
    }
    match idents.as_slice() {
        [name] => Ok((None, name)),
        [table, name] => Ok((Some(table), name)),
        _ => Err(Refusal::at(name, format!("{name} names more than a table and a column of it"))),
    }
}

impl<'a> Scope<'a> {
    pub fn inside(around: Option<&'a Scope<'a>>) -> Scope<'a> {
        Scope { relations: Vec::new(), merged: Vec::new(), around }
    }

    pub fn columns(&self) -> impl Iterator<Item = &Named> {
        self.relations.iter().flat_map(|relation| &relation.columns)
    }

    /// The column that a name stands for, here or in the queries around.
    pub fn find(&self, table: Option<&Ident>, name: &Ident) -> Result<Option<Expr>, Refusal> {
        if let Some(found) = self.find_here(table, name)? {
            return Ok(Some(found));
        }
        let Some(around) = self.around else { return Ok(None) };
        match around.find(table, name)? {
            Some(Expr { kind: Kind::Column(id), ty, place }) => Ok(Some(Expr { kind: Kind::Outer(id), ty, place })),
            Some(_) => Err(Refusal::at_name(name, format!("{} is too far outside of this subquery", name_of(name)))),
            None => Ok(None),
        }
    }

    fn find_here(&self, table: Option<&Ident>, name: &Ident) -> Result<Option<Expr>, Refusal> {
        let wanted = name_of(name);
        let place = Some(name.span.start).filter(|place| place.line > 0);
        if table.is_none()
            && let Some(merged) = self.merged.iter().find(|merged| same_name(&merged.name, &wanted))
        {
            return Ok(Some(merged.expr.clone().at(place)));
        }
        let mut found: Vec<(&Relation, &Named)> = Vec::new();
        for relation in &self.relations {
            if table.is_none_or(|table| relation.is_called(&name_of(table))) {
                let columns = relation.columns.iter().filter(|column| same_name(&column.name, &wanted));
                found.extend(columns.map(|column| (relation, column)));
            }
        }
        if found.len() > 1 && found.iter().any(|(_, column)| column.name == wanted) {
            found.retain(|(_, column)| column.name == wanted);
        }
        match found.as_slice() {
            [] => Ok(None),
            [(_, column)] => Ok(Some(column.expr().at(place))),
            several => {
                let tables: Vec<&str> =
                    several.iter().map(|(relation, _)| relation.name.as_deref().unwrap_or("?")).collect();
                Err(Refusal::at_name(
                    name,
                    format!(
                        "{wanted} is the name of several columns (of {}): write which one, as in {}.{wanted}",
                        tables.join(", "),
                        tables[0]
                    ),
                ))
            }
        }
    }

    /// The sentence about a name that stands for nothing.
    pub fn unknown(&self, table: Option<&Ident>, name: &Ident) -> Refusal {
        let wanted = name_of(name);
        if let Some(table) = table
            && !self.relations.iter().any(|relation| relation.is_called(&name_of(table)))
        {
            let tables: Vec<&str> = self.relations.iter().filter_map(|relation| relation.name.as_deref()).collect();
            let tables = if tables.is_empty() { "none".to_owned() } else { tables.join(", ") };
            return Refusal::at_name(
                table,
                format!("there is no table {} in this place: the tables are {tables}", name_of(table)),
            );
        }
        if self.relations.iter().flat_map(|relation| &relation.unusable).any(|column| same_name(column, &wanted)) {
            return Refusal::at_name(
                name,
                format!(
                    "column {wanted} holds values that queries can't use (lists, structs, bytes, durations and times of day): \
                     convert it to numbers or text when the file is written"
                ),
            );
        }
        let mut columns: Vec<&str> = Vec::new();
        for relation in &self.relations {
            if table.is_none_or(|table| relation.is_called(&name_of(table))) {
                for column in &relation.columns {
                    if !columns.contains(&column.name.as_str()) {
                        columns.push(&column.name);
                    }
                }
            }
        }
        let meant = nearest(&wanted, columns.iter().copied()).map_or(String::new(), |name| format!(" (is it {name}?)"));
        const MOST: usize = 40;
        let more = if columns.len() > MOST { format!(" and {} more", columns.len() - MOST) } else { String::new() };
        columns.truncate(MOST);
        let listed = match columns.as_slice() {
            [] => "there are none in this place".to_owned(),
            columns => format!("the columns are {}{more}", columns.join(", ")),
        };
        let quoted = if name.quote_style == Some('"') { ", and text is written in single quotes" } else { "" };
        Refusal::at_name(name, format!("there is no column {wanted}{meant}: {listed}{quoted}"))
    }
}

/// Gives columns the names that stand behind AS.
pub fn rename(columns: &mut [Named], alias: &TableAlias) -> Result<(), Refusal> {
    if alias.columns.len() > columns.len() {
        return Err(Refusal::at_name(
            &alias.name,
            format!("{} names {} columns, and has {}", alias.name, alias.columns.len(), columns.len()),
        ));
    }
    for (column, new) in columns.iter_mut().zip(&alias.columns) {
        if new.data_type.is_some() {
            return Err(Refusal::at_name(&new.name, "a type can't stand here: CAST the column instead"));
        }
        column.name = name_of(&new.name).into_owned();
    }
    for (i, column) in columns.iter().enumerate() {
        if !alias.columns.is_empty() && columns[..i].iter().any(|other| same_name(&other.name, &column.name)) {
            return Err(Refusal::at_name(&alias.name, format!("{} has two columns {}", alias.name, column.name)));
        }
    }
    Ok(())
}
