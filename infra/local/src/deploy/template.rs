//! The template by values. Short forms (`!Sub x`) are read as their long ones (`{"Fn::Sub": x}`),
//! so that a template that was read can be edited and deployed as JSON.

use std::fmt;

use anyhow::{Context as _, bail};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value, json};
use serde_saphyr::Tagged;

use crate::workspace::workspace;

/// The path of the project's template in the workspace.
const PATH: &str = "infra/template.yaml";

/// CloudFormation's functions whose long form is `Fn::` and the name of the short one.
const FUNCTIONS: [&str; 14] = [
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAtt",
    "GetAZs",
    "If",
    "ImportValue",
    "Join",
    "Not",
    "Or",
    "Select",
    "Split",
];

/// A template of CloudFormation or SAM.
#[derive(Clone, Debug, PartialEq)]
pub struct Template(Value);

/// What the deployment needs to know of a resource.
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
}

impl Template {
    /// Reads the project's template.
    pub fn read() -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(workspace().join(PATH))
            .with_context(|| format!("can't read {PATH}"))?;
        Self::parse(&text).with_context(|| format!("{PATH} is no template"))
    }

    /// Parses a template.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let Node(value) = serde_saphyr::from_str(text)?;
        Ok(Self(value))
    }

    /// Returns the value at a path of keys. Absent ones are `null`.
    pub fn at(&self, path: &[&str]) -> &Value {
        path.iter().fold(&self.0, |value, key| &value[*key])
    }

    /// Returns the value as a whole, to be edited.
    pub fn value_mut(&mut self) -> &mut Value {
        &mut self.0
    }

    /// Returns the entries of a section, such as `Conditions`. An absent one has none.
    pub fn section(&self, name: &str) -> impl Iterator<Item = (&str, &Value)> {
        let entries = self.0[name].as_object().into_iter().flatten();
        entries.map(|(name, value)| (name.as_str(), value))
    }

    /// Returns the default of a parameter.
    pub fn default_of(&self, parameter: &str) -> Option<String> {
        scalar(self.at(&["Parameters", parameter, "Default"]))
    }

    /// Returns the resources, whatever their conditions.
    pub fn resources(&self) -> anyhow::Result<Vec<Resource>> {
        let resources: Vec<Resource> = self
            .section("Resources")
            .map(|(name, body)| resource(name, body))
            .collect::<anyhow::Result<_>>()?;
        if resources.is_empty() {
            bail!("the template has no resources");
        }
        Ok(resources)
    }
}

/// Formats the template as JSON, which CloudFormation takes as it takes YAML.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Returns a text, number or boolean as CloudFormation passes it on: as text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Calls a function with every mapping of a value, outer ones first.
pub(super) fn for_each_mapping(value: &mut Value, edit: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(mapping) => {
            edit(mapping);
            for inner in mapping.values_mut() {
                for_each_mapping(inner, edit);
            }
        }
        Value::Array(items) => {
            for item in items {
                for_each_mapping(item, edit);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn resource(name: &str, body: &Value) -> anyhow::Result<Resource> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let events = body["Properties"]["Events"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(event, body)| {
            let kind = text(&body["Type"]);
            let kind = kind.with_context(|| format!("event {event} of {name} has no Type"))?;
            Ok((event.clone(), kind))
        })
        .collect::<anyhow::Result<_>>()?;
    Ok(Resource {
        logical_id: name.to_owned(),
        kind: text(&body["Type"]).with_context(|| format!("{name} has no Type"))?,
        condition: text(&body["Condition"]),
        binary: text(&body["Metadata"]["BuildProperties"]["Binary"]),
        events,
    })
}

/// Returns the long form of a value with a short form's tag.
fn long_form(tag: &str, value: Value) -> Option<Value> {
    let name = tag.strip_prefix('!')?;
    match (name, value) {
        ("Ref" | "Condition", value) => Some(json!({ name: value })),
        ("Sub", value) => Some(json!({ "Fn::Sub": value })),
        ("GetAtt", Value::String(path)) => {
            let (resource, attribute) = path.split_once('.')?;
            Some(json!({ "Fn::GetAtt": [resource, attribute] }))
        }
        (name, value) if FUNCTIONS.contains(&name) => {
            Some(json!({ (format!("Fn::{name}")): value }))
        }
        _ => None,
    }
}

/// A value of the template whose short forms are replaced.
struct Node(Value);

/// A value of which only the inner short forms are replaced.
struct Untagged(Value);

struct UntaggedVisitor;

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Tagged(Untagged(value), tag) = Tagged::deserialize(deserializer)?;
        let Some(tag) = tag else {
            return Ok(Self(value));
        };
        long_form(&tag, value)
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("{tag} is no function of CloudFormation")))
    }
}

