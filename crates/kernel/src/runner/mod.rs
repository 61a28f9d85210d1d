//! What runs the cells, outside of the server: the process that holds the variables, and the one that watches over it.

pub mod link;
pub mod literals;
pub mod marks;
pub mod memory;
pub mod processes;
pub mod runtime;
pub mod supervisor;
mod terminal;
