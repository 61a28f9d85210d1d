//! What SELECT can say to other engines only.

use sqlparser::ast::{Distinct, Select};

use crate::refusal::Refusal;

/// Refuses what only other engines have.
pub fn refuse_others(select: &Select) -> Result<(), Refusal> {
    let Select {
        select_token: _,
        optimizer_hints: _,
        distinct,
        select_modifiers,
        top,
        top_before_distinct: _,
        projection: _,
        exclude,
        into,
        from: _,
        lateral_views,
        prewhere,
        selection: _,
        connect_by,
        group_by: _,
        cluster_by,
        distribute_by,
        sort_by,
        having: _,
        named_window: _,
        qualify: _,
        window_before_qualify: _,
        value_table_mode,
        flavor: _,
    } = select;
    let refused = [
        (select_modifiers.is_some(), "this word behind SELECT", "leave it out"),
        (top.is_some(), "TOP", "write LIMIT n at the end"),
        (exclude.is_some(), "EXCLUDE behind what is selected", "write it behind *"),
        (into.is_some(), "INTO", "save an answer with COPY (SELECT ...) TO 'file.parquet' (FORMAT PARQUET)"),
        (!lateral_views.is_empty(), "LATERAL VIEW", "there are no lists"),
        (prewhere.is_some(), "PREWHERE", "write WHERE"),
        (!connect_by.is_empty(), "CONNECT BY", "there is no recursion"),
        (!cluster_by.is_empty(), "CLUSTER BY", "write ORDER BY"),
        (!distribute_by.is_empty(), "DISTRIBUTE BY", "leave it out"),
        (!sort_by.is_empty(), "SORT BY", "write ORDER BY"),
        (value_table_mode.is_some(), "AS STRUCT and AS VALUE", "name the columns"),
        (
            matches!(distinct, Some(Distinct::On(_))),
            "DISTINCT ON",
            "number the rows with ROW_NUMBER() OVER (PARTITION BY ... ORDER BY ...), and take the first",
        ),
    ];
    match refused.iter().find(|(is_there, ..)| *is_there) {
        None => Ok(()),
        Some((_, what, instead)) => Err(Refusal::at(select, format!("{what} can't be used here: {instead}"))),
    }
}
