//! A table as a page and a terminal show it.

use std::fmt;

use crate::page;
use crate::table::unit::Unit;
use crate::table::{Column, Table};

impl Table {
    /// The table as HTML: numbers to the right, text escaped, at most forty rows unless it was asked for more.
    pub fn to_html(&self) -> String {
        let rows = self.shown_rows();
        let side = |column: &Column| if column.values().is_number() { "right" } else { "left" };
        let mut html = String::from("<table>\n<thead><tr>");
        let mut cells = Vec::new();
        for column in self.columns() {
            let (header, shown) = column.shown(rows);
            html += &format!("<th style=\"text-align: {}\">{}</th>", side(column), page::escape(&cut(&header)));
            cells.push((column, shown, column.bars(rows)));
        }
        html += "</tr></thead>\n<tbody>\n";
        for row in 0..rows {
            html += "<tr>";
            for (column, cells, bars) in &cells {
                let bar = bars[row].map_or(String::new(), |part| {
                    let part = part * 100.0;
                    format!("; background: linear-gradient(to right, #7fb2dd88 {part:.1}%, transparent {part:.1}%)")
                });
                html += &format!(
                    "<td style=\"text-align: {}{bar}\">{}</td>",
                    side(column),
                    page::escape(&cut(&cells[row]))
                );
            }
            html += "</tr>\n";
        }
        html += "</tbody>\n</table>";
        if let Some(rest) = self.left_out() {
            html += &format!("\n<p>{rest}</p>");
        }
        html
    }

    fn left_out(&self) -> Option<String> {
        let rest = self.rows().checked_sub(self.shown_rows()).filter(|&rest| rest > 0);
        let rest = rest.map(|rest| format!("… and {} more rows", Unit::Count.format(rest as f64)));
        let said: Vec<String> = rest.into_iter().chain(self.note().map(str::to_owned)).collect();
        (!said.is_empty()).then(|| said.join("; "))
    }

    /// Shows the table as a cell's output.
    pub fn evcxr_display(&self) {
        page::bundle(&[("text/html", &self.to_html()), ("text/plain", &self.to_string())]);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.shown_rows();
        let cells: Vec<Vec<String>> = self
            .columns()
            .iter()
            .map(|column| {
                let (header, cells) = column.shown(shown);
                std::iter::once(header).chain(cells).map(|cell| one_line(&cell)).collect()
            })
            .collect();
        let widths: Vec<usize> =
            cells.iter().map(|column| column.iter().map(|c| c.chars().count()).max().unwrap_or(0)).collect();
        for line in 0..=shown {
            let mut text = String::new();
            for ((column, cells), &width) in self.columns().iter().zip(&cells).zip(&widths) {
                if !text.is_empty() {
                    text += "  ";
                }
                let cell = &cells[line];
                text +=
                    &if column.values().is_number() { format!("{cell:>width$}") } else { format!("{cell:<width$}") };
            }
            if line > 0 {
                f.write_str("\n")?;
            }
            f.write_str(text.trim_end())?;
        }
        self.left_out().map_or(Ok(()), |rest| write!(f, "\n{rest}"))
    }
}

/// Text from data on one line of a plain table, without control characters that a terminal would obey.
fn one_line(text: &str) -> String {
    cut(text).chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A cell as it is shown: no longer than a reader reads in a table.
fn cut(text: &str) -> String {
    const LONGEST: usize = 300;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
