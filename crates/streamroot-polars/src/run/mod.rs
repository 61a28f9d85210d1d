//! Answers what has been planned, with polars' frames and expressions.

pub mod aggregates;
pub mod casts;
pub mod expressions;
pub mod joins;
pub mod numbers;
pub mod patterns;
pub mod rows;
pub mod steps;
pub mod strptime;
pub mod text;
pub mod times;
pub mod used;
pub mod windows;
