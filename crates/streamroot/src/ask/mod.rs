//! What a cell asks of its sessions.

pub(crate) mod columns;
mod compare;
pub(crate) mod connect;
mod cube;
mod distribution;
mod measures;
mod offload;
pub(crate) mod published;
pub(crate) mod sessions;
mod time;