impl<'de> Deserialize<'de> for Untagged {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UntaggedVisitor).map(Self)
    }
}

impl<'de> Visitor<'de> for UntaggedVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a template")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        while let Some(Node(item)) = items.next_element()? {
            read.push(item);
        }
        Ok(Value::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut read = Map::new();
        while let Some((key, Node(value))) = entries.next_entry()? {
            read.insert(key, value);
        }
        Ok(Value::Object(read))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Template;

    const TEMPLATE: &str = "\
Parameters:
  Limit:
    Type: Number
    Default: 20
  Name:
    Type: String
    Default: \"\"
  Stage:
    Type: String
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
      Events: { Jobs: { Type: SQS, Properties: { Queue: !GetAtt Queue.Arn } } }
Outputs:
  QueueUrl:
    Value: !Ref Queue
";

    fn template() -> Template {
        Template::parse(TEMPLATE).unwrap()
    }

    #[test]
    fn a_function_names_its_binary_and_its_events() {
        let resources = template().resources().unwrap();
        let [queue, worker] = resources.as_slice() else {
            panic!("{resources:?}");
        };
        assert_eq!(queue.kind, "AWS::SQS::Queue");
        assert_eq!(queue.binary, None);
        assert_eq!(queue.condition.as_deref(), Some("HasQueue"));
        assert_eq!(worker.kind, "AWS::Serverless::Function");
        assert_eq!(worker.binary.as_deref(), Some("thumbnail"));
        assert_eq!(worker.events, [("Jobs".to_owned(), "SQS".to_owned())]);
        assert_eq!(worker.condition, None);
    }

    #[test]
    fn defaults_are_text() {
        let default_of = |name| template().default_of(name);
        assert_eq!(default_of("Limit").as_deref(), Some("20"));
        assert_eq!(default_of("Name").as_deref(), Some(""));
        assert_eq!(default_of("Stage"), None);
    }

    #[test]
    fn short_forms_are_read_as_their_long_ones() {
        for (short, long) in [
            ("!Ref A", json!({ "Ref": "A" })),
            ("!Sub \"${A}/*\"", json!({ "Fn::Sub": "${A}/*" })),
            ("!GetAtt A.B.C", json!({ "Fn::GetAtt": ["A", "B.C"] })),
            (
                "!If [Has, !Ref A, !Ref AWS::NoValue]",
                json!({ "Fn::If": ["Has", { "Ref": "A" }, { "Ref": "AWS::NoValue" }] }),
            ),
            (
                "!Not [!Equals [!Ref A, \"\"]]",
                json!({ "Fn::Not": [{ "Fn::Equals": [{ "Ref": "A" }, ""] }] }),
            ),
            ("!Condition Has", json!({ "Condition": "Has" })),
            ("\"!Ref A\"", json!("!Ref A")),
            ("\"20\"", json!("20")),
            ("20", json!(20)),
            // CloudFormation reads YAML 1.1, in which these are booleans.
            ("off", json!(false)),
            ("\"off\"", json!("off")),
            ("true", json!(true)),
            ("2012-10-17", json!("2012-10-17")),
        ] {
            let template = Template::parse(&format!("A: {short}\n")).unwrap();
            assert_eq!(template.at(&["A"]), &long, "{short}");
        }
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for bad in ["A: !Rf B\n", "A: !GetAtt B\n", "A: 1\nA: 2\n", "A: [\n"] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_resource_without_a_type_is_refused() {
        let template = Template::parse("Resources:\n  Queue:\n    Properties: {}\n").unwrap();
        let error = template.resources().unwrap_err();
        assert_eq!(error.to_string(), "Queue has no Type");
    }

    #[test]
    fn a_template_without_resources_is_refused() {
        let template = Template::parse("Outputs:\n  A:\n    Value: b\n").unwrap();
        assert!(template.resources().is_err());
    }

    #[test]
    fn the_projects_template_can_be_read() {
        let resources = Template::read().unwrap().resources().unwrap();
        let binaries: Vec<_> = resources
            .iter()
            .filter_map(|resource| resource.binary.as_deref())
            .collect();
        for binary in [
            "authorizer",
            "upload",
            "images",
            "dispatch",
            "thumbnail",
            "dead-letter",
        ] {
            assert!(binaries.contains(&binary), "{binary} in {binaries:?}");
        }
    }
}
