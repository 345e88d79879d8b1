//! Reading a function's configuration.

use std::str::FromStr;

use thiserror::Error;

/// A reader of variables that collects all problems, so that an operator can fix them at once.
#[derive(Debug)]
pub struct Settings<F> {
    lookup: F,
    problems: Vec<String>,
}

/// The error that lists every missing or malformed variable.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("the configuration has {} problem(s): {}", .0.len(), .0.join("; "))]
pub struct ConfigError(pub Vec<String>);

impl<F: Fn(&str) -> Option<String>> Settings<F> {
    /// Creates a reader. `lookup` finds a variable: in the process environment in `main`, in a map
    /// in a test.
    pub fn new(lookup: F) -> Self {
        Self {
            lookup,
            problems: Vec::new(),
        }
    }

    /// Reads a text that must be set and not be empty.
    pub fn text(&mut self, name: &str) -> String {
        self.parsed(name, |text| {
            if text.is_empty() {
                Err("is empty")
            } else {
                Ok(text.to_owned())
            }
        })
        .unwrap_or_default()
    }

    /// Reads a text whose empty value means `None`. Its variable must be set all the same, so that
    /// a misspelt name is not taken for an empty value.
    pub fn optional_text(&mut self, name: &str) -> Option<String> {
        self.parsed(name, |text| {
            Ok::<_, std::convert::Infallible>(text.to_owned())
        })
        .filter(|text| !text.is_empty())
    }

    /// Reads a list, separated by commas, of at least one text.
    pub fn list(&mut self, name: &str) -> Vec<String> {
        let list = self.parsed(name, |text| {
            let items = text.split(',').map(str::trim);
            let items = items.filter(|item| !item.is_empty());
            let list: Vec<String> = items.map(str::to_owned).collect();
            if list.is_empty() {
                Err("is empty")
            } else {
                Ok(list)
            }
        });
        list.unwrap_or_default()
    }

    /// Reads a number.
    pub fn number<T: FromStr<Err: std::fmt::Display> + Default>(&mut self, name: &str) -> T {
        self.parsed(name, str::parse).unwrap_or_default()
    }

    /// Reads a choice between `on` and `off`.
    pub fn switch(&mut self, name: &str) -> bool {
        self.parsed(name, |text| match text {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err("is neither on nor off"),
        })
        .unwrap_or_default()
    }

    /// Reads a value with a parser. `None` means a recorded problem, which makes
    /// [`Settings::finish`] fail.
    pub fn parsed<T, E: std::fmt::Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let Some(text) = (self.lookup)(name) else {
            self.problems.push(format!("{name} is not set"));
            return None;
        };
        match parse(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problems.push(format!("{name}={text:?}: {error}"));
                None
            }
        }
    }

    /// Calls `build` if there was no problem. Its `None` can only mean a value with a recorded
    /// problem.
    pub fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, ConfigError> {
        if !self.problems.is_empty() {
            return Err(ConfigError(self.problems));
        }
        build().ok_or_else(|| ConfigError(vec!["a value is missing".to_owned()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_text_is_a_choice_and_a_missing_one_is_a_problem() {
        let mut settings = Settings::new(|name| (name == "A").then(String::new));
        assert_eq!(settings.optional_text("A"), None);
        assert_eq!(settings.optional_text("B"), None);
        let error = settings.finish(|| Some(())).unwrap_err();
        assert_eq!(error.0, ["B is not set"]);
    }

    #[test]
    fn a_list_has_at_least_one_item() {
        let mut settings = Settings::new(|name| Some(name.to_owned()));
        assert_eq!(settings.list("a, b,"), ["a", "b"]);
        let _ = settings.list(",");
        let error = settings.finish(|| Some(())).unwrap_err();
        assert_eq!(error.0, [r#",=",": is empty"#]);
    }

    #[test]
    fn a_switch_is_on_or_off_and_nothing_else() {
        let mut settings = Settings::new(|name| Some(name.to_owned()));
        assert!(settings.switch("on"));
        assert!(!settings.switch("off"));
        let _ = settings.switch("On");
        let error = settings.finish(|| Some(())).unwrap_err();
        assert_eq!(error.0, [r#"On="On": is neither on nor off"#]);
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let mut settings = Settings::new(|name| (name == "B").then(|| "many".to_owned()));
        let (_, _) = (settings.text("A"), settings.number::<u32>("B"));
        let error = settings.finish(|| Some(())).unwrap_err();
        assert_eq!(error.0.len(), 2);
        assert!(error.to_string().contains("A is not set"), "{error}");
        assert!(error.to_string().contains(r#"B="many""#), "{error}");
    }
}
