//! The invariant: *in the end, an original in the bucket has exactly one record, `ready` with all
//! its variants or `failed` with a reason; a deleted original has neither record nor variants.*
//! Every object is checked, with permissions that no function has.

use std::collections::{BTreeMap, BTreeSet};

use common::sha256_sum::Sha256Sum;
use engine::{KeepLocation, Limits, Recipe, VariantSpec};
use local::stack::Stack;

use crate::{
    stored_state::{Id, Item, StoredState, text},
    uploaders::Upload,
    usage,
};

/// Maximum number of complaints.
const MAX_COMPLAINTS: usize = 20;

/// The findings of a check.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) ready: u64,
    /// Failed by a fault of the image.
    pub(crate) failed: u64,
    /// Failed after too many attempts, for an unknown reason.
    pub(crate) given_up: u64,
    pub(crate) deleted: u64,
    /// Records of uploads that never arrived. They expire.
    pub(crate) abandoned: u64,
    /// Accepted uploads without an original or without a record.
    pub(crate) lost: u64,
    /// Images that are neither ready nor failed.
    pub(crate) stuck: u64,
    /// Any other violation.
    pub(crate) wrong: u64,
    /// Users whose usage item is not the sum of their records, or whose records do not count their
    /// originals.
    pub(crate) usage_wrong: u64,
    pub(crate) complaints: Vec<String>,
}

impl Findings {
    pub(crate) fn is_good(&self) -> bool {
        self.lost + self.stuck + self.wrong + self.usage_wrong == 0
    }

    fn complain(&mut self, what: impl Into<String>) {
        if self.complaints.len() < MAX_COMPLAINTS {
            self.complaints.push(what.into());
        }
    }

    fn wrong(&mut self, what: impl Into<String>) {
        self.wrong += 1;
        self.complain(what);
    }
}

/// Checks every upload, object and record.
pub(crate) async fn look(stack: &Stack, uploads: &[Upload]) -> anyhow::Result<Findings> {
    let stored_state = StoredState::of(stack).await?;
    let recipe = recipe()?;
    let mut findings = Findings::default();
    for upload in uploads {
        let id = (upload.identity.clone(), upload.image.clone());
        match (upload.is_deleted, stored_state.originals.contains_key(&id)) {
            (true, true) => findings.wrong(format!("{id:?} was deleted and is there")),
            (true, false) => findings.deleted += 1,
            (false, false) => {
                findings.lost += 1;
                findings.complain(format!("{id:?} was accepted and has no original"));
            }
            (false, true) => {}
        }
    }
    let bytes: BTreeMap<Id, &[u8]> = uploads
        .iter()
        .map(|upload| {
            let id = (upload.identity.clone(), upload.image.clone());
            (id, upload.bytes.as_slice())
        })
        .collect();
    let empty = BTreeSet::new();
    for (id, keys) in &stored_state.originals {
        let [key] = &keys[..] else {
            findings.wrong(format!("{id:?} has several originals: {keys:?}"));
            continue;
        };
        let original = stored_state.get(key).await?;
        if let Some(expected) = bytes.get(id)
            && *expected != original
        {
            findings.wrong(format!("{id:?} is not the file that was accepted last"));
        }
        let Some(record) = stored_state.records.get(id) else {
            findings.lost += 1;
            findings.complain(format!("{id:?} has an original and no record"));
            continue;
        };
        let variants = stored_state.variants.get(id).unwrap_or(&empty);
        judge(
            &mut findings,
            &stored_state,
            &recipe,
            id,
            &original,
            record,
            variants,
        )
        .await?;
    }
    for (id, record) in &stored_state.records {
        if !stored_state.originals.contains_key(id) {
            if record.contains_key("status") {
                findings.wrong(format!("{id:?} has a record and no original"));
            } else {
                findings.abandoned += 1;
            }
        }
    }
    for id in stored_state.variants.keys() {
        if !stored_state.originals.contains_key(id) {
            findings.wrong(format!("{id:?} has variants and no original"));
        }
    }
    for complaint in usage::recount(&stored_state).await? {
        findings.usage_wrong += 1;
        findings.complain(complaint);
    }
    Ok(findings)
}

/// Compares one record with the result of the engine for the same original.
async fn judge(
    findings: &mut Findings,
    stored_state: &StoredState,
    recipe: &Recipe,
    id: &Id,
    original: &[u8],
    record: &Item,
    variants: &BTreeSet<String>,
) -> anyhow::Result<()> {
    let made = engine::generate(recipe, original);
    match text(record, "status") {
        Some("ready") => {
            let Ok(generated) = made else {
                findings.wrong(format!("{id:?} is ready, and its original is broken"));
                return Ok(());
            };
            findings.ready += 1;
            if text(record, "sha256") != Some(&Sha256Sum::of(original).to_hex()) {
                findings.wrong(format!("{id:?} has the digest of another file"));
            }
            let mut expected = BTreeSet::new();
            for variant in &generated.variants {
                let (identity, image) = id;
                let key = format!("thumbnails/dev/{identity}/{image}/{}.jpg", variant.name);
                if !variants.contains(&key) {
                    findings.wrong(format!("{id:?} is ready without {}", variant.name));
                } else if stored_state.get(&key).await? != variant.bytes {
                    findings.wrong(format!("{key} is not made from this original"));
                }
                expected.insert(key);
            }
            if !variants.is_subset(&expected) {
                findings.wrong(format!("{id:?} has variants outside of the variant set"));
            }
        }
        Some("failed") => {
            let failure = record
                .get("failure")
                .and_then(|failure| failure.as_m().ok());
            let code = failure
                .and_then(|failure| failure.get("code"))
                .and_then(|code| code.as_s().ok());
            match (code.map(String::as_str), made) {
                (Some("processing_failed"), _) => findings.given_up += 1,
                (Some(code), Err(failure)) if failure.code == code => {
                    findings.failed += 1;
                    if !variants.is_empty() {
                        findings.wrong(format!("{id:?} has failed and has variants"));
                    }
                }
                (code, made) => {
                    let expected = made.map(|_| "ready").map_err(|failure| failure.code);
                    findings.wrong(format!(
                        "{id:?} has failed with {code:?}; expected: {expected:?}"
                    ));
                }
            }
        }
        status => {
            findings.stuck += 1;
            findings.complain(format!("{id:?} is {}", status.unwrap_or("pending")));
        }
    }
    Ok(())
}

/// Returns the template's default settings.
fn recipe() -> anyhow::Result<Recipe> {
    Ok(Recipe {
        variants: VariantSpec::parse_list("small:160,medium:512,large:1024")
            .map_err(|error| anyhow::anyhow!("{error}"))?,
        jpeg_quality: 80,
        keep_location: KeepLocation::Off,
        accept_heic: true,
        limits: Limits {
            max_image_bytes: 67_108_864,
            max_image_pixels: 210_000_000,
            max_image_edge: 30_000,
            max_image_frames: 5_000,
            max_decoded_bytes: 268_435_456,
            image_deadline: std::time::Duration::from_mins(1),
        },
    })
}
