//! The words of a launch as a container takes them: one argument each, with the option that it is.

use super::Subject;
use super::yaml::Node;
use crate::estimate::command::options::{self, EngineOption};
use crate::estimate::command::{self, Program};

/// Where a container finds files of models.
pub(super) const MODELS: &str = "/models";

/// An argument.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Argument {
    /// The option with its value, or a word.
    pub words: Vec<String>,
    /// What it is.
    pub option: Option<&'static EngineOption>,
}

impl Argument {
    /// An option of `program` that only a deployment has.
    pub fn own(program: &str, flag: &str, value: Option<String>) -> Self {
        let option = options::of_deployment(program, flag);
        Self { words: std::iter::once(flag.to_owned()).chain(value).collect(), option }
    }
}

/// What a launch of `program` is given, without the program's own name; files of models are where a container has
/// them.
pub(super) fn of(subject: &Subject<'_>, program: Program, starts: &str) -> Vec<Argument> {
    let launch = command::launch(program, &subject.ask);
    let first =
        launch.lines.iter().position(|line| line.words.iter().any(|word| word.text == starts)).unwrap_or(0);
    let words = launch.lines[first..].iter().flat_map(|line| &line.words);
    // Variables of the environment may stand before the program.
    let words = words.skip_while(|word| word.text != starts).skip(1);
    words
        .map(|word| {
            let (flag, value) = match (word.option, word.text.split_once(' ')) {
                (Some(_), Some((flag, value))) => (flag, Some(value)),
                _ => (word.text.as_str(), None),
            };
            let flag = if word.option.is_some() { flag.to_owned() } else { placed(flag) };
            let value = value.map(|value| if is_file(flag.as_str()) { placed(value) } else { plain(value) });
            Argument { words: std::iter::once(flag).chain(value).collect(), option: word.option }
        })
        .collect()
}

/// Options whose value is a file or folder of a model.
fn is_file(flag: &str) -> bool {
    ["-m", "--mmproj", "-md", "--model-path"].contains(&flag)
}

/// Without the quotes of a shell.
fn plain(value: &str) -> String {
    match value.strip_prefix('\'').and_then(|value| value.strip_suffix('\'')) {
        Some(inner) => inner.replace(r"'\''", "'"),
        None => value.to_owned(),
    }
}

/// A file or folder of a model as the container sees it; a repository on the hub stays.
fn placed(value: &str) -> String {
    let value = plain(value);
    let is_file = value.to_ascii_lowercase().ends_with(".gguf");
    if is_file || value.starts_with("./") || value.starts_with('/') {
        let name = value.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or("model");
        format!("{MODELS}/{name}")
    } else {
        value
    }
}

/// The model as it is asked for: the value of what has no option, or of the option for it.
pub(super) fn model(arguments: &[Argument]) -> Option<String> {
    let first = arguments.iter().find(|argument| {
        argument.option.is_none() || argument.words.first().is_some_and(|flag| is_file(flag))
    })?;
    first.words.last().cloned()
}

/// As a list of YAML, each option with its meaning.
pub(super) fn list(arguments: &[Argument]) -> Node {
    let mut nodes = Vec::new();
    for argument in arguments {
        for (place, word) in argument.words.iter().enumerate() {
            let node = Node::from(word.as_str());
            nodes.push(match argument.option {
                Some(option) if place == 0 => node.said(option.means.clone()),
                _ => node,
            });
        }
    }
    Node::List(nodes)
}

/// A key of Ray Serve's file with its meaning.
pub(super) fn key(name: &str, node: Node) -> (String, Node) {
    let means = options::of_deployment("ray-serve", name).map(|option| option.means.clone());
    (
        name.to_owned(),
        match means {
            Some(means) => node.said(means),
            None => node,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_where_the_container_has_them() {
        assert_eq!(placed("Qwen3-14B-Q4_K_M.gguf"), "/models/Qwen3-14B-Q4_K_M.gguf");
        assert_eq!(placed("'/home/a b/x.gguf'"), "/models/x.gguf");
        assert_eq!(placed("./Qwen3-14B-AWQ"), "/models/Qwen3-14B-AWQ");
        assert_eq!(placed("Qwen/Qwen3-14B"), "Qwen/Qwen3-14B");
        assert_eq!(plain(r"'it'\''s'"), "it's");
    }
}
