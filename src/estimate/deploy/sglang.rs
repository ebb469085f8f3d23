//! `SGLang`: a server a machine, or one over several.

use super::arguments::{self, Argument};
use super::containers::{self, CACHE};
use super::yaml::Node;
use super::{Deployment, File, Form, Kind, Stack, Subject, llama};
use crate::estimate::command::Program;
use crate::language::tr;

/// Port of `SGLang` in its documentation.
const PORT: u32 = 30_000;
/// Port at which machines meet, in its documentation.
const MEETING_PORT: u32 = 50_000;

pub(super) fn files(subject: &Subject<'_>, form: Form) -> Result<Deployment, String> {
    let image = containers::image(subject, "sglang")?;
    let machines = subject.offer.group.machines;
    let mut words = arguments::of(subject, Program::Sglang, "python3");
    // The module that starts the server stands before the options.
    words.retain(|argument| argument.words.first().is_none_or(|flag| flag != "-m"));
    words.push(Argument::own("sglang", "--host", Some("0.0.0.0".to_owned())));
    words.push(Argument::own("sglang", "--port", Some(PORT.to_string())));
    let mut notes = Vec::new();
    let model = arguments::model(&words).unwrap_or_default();
    if let Some(folder) = model.strip_prefix(arguments::MODELS) {
        notes.push(tr!(
            "A checkpoint of this quantization must be there on each machine as {place}.",
            place = format!("{}{folder}", containers::FOLDER)
        ));
    }
    let (files, steps) = match form {
        Form::Compose => compose(subject, image, &words),
        Form::Kubernetes => {
            (vec![kubernetes(subject, image, &words)], vec!["kubectl apply -f sglang.yaml".to_owned()])
        }
    };
    if machines > 1 && subject.offer.replicas > 1 && form == Form::Compose {
        notes.push(tr!(
            "The files of the ranks are for one of {groups} groups of {machines} machines: in each group put the \
             address of its first.",
            groups = subject.offer.replicas,
            machines
        ));
    }
    Ok(Deployment { stack: Stack::Sglang, form, files, steps, notes })
}

/// What starts the server.
fn module() -> Node {
    Node::texts(["python3", "-m", "sglang.launch_server"])
}

fn compose(subject: &Subject<'_>, image: &str, words: &[Argument]) -> (Vec<File>, Vec<String>) {
    let machines = subject.offer.group.machines;
    let service = |words: &[Argument]| {
        let service = Node::map([
            ("image", image.into()),
            ("restart", "unless-stopped".into()),
            ("network_mode", Node::from("host").said("Machines talk over many ports")),
            ("ipc", Node::from("host").said("Cards of one machine talk through shared memory")),
            ("volumes", containers::volumes(CACHE)),
            ("entrypoint", module()),
            ("command", arguments::list(words)),
        ]);
        Node::map([("services", Node::map([("sglang", containers::with_gpus(service, subject))]))])
    };
    let file = |name: String, words: &[Argument], what: &str| File {
        name,
        kind: Kind::Compose,
        text: service(words).document(&subject.remarks(what)),
    };
    let mut steps = Vec::new();
    let mut files = if machines == 1 {
        steps
            .push(tr!("on each machine: {command}", command = "docker compose -f server.compose.yaml up -d"));
        vec![file("server.compose.yaml".to_owned(), words, "on each machine")]
    } else {
        steps.push(tr!(
            "on machine N of a group, from 0: {command}",
            command = "docker compose -f rank-N.compose.yaml up -d"
        ));
        let rank = |rank: u32| {
            let mut all = words.to_vec();
            all.extend(meeting(format!("MACHINE1:{MEETING_PORT}"), machines));
            all.push(Argument::own("sglang", "--node-rank", Some(rank.to_string())));
            let what = format!("on machine {} of {machines}; put the address of the first", rank + 1);
            file(format!("rank-{rank}.compose.yaml"), &all, &what)
        };
        (0..machines).map(rank).collect()
    };
    files.extend(llama::balancer(subject, PORT));
    if subject.offer.replicas > 1 {
        steps.push(tr!(
            "on one of them: {command}",
            command = "docker compose -f balancer.compose.yaml up -d"
        ));
    }
    (files, steps)
}

