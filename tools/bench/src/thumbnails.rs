//! Benchmark of the thumbnail engine against sharp, on the same files, in alternating rounds.

pub(crate) mod compare;
pub(crate) mod cpu_affinity;
mod float_image;
pub(crate) mod heic;
pub(crate) mod inputs;
pub(crate) mod ours;
mod participant;
mod protocol;
mod quality;
mod rounds;
mod sharp;
mod synthetic;
pub(crate) mod task;
