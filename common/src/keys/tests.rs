use super::*;

const IDENTITY: &str = "eu-west-1:01234567-89ab-cdef-0123-456789abcdef";
const IMAGE: &str = "0190a5d0-7bcd-7abc-8def-0123456789ab";

fn dev() -> Stage {
    Stage::parse("dev").unwrap()
}

#[test]
fn a_key_survives_its_own_text() {
    let text = format!("original-files/dev/{IDENTITY}/{IMAGE}.jpg");
    assert_eq!(OriginalKey::parse(&dev(), &text).unwrap().to_string(), text);
}

#[test]
fn variants_lie_in_a_folder_of_their_image() {
    let key = OriginalKey::parse(
        &dev(),
        &format!("original-files/dev/{IDENTITY}/{IMAGE}.jpg"),
    )
    .unwrap();
    assert_eq!(
        VariantFolder::from(&key).variant("small", VariantFormat::Jpeg),
        format!("thumbnails/dev/{IDENTITY}/{IMAGE}/small.jpg")
    );
}

fn image_ref(image: &str) -> ImageRef {
    ImageRef::parse(&format!("{IDENTITY}/{image}")).unwrap()
}

#[test]
fn places_sort_as_keys_do_and_have_texts_before_and_behind_all_keys_of_an_image() {
    let next = image_ref("0190a5d0-7bcd-7abc-8def-0123456789ac");
    let this = image_ref(IMAGE);
    assert!(this < next);
    for (tree, keys) in [
        (KeyPrefix::Originals, [".0", ".jpg", ".zzzzzzzz"]),
        (KeyPrefix::Variants, ["/", "/a.jpg", "/z.webp"]),
    ] {
        let root = prefix(&dev(), tree, &KeyScope::Stage);
        for key in keys {
            let key_of = |image_ref: &ImageRef| format!("{root}{image_ref}{key}");
            assert!(key_of(&this).starts_with(&prefix(
                &dev(),
                tree,
                &KeyScope::Image(this.clone())
            )));
            assert!(lower_bound(&dev(), tree, &this) < key_of(&this));
            assert!(key_of(&this) < upper_bound(&dev(), tree, &this));
            assert!(upper_bound(&dev(), tree, &this) < key_of(&next));
        }
    }
}

#[test]
fn the_prefix_of_a_user_is_of_no_other() {
    let identity = IdentityId::parse(IDENTITY).unwrap();
    for tree in [KeyPrefix::Originals, KeyPrefix::Variants] {
        let prefix = prefix(&dev(), tree, &KeyScope::User(identity.clone()));
        assert!(prefix.ends_with(&format!("/dev/{IDENTITY}/")), "{prefix}");
    }
}

#[test]
fn a_variant_s_key_survives_its_own_text() {
    let text = format!("thumbnails/dev/{IDENTITY}/{IMAGE}/small.jpg");
    let key = VariantKey::parse(&dev(), &text).unwrap();
    assert_eq!(
        (key.image_ref.clone(), key.file.as_str()),
        (image_ref(IMAGE), "small.jpg")
    );
    assert_eq!(key.in_stage(&dev()), text);
    for text in [
        format!("thumbnails/prod/{IDENTITY}/{IMAGE}/small.jpg"),
        format!("thumbnails/dev/{IDENTITY}/{IMAGE}.jpg"),
        format!("thumbnails/dev/{IDENTITY}/{IMAGE}/a/small.jpg"),
        format!("original-files/dev/{IDENTITY}/{IMAGE}/small.jpg"),
    ] {
        assert!(VariantKey::parse(&dev(), &text).is_err(), "{text}");
    }
}

#[test]
fn keys_that_are_not_ours_are_refused() {
    for (key, error) in [
        (
            format!("thumbnails/dev/{IDENTITY}/{IMAGE}.jpg"),
            KeyError::Prefix,
        ),
        (
            format!("original-files/prod/{IDENTITY}/{IMAGE}.jpg"),
            KeyError::Prefix,
        ),
        (
            format!("original-files/dev2/{IDENTITY}/{IMAGE}.jpg"),
            KeyError::Prefix,
        ),
        (
            format!("original-files/devil/{IDENTITY}/{IMAGE}.jpg"),
            KeyError::Prefix,
        ),
        (
            format!("/original-files/dev/{IDENTITY}/{IMAGE}.jpg"),
            KeyError::Prefix,
        ),
        (String::new(), KeyError::Prefix),
        (
            format!("original-files/dev//{IDENTITY}/{IMAGE}.jpg"),
            KeyError::Shape,
        ),
        (
            format!("original-files/dev/{IDENTITY}//{IMAGE}.jpg"),
            KeyError::Shape,
        ),
        (
            format!("original-files/dev/{IDENTITY}/x/{IMAGE}.jpg"),
            KeyError::Shape,
        ),
        (
            format!("original-files/dev/{IDENTITY}/../{IMAGE}.jpg"),
            KeyError::Shape,
        ),
        (
            format!("original-files/dev/{IDENTITY}/cat.jpg"),
            KeyError::Shape,
        ),
        (
            format!("original-files/dev/{IDENTITY}/{IMAGE}"),
            KeyError::Shape,
        ),
        (
            format!("original-files/dev/{IDENTITY}/{IMAGE}."),
            KeyError::Extension,
        ),
        (
            format!("original-files/dev/{IDENTITY}/{IMAGE}.tar.gz"),
            KeyError::Extension,
        ),
        (
            format!("original-files/dev/{IDENTITY}/{IMAGE}.JPG"),
            KeyError::Extension,
        ),
        (
            format!("original-files/dev/{IDENTITY}/{IMAGE}.jpg/"),
            KeyError::Extension,
        ),
    ] {
        assert_eq!(OriginalKey::parse(&dev(), &key), Err(error), "{key}");
    }
}

#[test]
fn a_stage_can_not_add_a_segment() {
    for text in ["", "Dev", "dev/", "a/b", "1dev", "-", "a2345678901234567"] {
        assert_eq!(Stage::parse(text), Err(KeyError::Stage), "{text}");
    }
}
