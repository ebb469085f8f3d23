//! One llama-server that uses the GPUs of other machines, which run llama.cpp's RPC server.

use super::arguments::{self, Argument};
use super::containers::{self, CACHE};
use super::llama::PORT;
use super::yaml::Node;
use super::{Deployment, File, Form, Kind, Stack, Subject};
use crate::estimate::command::Program;
use crate::language::{tr, tr_n};
use crate::machine::Vendor;

/// Port of the RPC server in its documentation.
const RPC_PORT: u32 = 50_052;
/// The image that the Dockerfile makes.
const IMAGE: &str = "llama-rpc:local";

pub(super) fn files(subject: &Subject<'_>, form: Form) -> Result<Deployment, String> {
    if containers::vendor(subject) != Vendor::Nvidia {
        return Err(tr!("Files for llama.cpp's RPC are written for NVIDIA's GPUs only.").to_owned());
    }
    let others = subject.offer.group.machines - 1;
    let mut words = arguments::of(subject, Program::LlamaCppRpc, "llama-server");
    words.push(Argument::own("llama.cpp", "--host", Some("0.0.0.0".to_owned())));
    words.push(Argument::own("llama.cpp", "--port", Some(PORT.to_string())));
    let rpc = rpc_words(subject);
    let mut files =
        vec![File { name: "Dockerfile".to_owned(), kind: Kind::Dockerfile, text: dockerfile(subject) }];
    let mut notes = vec![
        tr!("llama.cpp's own images have no RPC: the Dockerfile builds one that has.").to_owned(),
        tr!("The RPC server trusts everybody: only on a network that is your own.").to_owned(),
    ];
    if subject.offer.replicas > 1 {
        notes.push(tr!(
            "These files are for one of {groups} groups of machines: use them for each, and share the requests \
             among them.",
            groups = subject.offer.replicas
        ));
    }
    let steps = match form {
        Form::Compose => {
            files.extend(compose(subject, &words, &rpc));
            vec![
                tr!("on each machine: {command}", command = format!("docker build -t {IMAGE} .")),
                step_of_helpers(others),
                tr!("on the first: {command}", command = "docker compose -f server.compose.yaml up -d"),
            ]
        }
        Form::Kubernetes => {
            files.push(kubernetes(subject, words, &rpc));
            vec![
                tr!(
                    "{command} and bring the image to each node",
                    command = format!("docker build -t {IMAGE} .")
                ),
                "kubectl apply -f llama-rpc.yaml".to_owned(),
            ]
        }
    };
    Ok(Deployment { stack: Stack::LlamaRpc, form, files, steps, notes })
}

/// What starts the machines that help.
fn step_of_helpers(machines: u32) -> String {
    let command = "docker compose -f rpc.compose.yaml up -d";
    tr_n!(
        machines,
        "on the {machines} machine that help: {command}",
        "on the {machines} machines that help: {command}",
        machines,
        command
    )
}

/// What the RPC server is given.
fn rpc_words(subject: &Subject<'_>) -> Vec<Argument> {
    let all = arguments::of(subject, Program::LlamaCppRpc, "ggml-rpc-server");
    // Its line ends where the next begins, at a word that is no option.
    all.into_iter().take_while(|argument| argument.option.is_some()).collect()
}

fn compose(subject: &Subject<'_>, words: &[Argument], rpc: &[Argument]) -> Vec<File> {
    let service = |program: &str, port: u32, words: &[Argument]| {
        let service = Node::map([
            ("image", IMAGE.into()),
            ("restart", "unless-stopped".into()),
            ("ports", Node::texts([format!("{port}:{port}")])),
            ("volumes", containers::volumes(CACHE)),
            ("entrypoint", Node::texts([program])),
            ("command", arguments::list(words)),
        ]);
        Node::map([("services", Node::map([("llama", containers::with_gpus(service, subject))]))])
    };
    vec![
        File {
            name: "rpc.compose.yaml".to_owned(),
            kind: Kind::Compose,
            text: service("/llama/ggml-rpc-server", RPC_PORT, rpc)
                .document(&subject.remarks("on each machine that helps")),
        },
        File {
            name: "server.compose.yaml".to_owned(),
            kind: Kind::Compose,
            text: service("/llama/llama-server", PORT, words)
                .document(&subject.remarks("on the first machine; put the addresses of the others")),
        },
    ]
}

