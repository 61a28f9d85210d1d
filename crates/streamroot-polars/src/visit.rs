//! Walks over syntax trees, with every visitor behind one type.
//!
//! sqlparser's walk is generic in the visitor: each type of visitor has it compiled again for all of SQL's syntax. With one
//! type for all that only look, and one for all that change, this crate compiles in less than half the time. Why a visitor broke
//! off, it keeps.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, ObjectName, Query, Select, Statement, TableFactor, ValueWithSpan, Visit, VisitMut, Visitor, VisitorMut,
};

/// Walks over a part of a query, until the visitor breaks off.
pub fn visit(part: &impl Visit, visitor: &mut dyn Visitor<Break = ()>) -> ControlFlow<()> {
    part.visit(&mut Any(visitor))
}

/// Walks over a part of a query that the visitor may change, until it breaks off.
pub fn visit_mut(part: &mut impl VisitMut, visitor: &mut dyn VisitorMut<Break = ()>) -> ControlFlow<()> {
    part.visit(&mut AnyMut(visitor))
}

struct Any<'a>(&'a mut dyn Visitor<Break = ()>);

struct AnyMut<'a>(&'a mut dyn VisitorMut<Break = ()>);

/// Passes on whatever a visitor is told. Both kinds of visitors are told the same.
macro_rules! pass_on {
    ($visitor:ident for $any:ty: $($before:ident, $after:ident($part:ty);)+) => {
        impl $visitor for $any {
            type Break = ();

            $(
                fn $before(&mut self, part: $part) -> ControlFlow<()> {
                    self.0.$before(part)
                }

                fn $after(&mut self, part: $part) -> ControlFlow<()> {
                    self.0.$after(part)
                }
            )+
        }
    };
}

pass_on! { Visitor for Any<'_>:
    pre_visit_query, post_visit_query(&Query);
    pre_visit_select, post_visit_select(&Select);
    pre_visit_relation, post_visit_relation(&ObjectName);
    pre_visit_table_factor, post_visit_table_factor(&TableFactor);
    pre_visit_expr, post_visit_expr(&Expr);
    pre_visit_statement, post_visit_statement(&Statement);
    pre_visit_value, post_visit_value(&ValueWithSpan);
}

pass_on! { VisitorMut for AnyMut<'_>:
    pre_visit_query, post_visit_query(&mut Query);
    pre_visit_select, post_visit_select(&mut Select);
    pre_visit_relation, post_visit_relation(&mut ObjectName);
    pre_visit_table_factor, post_visit_table_factor(&mut TableFactor);
    pre_visit_expr, post_visit_expr(&mut Expr);
    pre_visit_statement, post_visit_statement(&mut Statement);
    pre_visit_value, post_visit_value(&mut ValueWithSpan);
}
