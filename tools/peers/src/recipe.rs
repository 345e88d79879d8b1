//! Recipes with the limits of a deployed worker.

use common::config::Settings;
use engine::Recipe;

const TEMPLATE: &str = include_str!("../../../infra/template.yaml");

/// Builds the recipe of one lossless variant, with what the template sets by default.
pub(crate) fn recipe(edge: u32) -> anyhow::Result<Recipe> {
    let mut settings = Settings::new(|name| match name {
        "HIKIDASHI_VARIANTS" => Some(format!("variant:{edge}:png")),
        _ => default_of(name),
    });
    let recipe = Recipe::from_settings(&mut settings);
    Ok(settings.finish(|| recipe)?)
}

/// Returns the default of the parameter to which the template sets a variable.
fn default_of(variable: &str) -> Option<String> {
    let reference = format!("{variable}: !Ref ");
    let mut lines = TEMPLATE.lines().map(str::trim_start);
    let parameter = lines.find_map(|line| line.strip_prefix(&reference))?;
    let declaration = format!("  {parameter}:");
    let default = TEMPLATE
        .lines()
        .skip_while(|line| *line != declaration)
        .find_map(|line| line.strip_prefix("    Default: "))?;
    Some(default.trim_matches(['"', '\'']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_the_template_s() {
        let limits = recipe(96).unwrap().limits;
        assert_eq!(
            default_of("HIKIDASHI_MAX_IMAGE_PIXELS"),
            Some(limits.max_image_pixels.to_string())
        );
        assert!(limits.max_image_pixels >= 50_000_000);
        assert!(limits.max_decoded_bytes >= 256 << 20);
    }

    #[test]
    fn a_variable_that_the_template_does_not_set_has_no_default() {
        assert_eq!(default_of("HIKIDASHI_NO_SUCH_THING"), None);
    }
}