fn meeting(address: String, machines: u32) -> [Argument; 2] {
    [
        Argument::own("sglang", "--dist-init-addr", Some(address)),
        Argument::own("sglang", "--nnodes", Some(machines.to_string())),
    ]
}

fn kubernetes(subject: &Subject<'_>, image: &str, words: &[Argument]) -> File {
    let name = subject.name();
    let machines = subject.offer.group.machines;
    let nodes = if machines == 1 {
        vec![
            llama::deployment(subject, &name, image, words, PORT, Some(module())),
            containers::service(&name, containers::labels(&name), PORT),
        ]
    } else {
        let mut nodes = Vec::new();
        for group in 0..subject.offer.replicas {
            nodes.extend(ranks(subject, &name, group, image, words));
        }
        let first =
            containers::labels(&name).with("apps.kubernetes.io/pod-index", Node::Text("0".to_owned()));
        nodes.push(containers::service(&name, first, PORT));
        nodes
    };
    let what = if machines == 1 { "a pod a machine" } else { "groups of pods, a pod a machine" };
    File {
        name: "sglang.yaml".to_owned(),
        kind: Kind::Kubernetes,
        text: containers::documents(&subject.remarks(what), &nodes),
    }
}

/// Pods of one group, numbered, and what gives them addresses.
fn ranks(subject: &Subject<'_>, name: &str, group: u32, image: &str, words: &[Argument]) -> [Node; 2] {
    let machines = subject.offer.group.machines;
    let set = format!("{name}-{group}");
    let mut all = words.to_vec();
    all.extend(meeting(format!("{set}-0.{set}:{MEETING_PORT}"), machines));
    all.push(Argument::own("sglang", "--node-rank", Some("$(POD_INDEX)".to_owned())));
    let field = Node::map([("fieldPath", "metadata.labels['apps.kubernetes.io/pod-index']".into())]);
    let index = Node::map([("name", "POD_INDEX".into()), ("valueFrom", Node::map([("fieldRef", field)]))]);
    let (mounts, volumes) = containers::mounts(CACHE);
    let mut container = Node::map([
        ("name", "server".into()),
        ("image", image.into()),
        ("command", module()),
        ("args", arguments::list(&all)),
        ("env", Node::List(vec![index])),
        ("volumeMounts", mounts),
    ]);
    if let Some(resources) = containers::resources(subject) {
        container = container.with("resources", resources);
    }
    let own = containers::labels(name).with("plimsoll/group", Node::Text(group.to_string()));
    let template = Node::map([
        ("metadata", Node::map([("labels", own.clone())])),
        ("spec", Node::map([("containers", Node::List(vec![container])), ("volumes", volumes)])),
    ]);
    let spec = Node::map([
        ("serviceName", set.as_str().into()),
        ("replicas", machines.into()),
        ("podManagementPolicy", Node::from("Parallel").said("They wait for each other")),
        ("selector", Node::map([("matchLabels", own.clone())])),
        ("template", template),
    ]);
    let pods = Node::map([
        ("apiVersion", "apps/v1".into()),
        ("kind", "StatefulSet".into()),
        ("metadata", Node::map([("name", set.as_str().into())])),
        ("spec", spec),
    ]);
    let port = Node::map([("name", "meeting".into()), ("port", MEETING_PORT.into())]);
    let address = Node::map([
        ("apiVersion", "v1".into()),
        ("kind", "Service".into()),
        ("metadata", Node::map([("name", set.as_str().into())])),
        (
            "spec",
            Node::map([
                ("clusterIP", "None".into()),
                ("publishNotReadyAddresses", true.into()),
                ("selector", own),
                ("ports", Node::List(vec![port])),
            ]),
        ),
    ]);
    [pods, address]
}
