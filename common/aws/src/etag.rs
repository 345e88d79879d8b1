//! `ETag`s of S3.

/// Removes HTTP's quotes from an `ETag`. The `ETag` of an object that was written in one piece, as
/// variants are, changes with every byte. How S3 computes it depends on the bucket's encryption.
pub(crate) fn bare(etag: &str) -> String {
    etag.trim_matches('"').to_owned()
}