fn kubernetes(subject: &Subject<'_>, mut words: Vec<Argument>, rpc: &[Argument]) -> File {
    let name = subject.name();
    let helper = format!("{name}-rpc");
    let others = subject.offer.group.machines - 1;
    for argument in &mut words {
        if argument.words.first().is_some_and(|flag| flag == "--rpc") {
            let pods: Vec<String> =
                (0..others).map(|pod| format!("{helper}-{pod}.{helper}:{RPC_PORT}")).collect();
            argument.words = vec!["--rpc".to_owned(), pods.join(",")];
        }
    }
    let server = super::llama::deployment(
        &Subject { offer: &one_group(subject), ..*subject },
        &name,
        IMAGE,
        &words,
        PORT,
        Some(Node::texts(["/llama/llama-server"])),
    );
    let nodes = [
        helpers(subject, &helper, others, rpc),
        headless(&helper),
        server,
        containers::service(&name, containers::labels(&name), PORT),
    ];
    File {
        name: "llama-rpc.yaml".to_owned(),
        kind: Kind::Kubernetes,
        text: containers::documents(&subject.remarks("one server and the machines that help it"), &nodes),
    }
}

/// One group by itself.
fn one_group(subject: &Subject<'_>) -> crate::estimate::several::Offer {
    crate::estimate::several::Offer { replicas: 1, ..subject.offer.clone() }
}

/// Pods that lend their GPUs, each with a name of its own.
fn helpers(subject: &Subject<'_>, name: &str, pods: u32, words: &[Argument]) -> Node {
    let port = Node::map([("containerPort", RPC_PORT.into())]);
    let mut container = Node::map([
        ("name", "rpc".into()),
        ("image", IMAGE.into()),
        ("command", Node::texts(["/llama/ggml-rpc-server"])),
        ("args", arguments::list(words)),
        ("ports", Node::List(vec![port])),
    ]);
    if let Some(resources) = containers::resources(subject) {
        container = container.with("resources", resources);
    }
    let template = Node::map([
        ("metadata", Node::map([("labels", containers::labels(name))])),
        ("spec", Node::map([("containers", Node::List(vec![container]))])),
    ]);
    let spec = Node::map([
        ("serviceName", name.into()),
        ("replicas", pods.into()),
        ("selector", Node::map([("matchLabels", containers::labels(name))])),
        ("template", template),
    ]);
    Node::map([
        ("apiVersion", "apps/v1".into()),
        ("kind", "StatefulSet".into()),
        ("metadata", Node::map([("name", name.into())])),
        ("spec", spec),
    ])
}

/// What gives each of these pods an address.
fn headless(name: &str) -> Node {
    let port = Node::map([("name", "rpc".into()), ("port", RPC_PORT.into())]);
    let spec = Node::map([
        ("clusterIP", "None".into()),
        ("selector", containers::labels(name)),
        ("ports", Node::List(vec![port])),
    ]);
    Node::map([
        ("apiVersion", "v1".into()),
        ("kind", "Service".into()),
        ("metadata", Node::map([("name", name.into())])),
        ("spec", spec),
    ])
}

fn dockerfile(subject: &Subject<'_>) -> String {
    let remarks = super::comments(&subject.remarks("llama.cpp with RPC"));
    let image = containers::plain_image("cuda-build");
    format!(
        "{remarks}FROM {image}\nRUN apt-get update && apt-get install -y --no-install-recommends git cmake \
         build-essential libssl-dev ca-certificates\nRUN git clone --depth 1 https://github.com/ggml-org/llama.cpp \
         /src\nRUN cmake -S /src -B /src/build -DGGML_CUDA=ON -DGGML_RPC=ON && cmake --build /src/build --config \
         Release -j && ln -s /src/build/bin /llama\n"
    )
}
