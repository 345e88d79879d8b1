//! S3's name for an object's bytes.

/// Without the quotes that HTTP puts around it. Of an object that was written in one piece, as variants are, it changes
/// with every byte; what it is made of depends on the bucket's encryption and is nobody's business here.
pub(crate) fn bare(etag: &str) -> String {
    etag.trim_matches('"').to_owned()
}
