//! Inputs that make a child misbehave on purpose, so that the harness itself can be tested.

use std::hint::black_box;

use clap::ValueEnum;

/// What to do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Fault {
    /// Die by a signal, as C code does.
    Abort,
    /// Never come back, asleep.
    Sleep,
    /// Never come back, at work.
    Spin,
    /// Hold more memory than is allowed, and come back.
    Allocate,
    /// As a decoder in Rust does.
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
    /// What asks for it.
    pub(crate) fn input(self) -> Vec<u8> {
        let known = ALL.iter().find(|(fault, _)| *fault == self);
        known.map_or_else(Vec::new, |(_, input)| input.to_vec())
    }

    /// What an input asks for.
    pub(crate) fn asked_by(input: &[u8]) -> Option<Self> {
        let known = ALL.iter().find(|(_, asks)| *asks == input);
        known.map(|(fault, _)| *fault)
    }

    /// Does it.
    #[expect(clippy::panic, reason = "that is what is asked for")]
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
            Self::Panic => panic!("as asked"),
        }
    }
}
