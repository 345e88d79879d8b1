//! Inputs that make a child misbehave on purpose, to test the harness itself.

use std::hint::black_box;

use clap::ValueEnum;

/// Kinds of misbehaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Fault {
    /// Ends by a signal, as C code can.
    Abort,
    /// Never returns, asleep.
    Sleep,
    /// Never returns, busy.
    Spin,
    /// Exceeds the memory limit, and returns.
    Allocate,
    /// Panics, as a decoder in Rust can.
    Panic,
}

const ALL: [(Fault, &[u8]); 5] = [
    (Fault::Abort, b"fault: abort"),
    (Fault::Sleep, b"fault: sleep"),
    (Fault::Spin, b"fault: spin"),
    (Fault::Allocate, b"fault: allocate"),
    (Fault::Panic, b"fault: panic"),
];

impl Fault {
    /// Returns the input that requests the fault.
    pub(crate) fn input(self) -> Vec<u8> {
        let known = ALL.iter().find(|(fault, _)| *fault == self);
        known.map_or_else(Vec::new, |(_, input)| input.to_vec())
    }

    /// Returns the fault that an input requests.
    pub(crate) fn asked_by(input: &[u8]) -> Option<Self> {
        let known = ALL.iter().find(|(_, asks)| *asks == input);
        known.map(|(fault, _)| *fault)
    }

    /// Commits the fault.
    #[expect(clippy::panic, reason = "the panic is requested")]
    pub(crate) fn commit(self) {
        match self {
            Self::Abort => std::process::abort(),
            Self::Sleep => loop {
                std::thread::park();
            },
            Self::Spin => loop {
                std::hint::spin_loop();
            },
            Self::Allocate => drop(black_box(vec![1_u8; 400 << 20])),
            Self::Panic => panic!("requested panic"),
        }
    }
}
