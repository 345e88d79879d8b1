//! Tests only; see `tests/pipeline`.
