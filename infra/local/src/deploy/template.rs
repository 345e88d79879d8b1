//! Reading the template's lines.
//!
//! Line by line and by indentation, on purpose: the short forms (`!Sub`) are tags that YAML
//! libraries drop or rewrite, and the text that is deployed should differ from the file in the
//! edited lines only. A template that is written otherwise than in indented blocks is refused, not
//! guessed at.

use std::ops::Range;

use anyhow::{Context as _, bail};

/// A resource of the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The name in the template.
    pub logical_id: String,
    /// The `Type`.
    pub kind: String,
    /// The `Condition`, of those that have one.
    pub condition: Option<String>,
    /// The binary that a function runs, from `Metadata.BuildProperties.Binary`.
    pub binary: Option<String>,
    /// A function's `Events`: name and type.
    pub events: Vec<(String, String)>,
    /// The lines of its body, without the line that names it.
    pub lines: Range<usize>,
}

/// Reads the resources of a template, whatever their conditions.
pub fn resources(text: &str) -> anyhow::Result<Vec<Resource>> {
    let lines: Vec<&str> = text.lines().collect();
    let section = child(&lines, 0..lines.len(), 0, "Resources")
        .context("the template has no Resources section")?;
    let indent = indent_of(&lines, &section).context("the template has no resources")?;
    keys(&lines, section, indent)
        .into_iter()
        .map(|(name, body)| resource(&lines, name, body))
        .collect()
}

fn resource(lines: &[&str], name: &str, body: Range<usize>) -> anyhow::Result<Resource> {
    let indent = indent_of(lines, &body).with_context(|| format!("{name} is empty"))?;
    let Some(kind) = scalar(lines, body.clone(), indent, "Type") else {
        bail!("{name} has no Type");
    };
    let descend = |path: &[&str]| {
        path.iter().try_fold(body.clone(), |range, key| {
            let indent = indent_of(lines, &range)?;
            child(lines, range, indent, key)
        })
    };
    let binary = descend(&["Metadata", "BuildProperties"]).and_then(|range| {
        let indent = indent_of(lines, &range)?;
        scalar(lines, range, indent, "Binary")
    });
    let mut events = Vec::new();
    if let Some(range) = descend(&["Properties", "Events"])
        && let Some(indent) = indent_of(lines, &range)
    {
        for (event, body) in keys(lines, range, indent) {
            let kind = indent_of(lines, &body)
                .and_then(|indent| scalar(lines, body, indent, "Type"))
                .with_context(|| format!("event {event} of {name} has no Type"))?;
            events.push((event.to_owned(), kind));
        }
    }
    Ok(Resource {
        logical_id: name.to_owned(),
        kind,
        condition: scalar(lines, body.clone(), indent, "Condition"),
        binary,
        events,
        lines: body,
    })
}

/// The body of a key at the given indentation.
pub(super) fn child(
    lines: &[&str],
    range: Range<usize>,
    indent: usize,
    key: &str,
) -> Option<Range<usize>> {
    keys(lines, range, indent)
        .into_iter()
        .find(|(name, _)| *name == key)
        .map(|(_, body)| body)
}

/// The indentation of a block's first line.
pub(super) fn indent_of(lines: &[&str], range: &Range<usize>) -> Option<usize> {
    lines[range.clone()]
        .iter()
        .find(|line| !is_blank(line))
        .map(|line| indentation(line))
}

/// The default of a parameter.
pub(super) fn default_of(lines: &[&str], parameter: &str) -> Option<String> {
    let section = child(lines, 0..lines.len(), 0, "Parameters")?;
    let body = child(
        lines,
        section.clone(),
        indent_of(lines, &section)?,
        parameter,
    )?;
    let indent = indent_of(lines, &body)?;
    child(lines, body.clone(), indent, "Default")?;
    // An empty text is a default too.
    Some(scalar(lines, body, indent, "Default").unwrap_or_default())
}

fn scalar(lines: &[&str], range: Range<usize>, indent: usize, key: &str) -> Option<String> {
    let body = child(lines, range, indent, key)?;
    let (_, value) = lines[body.start - 1].split_once(':')?;
    let value = value.split(" #").next()?.trim().trim_matches(['"', '\'']);
    (!value.is_empty()).then(|| value.to_owned())
}

/// The keys at an indentation with the lines between each and the next.
pub(super) fn keys<'a>(
    lines: &[&'a str],
    range: Range<usize>,
    indent: usize,
) -> Vec<(&'a str, Range<usize>)> {
    let mut found: Vec<(&str, Range<usize>)> = Vec::new();
    for index in range.clone() {
        let line = lines[index];
        if is_blank(line) || indentation(line) > indent {
            continue;
        }
        if let Some((_, body)) = found.last_mut()
            && body.end == range.end
        {
            body.end = index;
        }
        if indentation(line) < indent {
            break;
        }
        if let Some((name, _)) = line.split_once(':') {
            found.push((name.trim().trim_matches(['"', '\'']), index + 1..range.end));
        }
    }
    found
}

fn is_blank(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::resources;

    const TEMPLATE: &str = "\
Globals:
  Function:
    CodeUri: ..
Resources:
  # who
  Queue:
    Type: AWS::SQS::Queue
    Condition: HasQueue

  Worker:
    Type: AWS::Serverless::Function # the worker
    Metadata:
      BuildProperties:
        Binary: thumbnail
    Properties:
      Timeout: 60
      Events:
        Jobs:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
Outputs:
  QueueUrl:
    Value: !Ref Queue
";

    #[test]
    fn resources_are_read_with_their_types() {
        let resources = resources(TEMPLATE).unwrap();
        let read: Vec<_> = resources
            .iter()
            .map(|resource| (resource.logical_id.as_str(), resource.kind.as_str()))
            .collect();
        assert_eq!(
            read,
            [
                ("Queue", "AWS::SQS::Queue"),
                ("Worker", "AWS::Serverless::Function")
            ]
        );
    }

    #[test]
    fn a_function_names_its_binary_and_its_events() {
        let resources = resources(TEMPLATE).unwrap();
        assert_eq!(resources[1].binary.as_deref(), Some("thumbnail"));
        assert_eq!(resources[1].events, [("Jobs".to_owned(), "SQS".to_owned())]);
        assert_eq!(resources[0].binary, None);
        assert_eq!(resources[0].condition.as_deref(), Some("HasQueue"));
        assert_eq!(resources[1].condition, None);
    }

    #[test]
    fn a_resource_without_a_type_is_refused() {
        let error = resources("Resources:\n  Queue:\n    Properties: {}\n").unwrap_err();
        assert_eq!(error.to_string(), "Queue has no Type");
    }

    #[test]
    fn a_template_without_resources_is_refused() {
        assert!(resources("Outputs:\n  A:\n    Value: b\n").is_err());
    }

    #[test]
    fn the_projects_template_can_be_read() {
        let text =
            std::fs::read_to_string(crate::workspace::workspace().join("infra/template.yaml"))
                .unwrap();
        let resources = resources(&text).unwrap();
        let binaries: Vec<_> = resources
            .iter()
            .filter_map(|resource| resource.binary.as_deref())
            .collect();
        for binary in ["authorizer", "upload", "images", "thumbnail", "dead-letter"] {
            assert!(binaries.contains(&binary), "{binary} in {binaries:?}");
        }
    }
}
