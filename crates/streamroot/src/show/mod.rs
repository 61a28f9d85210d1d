//! How values reach the page: tables as HTML, figures as PNG and SVG, and all of them as text.

mod figure;
mod table;
