//! The attacks of a hostile signed-in user, grouped by target.

mod api_images;
mod api_tokens;
mod api_tricks;
mod buckets;
mod ceilings;
mod foreign_keys;
mod identity_pool;
mod messages;
mod multipart;
mod objects;
mod records_forged;
mod records_read;
mod records_written;
mod roles;
mod services;
mod tables;
mod usage;
mod workers;

use crate::attack::Group;

/// Returns all groups, in the order of the run.
pub(crate) fn all() -> Vec<Group> {
    vec![
        Group {
            title: "objects",
            attacks: objects::attacks(),
        },
        Group {
            title: "multipart uploads",
            attacks: multipart::attacks(),
        },
        Group {
            title: "what one's own originals may be",
            attacks: ceilings::attacks(),
        },
        Group {
            title: "keys",
            attacks: foreign_keys::attacks(),
        },
        Group {
            title: "the bucket",
            attacks: buckets::attacks(),
        },
        Group {
            title: "reading records",
            attacks: records_read::attacks(),
        },
        Group {
            title: "writing records",
            attacks: records_written::attacks(),
        },
        Group {
            title: "forging results",
            attacks: records_forged::attacks(),
        },
        Group {
            title: "usage and quota",
            attacks: usage::attacks(),
        },
        Group {
            title: "the table",
            attacks: tables::attacks(),
        },
        Group {
            title: "queues",
            attacks: messages::attacks(),
        },
        Group {
            title: "functions",
            attacks: workers::attacks(),
        },
        Group {
            title: "roles",
            attacks: roles::attacks(),
        },
        Group {
            title: "other services",
            attacks: services::attacks(),
        },
        Group {
            title: "the identity pool",
            attacks: identity_pool::attacks(),
        },
        Group {
            title: "tokens at the API",
            attacks: api_tokens::attacks(),
        },
        Group {
            title: "images at the API",
            attacks: api_images::attacks(),
        },
        Group {
            title: "tricks at the API",
            attacks: api_tricks::attacks(),
        },
    ]
}

#[cfg(test)]
mod tests;
